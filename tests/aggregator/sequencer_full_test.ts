import { create } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import type { DecodedBatch } from "../../aggregator/batch/columns.ts";
import { type Place, Sequencer, type Taken } from "../../aggregator/core/sequencer.ts";
import { type Arrival, decodeArrival, encodeArrival, type GapReport } from "../../aggregator/journal/entries.ts";
import type { Output } from "../../aggregator/outputs.ts";
import { SealedBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { LossReportSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { alert, FakePipeline, TIME_US, tumbling } from "./fake_pipeline.ts";

/** A journal whose disk a test fails, fills and mends. */
class ScriptedJournal {
  failing = false;
  full = false;
  readonly bodies: Uint8Array[] = [];
  #waiting: (() => void)[] = [];

  append(_timeUs: number, body: Uint8Array<ArrayBuffer>): Promise<number> {
    this.bodies.push(body);
    const index = this.bodies.length;
    return new Promise((resolve) => this.#waiting.push(() => resolve(index)));
  }

  /** Everything that waits is durable. */
  async commit(): Promise<void> {
    for (const resolve of this.#waiting.splice(0)) resolve();
    await turns();
  }

  /** Kinds of what it was handed, batches without what they are made of. */
  get arrivals(): (Arrival["type"] | GapReport)[] {
    return this.bodies.map((body, i) => {
      // A batch of this test holds no message of an edge.
      if (body[0] === 0x0a) return "batch";
      const arrival = decodeArrival({ index: i + 1, timeUs: 1, body }, () => ({ malformed: "" }));
      return arrival.type === "gap" ? arrival.gap : arrival.type;
    });
  }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

let journal: ScriptedJournal;
let pipeline: FakePipeline;
let sequencer: Sequencer;
let nowS: number;
let warned: Output[];
let delivered: [Output[], Place][];
let events: string[];
let gaps: [GapReport, number][];

let ids = 0;
function batch(id = ++ids) {
  const sealed = create(SealedBatchSchema, { batchId: new Uint8Array(16).fill(id), records: 3 });
  return { edgeId: "e", session: 1n, sealed, columns: {} as DecodedBatch, uplink: new Uint8Array() };
}

/** What its edge hears of a batch, in order. */
function take(of = batch()): string[] {
  const heard: string[] = [];
  const hear = ({ verdict, isSafe }: Taken) => heard.push(`${verdict}, ${isSafe ? "safe" : "taken"}`);
  sequencer.take(of, hear).then(hear);
  return heard;
}

function begin(): void {
  [journal, pipeline, nowS] = [new ScriptedJournal(), new FakePipeline(), 0];
  [warned, delivered, events, gaps] = [[], [], [], []];
  sequencer = new Sequencer({
    ...{ journal, pipeline, onLosses: () => {} },
    nowUs: () => TIME_US + nowS * 1e6,
    clock: () => 0,
    warn: (outputs) => warned.push(...outputs),
    deliver: (outputs, place) => delivered.push([outputs, place]),
    onClockStep: () => {},
    onFull: () => events.push("full"),
    onGap: (...gap) => {
      events.push("gap");
      gaps.push(gap);
    },
    onMissed: () => events.push("missed"),
  });
}

describe("an sequencer whose journal fails", () => {
  beforeEach(begin);

  it("tells those who wait, and at once who comes later, that they are taken; all are safe in the end, once", async () => {
    const [first, second] = [take(), take()];
    await turns();
    assertEquals([first, second], [[], []]);
    journal.failing = true;
    sequencer.check();
    const third = take();
    assertEquals([first, second, third], [["accepted, taken"], ["accepted, taken"], ["accepted, taken"]]);
    sequencer.check();
    journal.failing = false;
    await journal.commit();
    for (const heard of [first, second, third]) assertEquals(heard, ["accepted, taken", "accepted, safe"]);
    const fourth = take();
    await journal.commit();
    assertEquals([fourth, events], [["accepted, safe"], []]);
  });

  it("ticks on, whatever waits: silence and ghosts are noticed", () => {
    journal.failing = true;
    for (let i = 0; i < 10; i++) sequencer.tick();
    assertEquals([pipeline.ticks.length, sequencer.applied.index, sequencer.seen?.index], [10, 0, 10]);
  });

  it("does not judge a batch again that comes again, and asks for it when the journal goes on", async () => {
    const id = ++ids;
    take(batch(id));
    journal.failing = true;
    const again = take(batch(id));
    await turns();
    assertEquals([again, pipeline.entries.length, journal.bodies.length], [["duplicate, taken"], 1, 1]);
    journal.failing = false;
    sequencer.check();
    await turns();
    assertEquals(events, []);
    await journal.commit();
    assertEquals(events, ["missed"]);
    const last = take(batch(id));
    await journal.commit();
    assertEquals([last, journal.bodies.length], [["accepted, safe"], 2]);
  });

  it("refuses what an operator could not rely on, and says of what is done that it is not yet safe", async () => {
    pipeline.alerts = [alert(7), alert(8)];
    journal.failing = true;
    assertEquals(await sequencer.acknowledgeAlert({ alertId: 7, by: "Ada" }), "refused");
    assertEquals([pipeline.alerts[0]?.acknowledgedBy, journal.bodies.length], [null, 0]);
    journal.failing = false;
    const answers = [7, 9].map((alertId) => sequencer.acknowledgeAlert({ alertId, by: "Ada" }));
    await turns();
    journal.failing = true;
    sequencer.check();
    assertEquals(await Promise.all(answers), ["held", "unknown"]);
    assertEquals([pipeline.alerts[0]?.acknowledgedBy, journal.bodies.length], ["Ada", 2]);
    journal.failing = false;
    const safe = sequencer.acknowledgeAlert({ alertId: 8, by: "Ada" });
    await journal.commit();
    assertEquals(await safe, "safe");
  });
});

describe("a change of settings", () => {
  beforeEach(begin);

  const change = () => sequencer.configure({ by: "Ada", values: [["linkLossUs", 4_000_000]] });
  const linkLossUs = () => new Map(pipeline.operated.settings).get("linkLossUs");

  it("is an entry of the journal, safe when that is", async () => {
    const done = change();
    assertEquals([linkLossUs(), journal.arrivals], [4_000_000, ["configuration"]]);
    await journal.commit();
    assertEquals([await done, delivered.length], ["safe", 1]);
  });

  it("is refused by a journal that fails, and held when it begins to fail", async () => {
    journal.failing = true;
    assertEquals([await change(), linkLossUs(), journal.bodies.length], ["refused", 3_000_000, 0]);
    journal.failing = false;
    const done = change();
    journal.failing = true;
    sequencer.check();
    assertEquals([await done, linkLossUs(), journal.bodies.length], ["held", 4_000_000, 1]);
  });

  it("is refused when the journal has no more room behind a step of the clock: none is made that it lacks", async () => {
    sequencer.tick();
    nowS = 10;
    const append = journal.append.bind(journal);
    journal.append = (...entry) => {
      journal.full = true;
      return append(...entry);
    };
    assertEquals([await change(), linkLossUs()], ["refused", 3_000_000]);
    assertEquals(journal.arrivals, ["tick", "clock-step"]);
  });

  it("comes back from the journal as it was", () => {
    const arrival = {
      type: "configuration" as const,
      by: "Ada",
      values: [["airspace.sigmas", 2.5]] as [string, number][],
    };
    const body = encodeArrival(arrival);
    assertEquals(decodeArrival({ index: 1, timeUs: 1, body }, () => ({ malformed: "" })), arrival);
  });
});

describe("an sequencer whose journal has no room", () => {
  beforeEach(begin);

  const found = (id: number, revision: number): Output => ({ type: "alert", alert: alert(id, { revision }) });
  const late = (records: number, fromUs: number): Output => {
    return {
      type: "late",
      late: { edgeId: "e", droneId: "d", records, firstEventTimeUs: fromUs, lastEventTimeUs: fromUs },
    };
  };
  const outputsOf = (...outputs: Output[]) => pipeline.answer = () => ({ verdict: "accepted", outputs });

  it("judges and warns all the same, and writes once how much the journal lacks, behind all that waited", async () => {
    take();
    journal.failing = journal.full = true;
    outputsOf(found(4, 1));
    const [first, second] = [take(), take()];
    sequencer.tick();
    sequencer.told({ type: "edge", edgeId: "e", presence: EdgePresence.LOST });
    await turns();
    assertEquals([first, second], [["accepted, taken"], ["accepted, taken"]]);
    assertEquals([warned.length, pipeline.entries.length, journal.bodies.length], [2, 3, 1]);
    assertEquals([sequencer.seen, sequencer.isKeeping, events], [null, false, ["full"]]);
    // There is room, and something waits: what comes now cannot overtake it.
    journal.failing = journal.full = false;
    sequencer.check();
    assertEquals([sequencer.seen, take().length, journal.bodies.length], [null, 0, 1]);
    await journal.commit();
    sequencer.check();
    const after = take();
    assertEquals(events, ["full"]);
    await journal.commit();
    const report = { batches: 3, records: 9, ticks: 1, lastAlertId: 4, clockStepUs: 0 };
    const gap = { fromUs: TIME_US + 1, toUs: TIME_US + 5, ...report };
    assertEquals(journal.arrivals, ["batch", gap, "batch"]);
    assertEquals([gaps, events, after], [[[gap, 0]], ["full", "gap", "missed"], ["accepted, safe"]]);
    assertEquals([sequencer.seen?.index, sequencer.applied.index, sequencer.isKeeping], [3, 3, true]);
    assertEquals(delivered.map(([outputs, { index }]) => [outputs.length, index]), [[0, 1], [1, 2], [1, 3]]);
  });

  it("keeps for the sinks the latest of each alert and window, and the sum of what is late", async () => {
    journal.full = true;
    const window = (revision: number) => tumbling(TIME_US, { revision });
    outputsOf(found(4, 1), window(0), late(2, 50));
    take();
    outputsOf(found(5, 1), found(4, 2), window(1), late(3, 40), { type: "alert-open", droneId: "d", open: true });
    take();
    journal.full = false;
    sequencer.check();
    await journal.commit();
    const sum: Output = {
      type: "late",
      late: { edgeId: "e", droneId: "d", records: 5, firstEventTimeUs: 40, lastEventTimeUs: 50 },
    };
    assertEquals(delivered.flatMap(([outputs]) => outputs), [found(5, 1), found(4, 2), sum, window(1)]);
  });

  it("drops the oldest results beyond its bound, and counts them", async () => {
    journal.full = true;
    outputsOf(...Array.from({ length: 20_000 }, (_, i) => found(i + 1, 1)));
    take();
    journal.full = false;
    sequencer.check();
    await journal.commit();
    const [[outputs] = []] = delivered;
    assertEquals([outputs?.length, gaps[0]?.[1], outputs?.[0]], [16_384, 20_000 - 16_384, found(20_000 - 16_383, 1)]);
  });

  it("has edges report their losses again, and operators wait", async () => {
    journal.full = true;
    take();
    const report = create(LossReportSchema, { reportId: 1n });
    assertEquals(await sequencer.takeLosses({ edgeId: "e", session: 1n, report }), false);
    assertEquals(await sequencer.acknowledgeAlert({ alertId: 1, by: "Ada" }), "refused");
    journal.full = false;
    sequencer.check();
    const kept = sequencer.takeLosses({ edgeId: "e", session: 1n, report });
    await journal.commit();
    assertEquals(await kept, true);
  });

  it("remembers by how much the host's clock was set meanwhile, and goes on in times that grow", async () => {
    sequencer.tick();
    journal.full = true;
    nowS = 10;
    take();
    nowS = 7;
    take();
    journal.full = false;
    await journal.commit();
    sequencer.check();
    take();
    await journal.commit();
    // Ten seconds ahead, three back, from times that had grown by 1 µs.
    assertEquals(gaps[0]?.[0].clockStepUs, 6_999_999);
    assertEquals(delivered.map(([, { timeUs }]) => timeUs - TIME_US), [0, 7_000_002, 7_000_003]);
  });
});
