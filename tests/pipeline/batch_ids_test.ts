import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BatchIds } from "../../aggregator/batch/batch_ids.ts";

function id(number: number): Uint8Array {
  const bytes = new Uint8Array(16).fill(0xee);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function filled({ max, count }: { max: number; count: number }): BatchIds {
  const ids = new BatchIds(max);
  for (let number = 1; number <= count; number++) ids.add(id(number));
  return ids;
}

describe("the ids of batches taken lately", () => {
  for (const count of [0, 1, 4, 5, 6, 12, 13]) {
    it(`are the last five of ${count}, also after a checkpoint`, () => {
      const live = filled({ max: 5, count });
      const restored = new BatchIds(5);
      restored.restore(live.save());
      for (const ids of [live, restored]) {
        for (let number = 1; number <= count + 1; number++) {
          assertEquals(ids.has(id(number)), number > count - 5 && number <= count, `${number}`);
        }
      }
      for (const ids of [live, restored]) for (const number of [100, 101, 102]) ids.add(id(number));
      assertEquals(restored.save(), live.save());
    });
  }

  it("grow beyond what they began with", () => {
    const ids = filled({ max: 5000, count: 4000 });
    assertEquals(ids.save().length, 4000 * 16);
    assert(ids.has(id(1)) && ids.has(id(4000)));
  });
});
