// Everything that can happen to a pipeline, for property tests: batches of two edges in any order, repeated as batches
// and as records, early, late and from wrong clocks; time passing; people acknowledging alerts.
import fc from "fast-check";
import type { Entry } from "../../aggregator/pipeline/entry.ts";
import type { Output } from "../../aggregator/pipeline/outputs.ts";
import type { Pipeline } from "../../aggregator/pipeline/pipeline.ts";
import { makeEntry, type Row, type SlotInit } from "./build_batch.ts";

export type Happening =
  | { type: "batch"; afterUs: number; edge: number; session: number; rows: RowSpec[]; known: boolean }
  | { type: "again"; afterUs: number; back: number }
  | { type: "tick"; afterUs: number }
  | { type: "away"; afterUs: number }
  | { type: "acknowledge"; afterUs: number; alertId: number };

interface RowSpec {
  slot: number;
  kind: Row["kind"];
  seq: number;
  /** Ingestion minus event time. */
  delayUs: number;
  value: number;
}

const T0 = 1_790_000_000_000_000;
/** Time does not pass unnoticed while the pipeline runs; "away", the process is not there. */
const TICK_US = 700_000;
const ZONES = ["north", "south"];

const row: fc.Arbitrary<RowSpec> = fc.record({
  slot: fc.integer({ min: 1, max: 4 }),
  kind: fc.constantFrom<Row["kind"]>("position", "position", "battery", "battery", "obstacles", "nearDuplicate"),
  seq: fc.integer({ min: 1, max: 400 }),
  delayUs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 200_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 9_000_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -10_000_000, max: 0 }) },
  ),
  value: fc.nat({ max: 100 }),
});

const afterUs = fc.integer({ min: 1, max: 3_000_000 });

export const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant("batch" as const),
        afterUs,
        edge: fc.nat({ max: 1 }),
        session: fc.integer({ min: 1, max: 2 }),
        rows: fc.array(row, { minLength: 1, maxLength: 8 }),
        known: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("again" as const), afterUs, back: fc.nat({ max: 20 }) }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant("tick" as const), afterUs }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("away" as const), afterUs }) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant("acknowledge" as const),
        afterUs,
        alertId: fc.integer({ min: 1, max: 6 }),
      }),
    },
  ),
  { minLength: 2, maxLength: 60 },
);

/** One thing that happens to a pipeline, at its time. */
export type Enter = (pipeline: Pipeline) => Output[];

/** What the happenings are to a pipeline, in order: the same entries each time they are run. */
export function entrances(all: Happening[]): Enter[] {
  let nowUs = T0;
  const entries: Entry[] = [];
  return all.flatMap((happening, i): Enter[] => {
    const ticks: Enter[] = [];
    const thenUs = nowUs + happening.afterUs;
    for (let atUs = nowUs + TICK_US; happening.type !== "away" && atUs < thenUs; atUs += TICK_US) {
      ticks.push((pipeline) => pipeline.tick(atUs));
    }
    nowUs = thenUs;
    return [...ticks, entrance(happening, i, { atUs: nowUs, entries })];
  });
}

function entrance(happening: Happening, i: number, { atUs, entries }: { atUs: number; entries: Entry[] }): Enter {
  switch (happening.type) {
    case "tick":
    case "away":
      return (pipeline) => pipeline.tick(atUs);
    case "acknowledge":
      return (pipeline) => pipeline.acknowledgeAlert({ alertId: happening.alertId, by: "op", nowUs: atUs }).outputs;
    case "again": {
      const entry = entries.at(-1 - (happening.back % Math.max(1, entries.length)));
      if (!entry) return (pipeline) => pipeline.tick(atUs);
      return (pipeline) => pipeline.step({ ...entry, ingestionTimeUs: atUs }).outputs;
    }
    case "batch": {
      const { edge, session, rows, known } = happening;
      const slots = known ? [] : rows.map(({ slot, value }) => definition(slot, ZONES[value & 1]!));
      const entry = makeEntry({
        rows: rows.map((spec) => makeRow(spec, atUs)),
        slots,
        ingestionTimeUs: atUs,
        edgeId: `e${edge}`,
        session: BigInt(session),
        batchId: i + 1,
      });
      entries.push(entry);
      return (pipeline) => pipeline.step(entry).outputs;
    }
  }
}

// Two boots of one drone, and two drones: records that are the same come through different slots.
function definition(slot: number, zone: string): SlotInit {
  return { slot, droneId: slot <= 2 ? "a" : `b${slot}`, bootId: slot === 2 ? 2 : 1, zone };
}

function makeRow({ slot, kind, seq, delayUs, value }: RowSpec, atUs: number): Row {
  const base = { slot, seq, eventTimeUs: atUs - delayUs, flags: value % 3 === 0 ? 0 : 3 };
  if (kind === "battery") return { kind, ...base, id: value & 1, remainingCpct: value * 40, voltageMv: 15_000 };
  if (kind === "position") {
    const fix = {
      latE7: 470_000_000 + (value % 2) * 4000 + value * 10,
      lonE7: 80_000_000,
      altMslMm: value * 100,
      vnCms: value,
    };
    return { kind, ...base, ...fix, fixType: value % 11 === 0 ? 1 : 3, vAccMm: value * 10 };
  }
  if (kind === "obstacles") return { kind, ...base, hits: [{ rangeCm: value * 20, rangeRateCms: -value }] };
  return { kind, ...base };
}
