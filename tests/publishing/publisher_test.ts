import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { AnotherWriter } from "../../aggregator/sinks/publishing/broker.ts";
import type { Message } from "../../aggregator/sinks/publishing/messages.ts";
import { FakeCluster, type Fault } from "./fake_cluster.ts";
import { ENTRIES, expected, messagesOf, publish, reading } from "./publish.ts";

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

  it("goes on when what arrived is too old to be there, and sends none of it again", async () => {
    const cluster = new FakeCluster(1);
    cluster.faults = [null, "everything"];
    const { publisher, losses, upTo } = publish(cluster, {
      pause: () => (cluster.isExpired = true, Promise.resolve()),
    });
    publisher.durable(ENTRIES);
    await upTo(ENTRIES);
    await publisher.close();
    const whole = await expected(1);
    assertEquals(cluster.places(), whole);
    assertEquals(losses, [{ name: "alerts/0", messages: whole["alerts/0"]!.length }]);
  });

  it("takes no more for what it has sent than that", async () => {
    const cluster = new FakeCluster(1);
    cluster.faults = [null, "nothing"];
    const wide = (index: number): Message => ({
      ...{ topic: "losses", key: "drone-1", path: [], value: new Uint8Array(200 << 10) },
      position: { index, ordinal: 0 },
    });
    const strangers = [1, 2, 3].map((index) => ({ journalId: "nobody's", message: wide(index) }));
    const { publisher } = publish(cluster, {
      messagesOf: ({ index }) => [wide(index)],
      pause: () => {
        cluster.isExpired = true;
        cluster.partitions.set("losses/0", strangers);
        return Promise.resolve();
      },
    });
    publisher.durable(ENTRIES);
    await assertRejects(() => publisher.ended, AnotherWriter, "nobody known");
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

  it("sends alerts before whatever else came with them, by themselves", async () => {
    const cluster = new FakeCluster(1);
    const { publisher, upTo } = publish(cluster);
    publisher.durable(ENTRIES);
    await upTo(ENTRIES);
    assertEquals(cluster.sends, [13, 85]);
    await publisher.close();
  });
});
