import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { StoredEntry } from "../../aggregator/journal/format.ts";
import type { Message } from "../../aggregator/sinks/publishing/messages.ts";
import { FakeCluster } from "./fake_cluster.ts";
import { ENTRIES, expected, messagesOf, publish } from "./publish.ts";

/** An entry that a whole fleet has lost something with. */
function many({ index }: Pick<StoredEntry, "index">): Message[] {
  return Array.from({ length: 100 }, (_, ordinal) => ({
    ...{ topic: "losses" as const, key: "drone-1", path: [] },
    ...{ value: new Uint8Array(10), position: { index, ordinal } },
  }));
}

describe("a publisher whose broker takes not every size", () => {
  it("leaves out what no broker takes for its size, alone, and sends everything else", async () => {
    const cluster = new FakeCluster(1);
    cluster.bytesMax = 50;
    const large = (stored: StoredEntry) =>
      messagesOf(stored).map((message) => stored.index === 7 ? { ...message, value: new Uint8Array(60) } : message);
    const { publisher, leftOut, upTo } = publish(cluster, { messagesOf: large });
    publisher.durable(ENTRIES);
    await upTo(ENTRIES);
    await publisher.close();
    assertEquals(leftOut.map(({ position: { index, ordinal } }) => `${index}/${ordinal}`), ["7/0", "7/1", "7/2"]);
    assertLess(cluster.opened, 30, "looked at anew for each that is too large, and while that is looked for");
    const { "telemetry/0": all = [] } = await expected(1);
    assertEquals(cluster.places()["telemetry/0"], all.filter((place) => !place.startsWith("7/")));
  });

  it("sends what comes within a moment together", async () => {
    const cluster = new FakeCluster(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const { publisher, upTo } = publish(cluster, { linger: () => promise });
    for (let index = 1; index <= ENTRIES; index++) {
      publisher.durable(index);
      await new Promise((turn) => setTimeout(turn));
    }
    assertEquals(cluster.sends, []);
    resolve();
    await upTo(ENTRIES);
    assertEquals(cluster.sends.length, 2, "of alerts, and of all else");
    await publisher.close();
  });

  for (const namesTooLarge of [true, false]) {
    it(`finds one among many that is too large without a pause, ${namesTooLarge ? "named" : "looked for"}`, async () => {
      const cluster = new FakeCluster(1);
      Object.assign(cluster, { bytesMax: 50, namesTooLarge, settleMs: 35_000 });
      let pausedMs = 0;
      const { publisher, troubles, leftOut, upTo } = publish(cluster, {
        messagesOf: ({ index }) =>
          many({ index }).map((message, i) =>
            index === 3 && i === 99 ? { ...message, value: new Uint8Array(60) } : message
          ),
        pause: (ms) => (pausedMs += ms, Promise.resolve()),
      });
      publisher.durable(20);
      await upTo(20);
      await publisher.close();
      assertEquals([pausedMs, troubles, leftOut.map(({ position }) => position)], [0, [], [{ index: 3, ordinal: 99 }]]);
      assertEquals(cluster.places()["losses/0"]?.length, 1999);
      assertLess(cluster.opened, namesTooLarge ? 3 : 15);
      assertLess(cluster.sends.length, namesTooLarge ? 4 : 30);
    });
  }

  it("sends many at once again when none of a batch is too large but all of them together", async () => {
    const cluster = new FakeCluster(1);
    cluster.messagesMax = 500;
    const { publisher, leftOut, upTo } = publish(cluster, { messagesOf: many });
    publisher.durable(ENTRIES);
    await upTo(ENTRIES);
    cluster.messagesMax = Infinity;
    cluster.sends = [];
    publisher.durable(2 * ENTRIES);
    await upTo(2 * ENTRIES);
    await publisher.close();
    assertEquals(leftOut, []);
    assertEquals(cluster.places()["losses/0"]?.length, 2 * ENTRIES * 100);
    assertEquals(Math.max(...cluster.sends), 2000);
  });

  it("sends at once no more than brokers take", async () => {
    const cluster = new FakeCluster(1);
    const wide = (stored: StoredEntry) =>
      messagesOf(stored).map((message) => ({ ...message, value: new Uint8Array(200 << 10) }));
    const { publisher, upTo } = publish(cluster, { messagesOf: wide });
    publisher.durable(ENTRIES);
    await upTo(ENTRIES);
    await publisher.close();
    assertEquals(Math.max(...cluster.sends), 2);
  });
});
