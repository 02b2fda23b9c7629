import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { decodeCheckpoint } from "../../aggregator/journal/checkpoints.ts";
import { Pipeline, PIPELINE_DEFAULTS, type PipelineSettings } from "../../aggregator/pipeline/pipeline.ts";
import type { StatePiece } from "../../aggregator/pipeline/state/saved.ts";
import { thaw } from "../../aggregator/pipeline/windows/frozen.ts";
import type { Output } from "../../aggregator/outputs.ts";
import { checkpointFile } from "../journal/checkpoint_file.ts";
import { ARRIVALS_SETTINGS, type Enter, entrances, happenings, happeningsWithErasures } from "./arbitrary_arrivals.ts";
import { makeEntry, type Row } from "./build_batch.ts";

const T0 = 1_790_000_000_000_000;

/** So few that a window is caught half way, and as many as there are. */
const WINDOW_UNITS = [1, 7, PIPELINE_DEFAULTS.windowUnits];
/** So little that windows expire for it, and as much as there is. */
const PAST_BYTES = [20_000, PIPELINE_DEFAULTS.pastBytesMax];
const limits = fc.record({
  windowUnits: fc.constantFrom(...WINDOW_UNITS),
  pastBytesMax: fc.constantFrom(...PAST_BYTES),
});

/** The pipeline as it comes back from a checkpoint's bytes. */
function restarted(pipeline: Pipeline, settings: PipelineSettings): Pipeline {
  return restored(pipeline.snapshot(), settings);
}

function restored(state: Iterable<StatePiece>, settings: PipelineSettings): Pipeline {
  const fresh = new Pipeline(settings);
  fresh.restore(decodeCheckpoint(checkpointFile({ index: 1, timeUs: 1, state }))!.state);
  return fresh;
}

function everything(pipeline: Pipeline): unknown[] {
  // How much of the past is frozen yet, and into how many bytes, is nobody's business; searches are counted from each start on.
  const { past: _, airspace: { candidates: _c, tested: _t, ...airspace }, ...fleet } = pipeline.fleet();
  return [fleet, airspace, [...pipeline.drones()], pipeline.openAlerts(), pipeline.openAlertDrones()];
}

/** What is frozen, as what it was made of: which bytes it takes says nothing. */
function thawed(piece: StatePiece): unknown {
  if (piece.type !== "past") return piece;
  return {
    seconds: piece.seconds.map(({ blocks, ...second }) => ({ ...second, blocks: blocks.map(thaw) })),
    firings: piece.firings.map(([key, { bytes, missing, worst }]) => [key, missing, worst, thaw(bytes)]),
  };
}

/**
 * A snapshot that is read while things happen, so many pieces before each of them, is what one is that was read at once. How
 * its parts are numbered depends on which were read first: compared is what comes back.
 */
function assertOfItsMoment(
  { before, after, paces = [] }: { before: Enter[]; after: Enter[]; paces?: number[] },
): void {
  const [pipeline, still] = [new Pipeline(ARRIVALS_SETTINGS), new Pipeline(ARRIVALS_SETTINGS)];
  for (const next of before) {
    next(pipeline);
    next(still);
  }
  const snapshot = pipeline.snapshot();
  const pieces: StatePiece[] = [];
  for (const [i, next] of after.entries()) {
    for (let left = paces[i] ?? 0; left > 0; left--) {
      const { value, done } = snapshot.next();
      if (!done) pieces.push(value);
    }
    next(pipeline);
  }
  pieces.push(...snapshot);
  const comesBack = (state: Iterable<StatePiece>) => Array.from(restored(state, ARRIVALS_SETTINGS).snapshot(), thawed);
  assertEquals(comesBack(pieces), comesBack(still.snapshot()));
}

function alertsIn(outputs: Output[]): string[] {
  return outputs.flatMap((of) => of.type === "alert" ? [`${of.alert.transition} ${of.alert.kind}`] : []).sort();
}

describe("a checkpoint", () => {
  it("makes a restart invisible, whatever happened before and happens after, at every moment", () => {
    fc.assert(
      fc.property(happeningsWithErasures, fc.nat(), limits, (all, at, limits) => {
        const enter = entrances(all);
        const cut = at % enter.length;
        const settings = { ...ARRIVALS_SETTINGS, ...limits };
        const whole = new Pipeline(settings);
        let parted = new Pipeline(settings);
        for (const [i, next] of enter.entries()) {
          if (i === cut) parted = restarted(parted, settings);
          assertEquals(next(parted), next(whole), `happening ${i}, restarted before ${cut}`);
        }
        assertEquals(everything(parted), everything(whole));
        assertEquals(everything(restarted(parted, settings)), everything(whole));
      }),
      { numRuns: 600 },
    );
  });

  it("makes a restart invisible that comes after a clock was set back, while a window is gathered", () => {
    const position = (slot: number, delayUs: number, value = 0) =>
      ({ slot, kind: "position", seq: 1, inOrder: true, delayUs, value }) as const;
    const enter = entrances([
      { type: "away", afterUs: 1 },
      {
        ...{ type: "batch", afterUs: 1_400_001, edge: 0, session: 1, known: false },
        rows: [position(1, -699_998), position(1, 0, 1), position(2, 0)],
      },
      { type: "again", afterUs: 700_001, back: 0, asNew: false },
      { type: "again", afterUs: 2_100_001, back: 0, asNew: false },
      { type: "tick", afterUs: 1 },
      { type: "clock-step", afterUs: 1, stepUs: -2_794_620 },
      {
        ...{ type: "batch", afterUs: 700_001, edge: 0, session: 1, known: false },
        rows: [position(1, 105_388), position(1, 0)],
      },
      { type: "configure", afterUs: 1, values: [] },
      { type: "configure", afterUs: 1, values: [] },
    ]);
    const settings = { ...ARRIVALS_SETTINGS, windowUnits: 1 };
    for (let cut = 0; cut < enter.length; cut++) {
      const whole = new Pipeline(settings);
      let parted = new Pipeline(settings);
      for (const [i, next] of enter.entries()) {
        if (i === cut) parted = restarted(parted, settings);
        assertEquals(next(parted), next(whole), `happening ${i}, restarted before ${cut}`);
      }
    }
  });

  it("is of the moment at which it began, whatever happens while it is read", () => {
    fc.assert(
      fc.property(happenings, fc.nat(), fc.array(fc.nat({ max: 3 })), (all, at, paces) => {
        const enter = entrances(all);
        const cut = at % enter.length;
        assertOfItsMoment({ before: enter.slice(0, cut), after: enter.slice(cut), paces });
      }),
      { numRuns: 600 },
    );
  });

  it("is of its moment when a boot continues that its drone has forgotten", () => {
    const slots = [1, 2, 3, 4, 5].map((slot) => ({ slot, droneId: "a", bootId: slot }));
    const record = (slot: number, seq: number): Row => ({ slot, kind: "battery", seq, eventTimeUs: T0 });
    const before = makeEntry({ ingestionTimeUs: T0, slots, rows: slots.map(({ slot }) => record(slot, 1)) });
    const after = makeEntry({ ingestionTimeUs: T0 + 1, rows: [record(1, 2)] });
    assertOfItsMoment({ before: [(to) => to.step(before).outputs], after: [(to) => to.step(after).outputs] });
  });

  it("is of its moment when a sensor falls silent that saw an obstacle", () => {
    const scan = (seq: number): Row => {
      return { slot: 1, kind: "obstacles", seq, eventTimeUs: T0 + seq * 50_000, flags: 3, hits: [{ rangeCm: 400 }] };
    };
    const slots = [{ slot: 1, droneId: "a" }];
    const before = makeEntry({ ingestionTimeUs: T0 + 200_000, slots, rows: [scan(1), scan(2), scan(3)] });
    // The drone itself is heard, or its link loss would come first.
    const battery: Row = { slot: 1, kind: "battery", seq: 4, eventTimeUs: T0 + 3_000_000, flags: 3 };
    const heard = makeEntry({ ingestionTimeUs: T0 + 3_000_000, rows: [battery] });
    const silent = (to: Pipeline) => to.tick(T0 + 3_400_000);
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    assertEquals(alertsIn(pipeline.step(before).outputs), ["raise obstacle"]);
    assertEquals(alertsIn([...pipeline.step(heard).outputs, ...silent(pipeline)]), ["resolve obstacle"]);
    assertOfItsMoment({ before: [before, heard].map((entry) => (to) => to.step(entry).outputs), after: [silent] });
  });

  it("comes in pieces that are small, however large the fleet is, and however much of it changes at once", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const slots = Array.from({ length: 3000 }, (_, i) => ({ slot: i + 1, droneId: `drone-${i}` }));
    const rows = (seq: number) => slots.map(({ slot }): Row => ({ slot, kind: "battery", seq, eventTimeUs: T0 }));
    pipeline.step(makeEntry({ ingestionTimeUs: T0, slots, rows: rows(1) }));
    const most = { drones: 0, sources: 0, panes: 0 };
    for (const piece of pipeline.snapshot()) {
      if (piece.type === "rest") pipeline.step(makeEntry({ ingestionTimeUs: T0 + 1, rows: rows(2) }));
      if (piece.type === "shared") most.drones = Math.max(most.drones, piece.drones.length);
      if (piece.type === "sources") most.sources = Math.max(most.sources, piece.sources.length / 6);
      if (piece.type === "panes") most.panes = Math.max(most.panes, piece.panes.memberships.length);
    }
    assertEquals(most, { drones: 16, sources: 1024, panes: 128 });
    assertEquals(restarted(pipeline, PIPELINE_DEFAULTS).fleet().drones, 3000);
  });

  it("ends when another one begins, and when it is read no further", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const first = pipeline.snapshot();
    first.next();
    const second = pipeline.snapshot();
    assertThrows(() => first.next(), Error, "another one has begun");
    second.next();
    second.return(undefined);
    assertEquals([...pipeline.snapshot()].map(({ type }) => type), ["rest", "known"]);
  });

  it("exercises what it must keep: alerts, revisions, late records and duplicates all occur", () => {
    const seen = new Set<string>();
    for (const all of fc.sample(happenings, { numRuns: 300, seed: 1 })) {
      const pipeline = new Pipeline(ARRIVALS_SETTINGS);
      for (const next of entrances(all)) {
        for (const output of next(pipeline)) {
          seen.add(output.type);
          if (output.type === "alert") seen.add(`${output.alert.transition} ${output.alert.kind}`);
          if (output.type === "alert" && /^(adsb|rid):/.test(output.alert.detail)) seen.add("conflict with traffic");
          if (output.type === "tumbling" && output.window.revision > 0) seen.add("revision");
        }
      }
      const { records, batches } = pipeline.fleet();
      if (records.duplicate > 0) seen.add("duplicate records");
      if (batches.duplicate > 0) seen.add("duplicate batches");
    }
    const wanted = [
      "late",
      "sliding",
      "revision",
      "duplicate records",
      "duplicate batches",
      "configuration",
      "raise link-loss",
      "raise identity-clash",
    ];
    wanted.push(
      "resolve link-loss",
      "raise clock-skew",
      "resolve clock-skew",
      "raise battery-low",
      "acknowledge link-loss",
      "raise conflict",
      "conflict with traffic",
      "escalate conflict",
      "downgrade conflict",
      "remind conflict",
      "resolve obstacle",
      "resolve position-glitch",
      "resolve conflict",
      "raise obstacle",
      "raise position-glitch",
    );
    assertEquals(wanted.filter((what) => !seen.has(what)), []);
  });

  it("is not read when a bit has flipped, when it is cut, or when it is of another version", () => {
    const bytes = checkpointFile({ index: 7, timeUs: 1, state: new Pipeline(PIPELINE_DEFAULTS).snapshot() });
    assertEquals(decodeCheckpoint(bytes)?.index, 7);
    for (let at = 0; at < bytes.length; at += 7) {
      const rotten = bytes.slice();
      rotten[at]! ^= 4;
      assertEquals(decodeCheckpoint(rotten), null, `byte ${at}`);
      assertEquals(decodeCheckpoint(bytes.slice(0, at)), null, `cut at ${at}`);
    }
  });
});
