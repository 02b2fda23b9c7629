import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Queue } from "../../edge/uplink/queue.ts";

interface Item {
  n: number;
  next: Item | null;
}

describe("Queue", () => {
  it("does what a list does, whatever is done to two of them", () => {
    const action = fc.tuple(fc.constantFrom("push", "push", "shift", "append", "move"), fc.boolean());
    fc.assert(fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      let queues = [new Queue<Item>(), new Queue<Item>()];
      let lists: number[][] = [[], []];
      for (const [n, [what, second]] of actions.entries()) {
        const [at, other] = second ? [1, 0] : [0, 1];
        if (what === "push") {
          queues[at]!.push({ n, next: null });
          lists[at]!.push(n);
        } else if (what === "shift") {
          assertEquals(queues[at]!.shift()?.n, lists[at]!.shift());
        } else if (what === "append") {
          queues[at]!.append(queues[other]!);
          lists[at]!.push(...lists[other]!.splice(0));
        } else {
          // Every item in its turn into a new queue, as a replay does.
          const moved = new Queue<Item>();
          for (const item of queues[at]!) moved.push(item);
          queues = queues.map((queue, i) => i === at ? moved : queue);
          lists = lists.map((list) => [...list]);
        }
        assertEquals(queues.map((queue) => Array.from(queue, (item) => item.n)), lists);
        assertEquals(queues.map(({ length }) => length), lists.map(({ length }) => length));
        assertEquals(queues.map(({ first }) => first?.n), lists.map((list) => list[0]));
      }
    }));
  });

  it("stays as it is when it is put behind itself", () => {
    const queue = new Queue<Item>();
    queue.push({ n: 1, next: null });
    queue.append(queue);
    assertEquals([queue.length, Array.from(queue, ({ n }) => n)], [1, [1]]);
  });
});
