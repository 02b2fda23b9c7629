import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CREDIT_MAX } from "../../aggregator/intake/credit.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { batchInit, withAggregator } from "./rig.ts";

const raw = Uint8Array.from({ length: 500 }, (_, i) => (i * i) % 251);

describe("the uplink of an aggregator whose journal fails", () => {
  it("says that batches are taken while the journal fails, however many come, and acknowledges them when it goes on", async () => {
    const journal = { failing: true, full: false, append: () => journalled.promise.then(() => ++appends) };
    const journalled = Promise.withResolvers<void>();
    let appends = 0;
    await withAggregator({ journal }, async ({ pipeline, connect, logs }) => {
      const edge = await connect().greet();
      const verdicts = (wanted: BatchVerdict) =>
        edge.messages.filter(({ body }) => body.case === "ack" && body.value.verdict === wanted).length;
      const count = 3 * (CREDIT_MAX.safety + CREDIT_MAX.bulk);
      for (let i = 0; i < count; i++) edge.send({ case: "batch", value: batchInit(raw) });
      await edge.until(() => verdicts(BatchVerdict.TAKEN) === count);
      assertEquals([pipeline.entries.length, verdicts(BatchVerdict.ACCEPTED)], [count, 0], logs.join());
      const credits = () => edge.messages.flatMap(({ body }) => body.case === "credit" ? [body.value] : []);
      await edge.until(() => credits().length > 0);
      assertEquals([credits()[0]?.safety, credits()[0]?.bulk], [CREDIT_MAX.safety, 0]);
      journal.failing = false;
      journalled.resolve();
      await edge.until(() => verdicts(BatchVerdict.ACCEPTED) === count);
      assertEquals(edge.messages.some(({ body }) => body.case === "resend"), false);
    });
  });

  it("names unknown slots at once while the journal fails, and once", async () => {
    const journalled = Promise.withResolvers<number>();
    const journal = { failing: true, full: false, append: () => journalled.promise };
    await withAggregator({ journal }, async ({ pipeline, connect }) => {
      const edge = await connect().greet();
      pipeline.answer = () => ({ verdict: "unknown-slot", outputs: [], unknownSlots: [7] });
      assertEquals(await edge.hand(batchInit(raw)), BatchVerdict.UNKNOWN_SLOT);
      journal.failing = false;
      journalled.resolve(1);
      pipeline.answer = () => ({ verdict: "unknown-slot", outputs: [], unknownSlots: [8] });
      edge.send({ case: "batch", value: batchInit(new Uint8Array([0xff])) });
      await edge.until(() =>
        edge.messages.some(({ body }) => body.case === "ack" && body.value.verdict === BatchVerdict.MALFORMED)
      );
      const acks = edge.messages.flatMap(({ body }) => body.case === "ack" ? [body.value.verdict] : []);
      assertEquals(acks, [BatchVerdict.UNKNOWN_SLOT, BatchVerdict.MALFORMED]);
    });
  });

  it("asks an edge for what it took without a place in the journal, and no other edge", async () => {
    let appends = 0;
    const journal = { failing: false, full: false, append: () => Promise.resolve(++appends) };
    await withAggregator({ journal }, async ({ connect }) => {
      const [edge, other] = [await connect().greet(), await connect().greet(6n, "edge-2")];
      assertEquals(await other.hand(batchInit(raw)), BatchVerdict.ACCEPTED);
      journal.failing = journal.full = true;
      const batch = batchInit(raw);
      assertEquals(await edge.hand(batch), BatchVerdict.TAKEN);
      journal.failing = journal.full = false;
      const asked = (end: typeof edge) => end.messages.filter(({ body }) => body.case === "resend").length;
      await edge.until(() => asked(edge) > 0);
      assertEquals(await edge.hand(batch), BatchVerdict.ACCEPTED);
      assertEquals(await other.hand(batchInit(raw)), BatchVerdict.ACCEPTED);
      assertEquals([asked(edge), asked(other)], [1, 0]);
    });
  });

  it("acknowledges no losses that it has no place for: told again, they count once", async () => {
    let appends = 0;
    const journal = { failing: true, full: true, append: () => Promise.resolve(++appends) };
    await withAggregator({ journal }, async ({ aggregator, connect }) => {
      const edge = await connect().greet();
      const range = { firstSeq: 3, lastSeq: 5 };
      const losses = [{ timeUs: 7n, droneId: "d", bootId: 2, range, records: 3, reason: RefusalReason.SHED }];
      const report = () => edge.send({ case: "losses", value: { reportId: 1n, losses } });
      const known = () => edge.messages.filter(({ body }) => body.case === "lossAck").length;
      const lost = async () => (await (await fetch(`${aggregator.url}/v1/fleet`)).json()).lostRecords;
      report();
      assertEquals(await edge.hand(batchInit(raw)), BatchVerdict.TAKEN);
      assertEquals([known(), await lost()], [0, 0]);
      journal.failing = journal.full = false;
      await edge.until(() => edge.messages.some(({ body }) => body.case === "resend"));
      report();
      await edge.until(() => known() > 0);
      assertEquals([known(), await lost()], [1, 3]);
    });
  });

  it("tells edges at once whose near-duplicates matter now: nobody waits for a disk to look at a drone more closely", async () => {
    const journalled = Promise.withResolvers<number>();
    const journal = { failing: true, full: false, append: () => journalled.promise };
    await withAggregator({ journal }, async ({ pipeline, connect }) => {
      const edge = await connect().greet();
      const outputs = [{ type: "alert-open", droneId: "d", open: true } as const];
      pipeline.answer = () => ({ verdict: "accepted", outputs });
      assertEquals(await edge.hand(batchInit(raw)), BatchVerdict.TAKEN);
      const told = edge.messages.flatMap(({ body }) => body.case === "openAlerts" ? [body.value.openedDroneIds] : []);
      assertEquals(told.at(-1), ["d"]);
      journalled.resolve(1);
    });
  });

  it("ends without a line for each batch that waits for the journal", async () => {
    const closed = Promise.withResolvers<number>();
    const journal = { failing: true, full: false, append: () => closed.promise };
    await withAggregator({ journal }, async ({ aggregator, connect, logs }) => {
      const edge = await connect().greet();
      for (let i = 0; i < 20; i++) assertEquals(await edge.hand(batchInit(raw)), BatchVerdict.TAKEN);
      const stopped = aggregator.stop();
      closed.reject(new Error("Cannot journal: the journal was closed"));
      await stopped;
      assertEquals(logs.filter((line) => line.includes("the journal was closed")), []);
    });
  });
});
