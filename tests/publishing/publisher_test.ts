import { assertEquals, assertLess, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { StoredEntry } from "../../aggregator/journal/format.ts";
import type { Message } from "../../aggregator/sinks/publishing/messages.ts";
import { AnotherWriter, Publisher, type PublisherParts } from "../../aggregator/sinks/publishing/publisher.ts";
import { FakeCluster, type Fault } from "./fake_cluster.ts";

const JOURNAL = "journal-1";
const ENTRIES = 40;

/** An entry of several drones, with a window or an alert now and then. */
function messagesOf({ index }: Pick<StoredEntry, "index">): Message[] {
  const telemetry = Array.from({ length: index % 5 }, (_, i) => ({ topic: "telemetry" as const, key: `drone-${i}` }));
  const metrics = index % 7 === 0 ? [{ topic: "metrics" as const, key: "tumbling" }] : [];
  const alerts = index % 3 === 0 ? [{ topic: "alerts" as const, key: `${index % 4}` }] : [];
  return [...telemetry, ...metrics, ...alerts]
    .map((message, ordinal) => ({ ...message, path: [], value: new Uint8Array(10), position: { index, ordinal } }));
}

/** An entry that a whole fleet has lost something with. */
function many({ index }: Pick<StoredEntry, "index">): Message[] {
  return Array.from({ length: 100 }, (_, ordinal) => ({
    ...{ topic: "losses" as const, key: "drone-1", path: [] },
    ...{ value: new Uint8Array(10), position: { index, ordinal } },
  }));
}

/** A journal of entries that are only their number. */
function reading(afterIndex = 0): PublisherParts["read"] {
  let last = afterIndex;
  return function* (durableIndex) {
    while (last < durableIndex) yield { index: ++last, timeUs: 0, body: new Uint8Array() };
  };
}

interface Published {
  publisher: Publisher;
  troubles: (string | null)[];
  leftOut: Message[];
  losses: { name: string; messages: number }[];
  sent: { messages: number };
  /** Resolves when everything up to the entry is with the cluster. */
  upTo: (index: number) => Promise<void>;
}

function publish(cluster: FakeCluster, parts: Partial<PublisherParts> = {}): Published {
  const troubles: (string | null)[] = [];
  const leftOut: Message[] = [];
  const losses: Published["losses"] = [];
  const sent = { messages: 0 };
  let [reached, tell] = [0, () => {}];
  const publisher = new Publisher({
    ...{ journalId: JOURNAL, publishedIndex: 0, read: reading(), messagesOf },
    connect: () => cluster.connect(parts.journalId ?? JOURNAL),
    pause: () => Promise.resolve(),
    onPublished: ({ index }) => {
      reached = index;
      tell();
    },
    onSent: (counts) => {
      for (const count of Object.values(counts)) sent.messages += count;
    },
    onTooLarge: (message) => leftOut.push(message),
    onLost: (lost) => losses.push(lost),
    onTrouble: (why) => troubles.push(why),
    ...parts,
  });
  const upTo = async (index: number) => {
    while (reached < index) await Promise.race([new Promise<void>((resolve) => tell = resolve), publisher.ended]);
  };
  return { publisher, troubles, leftOut, losses, sent, upTo };
}

/** What a cluster without faults has in the end. */
async function expected(partitions: number): Promise<ReturnType<FakeCluster["places"]>> {
  const cluster = new FakeCluster(partitions);
  const { publisher, upTo } = publish(cluster);
  publisher.durable(ENTRIES);
  await upTo(ENTRIES);
  await publisher.close();
  return cluster.places();
}

describe("a publisher", () => {
  it("sends what the journal holds once, in order, whatever becomes of a connection", async () => {
    const whole = await expected(3);
    const faults = fc.array(fc.constantFrom<(Fault | null)[]>(null, "unreachable", "nothing", "some", "everything"));
    await fc.assert(fc.asyncProperty(faults, fc.array(fc.integer({ min: 1, max: ENTRIES })), async (faults, steps) => {
      const cluster = new FakeCluster(3);
      cluster.faults = faults;
      const { publisher, sent, upTo } = publish(cluster);
      for (const step of [...steps, ENTRIES]) publisher.durable(step);
      await upTo(ENTRIES);
      await publisher.close();
      assertEquals(cluster.places(), whole);
      assertEquals(sent.messages, Object.values(whole).flat().length);
    }));
  });

  it("sends nothing of what is dropped while nobody knows what arrived, and everything else once", async () => {
    const placesOf = (cluster: FakeCluster, isWanted: (message: Message) => boolean) =>
      [...cluster.partitions.values()].map((stored) =>
        stored.map(({ message }) => message).filter(isWanted).map(({ position }) => position)
      );
    const isDropped = ({ key }: Message) => key === "drone-1";
    const whole = new FakeCluster(2);
    const plain = publish(whole);
    plain.publisher.durable(ENTRIES);
    await plain.upTo(ENTRIES);
    await plain.publisher.close();
    const faults = fc.array(fc.constantFrom<(Fault | null)[]>(null, "unreachable", "nothing", "some", "everything"));
    await fc.assert(fc.asyncProperty(faults, fc.nat(4), async (faults, pausesBefore) => {
      const cluster = new FakeCluster(2);
      cluster.faults = faults;
      let pauses = 0;
      let arrived = placesOf(whole, isDropped);
      const left = (message: Message) => pauses > pausesBefore && isDropped(message) ? null : message;
      const { publisher, upTo } = publish(cluster, {
        messagesOf: (stored) => messagesOf(stored).flatMap((message) => left(message) ?? []),
        pause: () => {
          if (pauses++ === pausesBefore) {
            publisher.change(left);
            arrived = placesOf(cluster, isDropped);
          }
          return Promise.resolve();
        },
      });
      publisher.durable(ENTRIES);
      await upTo(ENTRIES);
      await publisher.close();
      assertEquals(
        placesOf(cluster, (message) => !isDropped(message)),
        placesOf(whole, (message) => !isDropped(message)),
      );
      assertEquals(placesOf(cluster, isDropped), arrived);
    }));
  });

  it("goes on after a restart where each partition is, from whichever entry it reads", async () => {
    const whole = await expected(3);
    const faults = fc.array(fc.constantFrom<(Fault | null)[]>(null, "some", "everything"), { maxLength: 6 });
    const entry = fc.integer({ min: 0, max: ENTRIES });
    await fc.assert(fc.asyncProperty(faults, entry, entry, async (faults, ended, from) => {
      const cluster = new FakeCluster(3);
      cluster.faults = faults;
      const first = publish(cluster);
      first.publisher.durable(ended);
      if (ended > 0) await first.upTo(ended);
      await first.publisher.close();
      const afterIndex = Math.min(from, ended);
      const second = publish(cluster, { read: reading(afterIndex), publishedIndex: afterIndex });
      second.publisher.durable(ENTRIES);
      if (afterIndex < ENTRIES) await second.upTo(ENTRIES);
      await second.publisher.close();
      assertEquals(cluster.places(), whole);
    }));
  });

  it("reads again what is with Kafka, and does not send it", async () => {
    const cluster = new FakeCluster(1);
    const { publisher, upTo } = publish(cluster, { publishedIndex: 31 });
    publisher.durable(ENTRIES);
    await upTo(ENTRIES);
    await publisher.close();
    assertEquals(cluster.places()["telemetry/0"]?.[0], "32/0");
  });

  it("sends nothing more once somebody else has written, and says so", async () => {
    const cluster = new FakeCluster(1);
    const ours = publish(cluster);
    ours.publisher.durable(10);
    await ours.upTo(10);
    const theirs = publish(cluster, { journalId: "journal-2" });
    theirs.publisher.durable(5);
    await theirs.upTo(5);
    const before = cluster.places();
    ours.publisher.durable(ENTRIES);
    await assertRejects(() => ours.publisher.ended, AnotherWriter, "not ours");
    const after = cluster.places();
    // What met the other's messages had arrived: it is not sent again, and nothing follows.
    assertEquals(after["telemetry/0"]?.slice(0, before["telemetry/0"]?.length), before["telemetry/0"]);
    await theirs.publisher.close();
  });

  it("goes on when a topic was deleted, says what that has lost, and sends nothing of it again", async () => {
    const cluster = new FakeCluster(1);
    const { publisher, losses, upTo } = publish(cluster);
    publisher.durable(20);
    await upTo(20);
    const before = cluster.places()["telemetry/0"]?.length;
    cluster.partitions.set("telemetry/0", []);
    cluster.faults = ["nothing"];
    publisher.durable(ENTRIES);
    await upTo(ENTRIES);
    await publisher.close();
    const whole = await expected(1);
    assertEquals(losses, [{ name: "telemetry/0", messages: before! }]);
    assertEquals(cluster.places(), { ...whole, "telemetry/0": whole["telemetry/0"]!.slice(before) });
  });

  it("says why nothing can be sent, and when it can again", async () => {
    const cluster = new FakeCluster(1);
    cluster.faults = ["unreachable", null, "nothing"];
    const { publisher, troubles, upTo } = publish(cluster);
    publisher.durable(ENTRIES);
    await upTo(ENTRIES);
    await publisher.close();
    assertEquals(troubles, ["Connection refused", null, "Broken off: nothing", null]);
  });

  it("waits, when nobody has said what became of something, until that can be seen", async () => {
    const cluster = new FakeCluster(1);
    cluster.settleMs = 35_000;
    cluster.faults = ["unreachable", null, "everything", "unreachable"];
    const pauses: number[] = [];
    const pause = (ms: number) => (pauses.push(ms), Promise.resolve());
    const { publisher, upTo } = publish(cluster, { pause });
    publisher.durable(ENTRIES);
    await upTo(ENTRIES);
    await publisher.close();
    assertEquals(pauses.filter((ms) => ms >= 35_000).length, 1);
    assertEquals(cluster.places(), await expected(1));
  });

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

  it("sends alerts before whatever else came with them, by themselves", async () => {
    const cluster = new FakeCluster(1);
    const { publisher, upTo } = publish(cluster);
    publisher.durable(ENTRIES);
    await upTo(ENTRIES);
    assertEquals(cluster.sends, [13, 85]);
    await publisher.close();
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
