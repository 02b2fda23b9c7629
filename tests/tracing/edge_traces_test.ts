import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { create } from "@bufbuild/protobuf";
import type { OutboundBatch } from "../../edge/lanes/sealing.ts";
import { EdgeTraces } from "../../edge/tracing/edge_traces.ts";
import { Lane, SealedBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { BatchAckSchema, BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import { contextOf, writtenSpans } from "./written_spans.ts";

const T0_MS = 1_800_000_000_000;
const OTHER = contextOf(99);

function rig(oneIn: number) {
  const spans = writtenSpans();
  const at = { ms: 0 };
  const platform = { now: () => T0_MS + at.ms, clock: () => at.ms, pseudonym: (id: string) => `drone:${id.length}` };
  return { ...spans, at, traces: new EdgeTraces({ tracer: spans.tracer, oneIn, platform }) };
}

/** Its first record came at 1 ms, and it was sealed at 3 ms. */
function batchOf(lane: number = LaneIndex.safety): OutboundBatch {
  const [firstIngestionTimeUs, sealedTimeUs] = [1, 3].map((ms) => BigInt(T0_MS + ms) * 1000n);
  const times = { firstIngestionTimeUs, sealedTimeUs };
  const sealed = create(SealedBatchSchema, { lane: Lane.SAFETY, records: 7, body: new Uint8Array(5), ...times });
  const none = new Uint32Array();
  return { key: "", lane, sealed, receipt: none, slots: none, definedAt: 0, acknowledged: false };
}

const ackOf = (verdict: BatchVerdict, trace = new Uint8Array()) => create(BatchAckSchema, { verdict, trace });

describe("an edge", () => {
  // One in so many of a lane is told, whatever comes of it; of the others those that the aggregator names.
  const SAMPLED: [oneIn: number, batches: number, sampled: number][] = [[1, 5, 5], [2, 5, 2], [100, 99, 0], [
    100,
    250,
    2,
  ]];
  for (const [oneIn, batches, sampled] of SAMPLED) {
    it(`that follows one in ${oneIn} tells ${sampled} of ${batches}, of either lane`, () => {
      for (const lane of [LaneIndex.safety, LaneIndex.bulk]) {
        const { traces, ended, begun } = rig(oneIn);
        const all = Array.from({ length: batches }, () => batchOf(lane));
        for (const batch of all) traces.sealed(batch);
        assertEquals(all.filter(({ sealed }) => sealed.trace.length === 24).length, sampled);
        assertEquals(begun.length, sampled, "nothing is begun of the others");
        for (const batch of all) traces.answered(batch, ackOf(BatchVerdict.ACCEPTED));
        assertEquals(ended.filter(({ name }) => name === "telemetry").length, sampled);
        assertEquals(ended.length, sampled * 3);
      }
    });
  }

  it("tells the way of a batch by the times that stand in it, once it is safe", () => {
    const { traces, ended, told, at } = rig(1);
    const batch = batchOf();
    traces.sealed(batch);
    for (const verdict of [BatchVerdict.UNKNOWN_SLOT, BatchVerdict.TAKEN]) traces.answered(batch, ackOf(verdict));
    assertEquals(told(), []);
    at.ms = 9;
    traces.answered(batch, ackOf(BatchVerdict.ACCEPTED));
    assertEquals(told(), ["telemetry > lane", "telemetry > uplink", " > telemetry"]);
    const ms = ({ startUs, endUs }: { startUs: number; endUs?: number }) =>
      [startUs, endUs!].map((us) => us / 1000 - T0_MS);
    assertEquals(ended.map(ms), [[1, 3], [3, 9], [1, 9]]);
    assertEquals(ended[0]!.attributes, { lane: "safety", records: 7, bytes: 5 });
    traces.answered(batch, ackOf(BatchVerdict.ACCEPTED));
    assertEquals(ended.length, 3, "a replayed batch is not told again");
  });

  it("tells the way of a batch that the aggregator names, of any verdict, and of no other", () => {
    for (const verdict of [BatchVerdict.ACCEPTED, BatchVerdict.TAKEN, BatchVerdict.MALFORMED]) {
      const { traces, told, begun } = rig(1000);
      traces.sealed(batchOf());
      traces.answered(batchOf(), ackOf(verdict));
      for (const bytes of [new Uint8Array(24), contextOf(1).subarray(1)]) {
        traces.answered(batchOf(), ackOf(verdict, new Uint8Array(bytes)));
      }
      assertEquals(begun, [], "what is no context is none");
      traces.answered(batchOf(), ackOf(verdict, OTHER));
      assertEquals(told().map((line) => line.split(":")[0]), ["other > lane", "other > uplink"]);
    }
  });

  it("tells of a batch that cannot be taken why", () => {
    const { traces, told } = rig(1);
    const batch = batchOf();
    traces.sealed(batch);
    traces.answered(batch, create(BatchAckSchema, { verdict: BatchVerdict.MALFORMED, reason: "torn" }));
    assertEquals(told(), ["telemetry > lane", "telemetry > uplink: torn", " > telemetry: torn"]);
  });

  it("tells a delivery as part of the aggregator's warning, and hands on its own context", () => {
    const { traces, ended, told } = rig(1000);
    const context = traces.delivered({ droneId: "a", alertId: 7n, trace: OTHER, sentUs: 5n, endUs: 8n });
    assertEquals([told(), context], [["other > delivery"], contextOf(1)]);
    const [{ startUs, endUs, attributes } = ended[0]!] = ended;
    assertEquals([startUs, endUs, attributes], [5, 8, { drone: "drone:1", alert: "7" }]);
    traces.delivered({ droneId: "a", alertId: 7n, trace: OTHER, sentUs: 5n });
    assertEquals([ended[1]!.startUs, ended[1]!.endUs], [5, 5], "to one that acknowledges nothing");
  });

  it("tells each refusal, of a flood the first, and then how many more there were", () => {
    const { traces, ended, at } = rig(1000);
    const refuse = (droneId: string | null) => traces.refused({ reason: "drone-rate", droneId, records: 2 });
    for (let i = 0; i < 50; i++) refuse("abc");
    assertEquals(ended.length, 20);
    assertEquals(ended[0]!.attributes, { reason: "drone-rate", records: 2, untold: 0, drone: "drone:3" });
    assertEquals([ended[0]!.error, ended[0]!.above], ["drone-rate", null]);
    at.ms = 1000;
    refuse(null);
    assertEquals(ended.at(-1)!.attributes, { reason: "drone-rate", records: 2, untold: 30 });
  });
});
