import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { create } from "@bufbuild/protobuf";
import type { DecodedBatch } from "../../aggregator/batch/columns.ts";
import type { AlertEvent, AlertTransition, Output, TumblingWindow } from "../../aggregator/outputs.ts";
import { Traces } from "../../aggregator/tracing/traces.ts";
import { SealedBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { alert } from "../aggregator/fake_pipeline.ts";
import { contextOf, writtenSpans } from "./written_spans.ts";

const T0_US = 1_800_000_000_000_000;
const OTHER = contextOf(99);
const EDGE = { edgeId: "tower", region: "north" };
const PATH = { droneId: "abc", eventTimeUs: T0_US - 9000, edgeInUs: 0, edgeOutUs: 0, aggregatorInUs: 0 };

function rig() {
  const spans = writtenSpans();
  const at = { us: 0 };
  const traces = new Traces({
    ...{ tracer: spans.tracer, pseudonym: (id: string) => `drone:${id.length}` },
    nowUs: () => T0_US + at.us,
    clock: () => at.us / 1000,
  });
  /** A batch that comes, causes this, and is answered, each 1 ms later. */
  const batch = (outputs: Output[], { trace = new Uint8Array(), verdict = "accepted" as const, inUs = T0_US } = {}) => {
    const sealed = create(SealedBatchSchema, { trace, records: 3, firstIngestionTimeUs: BigInt(inUs - 5000) });
    const way = traces.arrived({ sealed, columns: columnsAt(T0_US - 8000), edge: EDGE });
    at.us += 1000;
    traces.hear(outputs);
    traces.judged(way);
    at.us += 1000;
    return way.answered(verdict);
  };
  return { ...spans, at, traces, batch };
}

function columnsAt(eventUs: number): DecodedBatch {
  const none = { count: 0, eventTimeUs: new Float64Array() };
  const some = { count: 1, eventTimeUs: Float64Array.of(eventUs) };
  return { records: 1, positions: none, batteries: some, obstacles: none, nearDuplicates: none } as DecodedBatch;
}

const raised = (change: Partial<AlertEvent> = {}): Output => ({
  type: "alert",
  alert: { ...alert(1), transition: "raise", droneIds: ["abc"], path: PATH, ...change },
});

const fired = (startUs: number, zone = "*"): Output => ({
  type: "tumbling",
  window: { zone, startUs, endUs: startUs + 1_000_000, revision: 0, complete: true } as TumblingWindow,
});

describe("an aggregator", () => {
  it("says nothing of a batch that does not matter, to nobody", () => {
    const { batch, begun } = rig();
    assertEquals([batch([fired(T0_US - 1_000_000)]), begun], [null, []]);
  });

  it("begins the trace of a batch that raised an alert, and has its edge told", () => {
    const { batch, told, ended } = rig();
    assertEquals(batch([raised()]), contextOf(1));
    assertEquals(told(), ["telemetry > alert", "telemetry > pipeline", "telemetry > journal", " > telemetry"]);
    assertEquals(ended.map(({ startUs, endUs }) => [startUs - T0_US, endUs! - T0_US]), [
      [0, 1000],
      [0, 1000],
      [1000, 2000],
      [-5000, 2000],
    ]);
    const [{ attributes }] = ended as [typeof ended[number]];
    assertEquals([attributes!.drones, attributes!.cause, attributes!["measured.us"]], [
      "drone:3",
      "drone:3",
      PATH.eventTimeUs,
    ]);
    assertEquals(ended.at(-1)!.attributes, { edge: "tower", region: "north", records: 3, sampled: false });
  });

  it("goes on with the trace of a batch that its edge follows, which knows that", () => {
    const { batch, told } = rig();
    assertEquals(batch([], { trace: OTHER }), null);
    assertEquals(told(), ["other > pipeline", "other > journal"]);
    assertEquals(batch([raised()], { trace: OTHER }), null);
    assertEquals(told().slice(2), ["other > alert", "other > pipeline", "other > journal"]);
  });

  it("begins the trace of an alert that no batch caused with the alert", () => {
    const { traces, told, batch } = rig();
    batch([]);
    traces.hear([raised({ path: null })]);
    assertEquals(told(), [" > alert"]);
  });

  it("tells each change of an alert, but that somebody has seen it", () => {
    const all: AlertTransition[] = ["raise", "escalate", "downgrade", "remind", "acknowledge", "resolve"];
    const { traces, ended } = rig();
    traces.hear(all.map((transition) => raised({ transition })));
    assertEquals(ended.map(({ attributes }) => attributes!.transition), all.filter((one) => one !== "acknowledge"));
  });

  it("tells of a storm the first, and then how many more there were", () => {
    const { traces, ended, at } = rig();
    traces.hear(Array.from({ length: 1000 }, (_, i) => raised({ alertId: i })));
    assertEquals(ended.length, 200);
    at.us += 1_000_000;
    traces.hear([raised()]);
    assertEquals(ended.at(-1)!.attributes!.untold, 800);
  });

  it("tells when the second fired in which a batch counts: of an alert, that of what caused it", () => {
    const ownUs = T0_US - 8000;
    for (const [cause, eventUs] of [[[raised()], PATH.eventTimeUs], [[], ownUs]] as const) {
      const { traces, batch, told, ended, at } = rig();
      batch([...cause], { trace: OTHER });
      traces.hear([fired(eventUs - 1_000_000), fired(eventUs - 1, "north"), fired(eventUs + 1)]);
      assertEquals(told().includes("other > window"), false);
      at.us = 1_100_000;
      traces.hear([fired(eventUs)]);
      assertEquals(told().at(-1), "other > window");
      assertEquals([ended.at(-1)!.startUs, ended.at(-1)!.endUs], [T0_US + 1000, T0_US + 1_100_000]);
      traces.hear([fired(eventUs)]);
      assertEquals(told().filter((line) => line === "other > window").length, 1, "once");
    }
  });

  it("does not wait for windows for ever, nor for more than it has room for", () => {
    const { traces, batch, told, at } = rig();
    batch([], { trace: OTHER });
    at.us = 61_000_000;
    traces.hear([fired(T0_US - 8000)]);
    const windows = () => told().filter((line) => line.endsWith("window")).length;
    assertEquals(windows(), 1, "it fires at last");
    batch([], { trace: OTHER });
    at.us += 61_000_000;
    traces.hear([fired(0)]);
    traces.hear([fired(T0_US - 8000)]);
    assertEquals(windows(), 1);
    for (let i = 0; i < 1000; i++) batch([], { trace: OTHER });
    traces.hear([fired(T0_US - 8000)]);
    assertEquals(windows(), 257);
  });

  it("says that a batch waits for a journal that fails, once", () => {
    const { traces, told } = rig();
    const sealed = create(SealedBatchSchema, { trace: OTHER });
    const way = traces.arrived({ sealed, columns: null, edge: EDGE });
    traces.judged(way);
    way.answered("taken");
    way.answered("accepted");
    assertEquals(told(), ["other > pipeline", "other > journal: the journal cannot be written"]);
  });

  it("says nothing of what comes again, or must come again", () => {
    for (const verdict of ["duplicate", "unknown-slot"] as const) {
      const { batch, told } = rig();
      batch([], { trace: OTHER, verdict: verdict as "accepted" });
      assertEquals(told(), []);
    }
  });

  it("tells of each batch that cannot be read why, and has its edge told", () => {
    const { traces, told } = rig();
    assertEquals(traces.refused({ sealed: create(SealedBatchSchema), edge: EDGE }, "torn"), contextOf(1));
    assertEquals(traces.refused({ sealed: create(SealedBatchSchema, { trace: OTHER }), edge: EDGE }, "torn"), OTHER);
    assertEquals(told(), ["telemetry > pipeline: torn", " > telemetry: torn", "other > pipeline: torn"]);
  });

  it("bounds what an edge says of its time", () => {
    for (const inUs of [0, 5001, Number.MAX_SAFE_INTEGER * 1000]) {
      const { batch, ended } = rig();
      batch([raised()], { inUs });
      const { startUs } = ended.at(-1)!;
      assertEquals([T0_US + 86_400_000_000, T0_US - 86_400_000_000].includes(startUs), true, `${startUs}`);
    }
  });

  it("tells each warning of an alert that it told, and its acknowledgement as part of its edge's delivery", () => {
    const { traces, batch, told, ended, at } = rig();
    assertEquals(traces.warned(alert(1), "abc"), null);
    batch([raised()]);
    const [first, second] = ["abc", "abcd"].map((id) => traces.warned(alert(1), id)!);
    assertEquals(told().length, 4);
    at.us = 9000;
    const delivered = { context: OTHER, endUs: T0_US + 7000 };
    traces.warningEnded(first!, { outcome: "acknowledged", tries: 1, delivered });
    traces.warningEnded(second!, { outcome: "undelivered", tries: 3, delivered: null });
    assertEquals(told().slice(4), ["other > acknowledgement", "alert > warning", "alert > warning: undelivered"]);
    assertEquals(ended.slice(4).map(({ startUs, endUs }) => [startUs - T0_US, endUs! - T0_US]), [
      [7000, 9000],
      [2000, 9000],
      [2000, 9000],
    ]);
    assertEquals(ended.at(-1)!.attributes, { drone: "drone:4", outcome: "undelivered", tries: 3 });
  });
});
