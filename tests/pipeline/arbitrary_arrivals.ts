// Everything that can happen to a pipeline, for property tests: batches of two edges in any order, repeated as batches
// and as records, early, late and from wrong clocks; time passing; people acknowledging alerts.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { AltitudeDatum, TrafficReportSchema } from "../../proto/gen/slipstream/v1/traffic_pb.ts";
import type { Entry } from "../../aggregator/batch/entry.ts";
import type { Output } from "../../aggregator/outputs.ts";
import { type Pipeline, PIPELINE_DEFAULTS, type PipelineSettings } from "../../aggregator/pipeline/pipeline.ts";
import { TUNABLES } from "../../aggregator/pipeline/tunables.ts";
import type { SettingValues } from "../../aggregator/pipeline/tuning.ts";
import { batchIdOf, makeEntry, type Row, type SlotInit } from "./build_batch.ts";

export type Happening =
  | { type: "batch"; afterUs: number; edge: number; session: number; rows: RowSpec[]; known: boolean }
  /** The same batch, or its records in another one. */
  | { type: "again"; afterUs: number; back: number; asNew: boolean }
  | { type: "tick"; afterUs: number }
  | { type: "away"; afterUs: number }
  | { type: "acknowledge"; afterUs: number; alertId: number }
  | { type: "clock-step"; afterUs: number; stepUs: number }
  | { type: "configure"; afterUs: number; values: SettingValues }
  | { type: "traffic"; afterUs: number; edge: number; aircraft: AircraftSpec[] }
  | { type: "erase"; afterUs: number; slot: number }
  | { type: "edge"; afterUs: number; edge: number; presence: EdgePresence; lateMs: number };

interface RowSpec {
  slot: number;
  kind: Row["kind"];
  seq: number;
  /** Numbered as it happened; otherwise `seq` is what it is. */
  inOrder: boolean;
  /** Ingestion minus event time. */
  delayUs: number;
  value: number;
}

interface AircraftSpec {
  number: number;
  value: number;
  airborne: boolean;
  ageMs: number;
}

const T0 = 1_790_000_000_000_000;
/** Time does not pass unnoticed while the pipeline runs; "away", the process is not there. */
const TICK_US = 700_000;
const ZONES = ["north", "south"];

const row: fc.Arbitrary<RowSpec> = fc.record({
  slot: fc.integer({ min: 1, max: 4 }),
  kind: fc.constantFrom<Row["kind"]>("position", "position", "battery", "battery", "obstacles", "nearDuplicate"),
  seq: fc.integer({ min: 1, max: 400 }),
  inOrder: fc.integer({ min: 0, max: 9 }).map((n) => n < 7),
  delayUs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 200_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 9_000_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -10_000_000, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 90_000_000 }) },
  ),
  value: fc.nat({ max: 100 }),
});

const afterUs = fc.integer({ min: 1, max: 3_000_000 });

/** Any setting that may be changed, as it may be by itself. */
export const settingChange: fc.Arbitrary<[name: string, value: number]> = fc.record({
  name: fc.constantFrom(...TUNABLES.keys()),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
}).map(({ name, share }) => {
  const { min, max, isWhole } = TUNABLES.get(name)!;
  // Most of what is possible is far from what is usual.
  const value = min + share ** 3 * (max - min);
  return [name, isWhole ? Math.round(value) : value];
});

const kinds: { weight: number; arbitrary: fc.Arbitrary<Happening> }[] = [
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
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("again" as const),
      afterUs,
      back: fc.nat({ max: 20 }),
      asNew: fc.boolean(),
    }),
  },
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
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("clock-step" as const),
      afterUs,
      stepUs: fc.integer({ min: -40_000_000, max: 40_000_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("edge" as const),
      afterUs,
      edge: fc.nat({ max: 1 }),
      presence: fc.integer({ min: 1, max: 4 }),
      lateMs: fc.constantFrom(0, 0, 700),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("traffic" as const),
      afterUs,
      edge: fc.nat({ max: 1 }),
      aircraft: fc.array(
        fc.record({
          ...{ number: fc.nat({ max: 3 }), value: fc.nat({ max: 100 }), airborne: fc.boolean() },
          ageMs: fc.constantFrom(0, 0, 500, 20_000),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("configure" as const),
      afterUs,
      values: fc.array(settingChange, { maxLength: 3 }),
    }),
  },
];

const LENGTHS = { minLength: 2, maxLength: 60 };
export const happenings: fc.Arbitrary<Happening[]> = fc.array(fc.oneof(...kinds), LENGTHS);

/** The same, and drones that are erased meanwhile. */
export const happeningsWithErasures: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(...kinds, {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("erase" as const), afterUs, slot: fc.integer({ min: 2, max: 4 }) }),
  }),
  LENGTHS,
);

/** So short that records are late and windows expire within some minutes, and so long that seconds are frozen before. */
export const ARRIVALS_SETTINGS: PipelineSettings = { ...PIPELINE_DEFAULTS, allowedLatenessUs: 45_000_000 };

/** One thing that happens to a pipeline, at its time. */
export type Enter = (pipeline: Pipeline) => Output[];

/** What the happenings are to a pipeline, in order: the same entries each time they are run. */
export function entrances(all: Happening[]): Enter[] {
  let nowUs = T0;
  const entries: Entry[] = [];
  return all.flatMap((happening, i): Enter[] => {
    const ticks: Enter[] = [];
    const stepUs = happening.type === "clock-step" ? happening.stepUs : 0;
    const thenUs = nowUs + happening.afterUs;
    for (let atUs = nowUs + TICK_US; happening.type !== "away" && atUs < thenUs; atUs += TICK_US) {
      ticks.push((pipeline) => pipeline.tick(atUs));
    }
    nowUs = thenUs + stepUs;
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
    case "clock-step":
      return (pipeline) => pipeline.clockStepped({ stepUs: happening.stepUs, nowUs: atUs });
    case "configure":
      return (pipeline) => pipeline.configure({ by: "op", values: happening.values, nowUs: atUs });
    case "erase": {
      const { droneId } = definition(happening.slot, "");
      return (pipeline) => pipeline.erase({ droneId, name: "drone:erased", nowUs: atUs });
    }
    case "edge":
      return (pipeline) => pipeline.edgeChanged({ ...happening, edgeId: `e${happening.edge}` });
    case "traffic": {
      const reports = happening.aircraft.map((aircraft) => create(TrafficReportSchema, reportOf(aircraft)));
      return (pipeline) => pipeline.trafficHeard({ edgeId: `e${happening.edge}`, reports, nowUs: atUs });
    }
    case "again": {
      const entry = entries.at(-1 - (happening.back % Math.max(1, entries.length)));
      if (!entry) return (pipeline) => pipeline.tick(atUs);
      const sealed = happening.asNew ? { ...entry.sealed, batchId: batchIdOf(i + 1) } : entry.sealed;
      return (pipeline) => pipeline.step({ ...entry, sealed, ingestionTimeUs: atUs }).outputs;
    }
    case "batch": {
      const { edge, session, rows, known } = happening;
      const slots = known ? [] : rows.map(({ slot, value }) => definition(slot, ZONES[value & 1]!));
      const entry = makeEntry({
        rows: rows.map((spec, at) => makeRow(spec.inOrder ? { ...spec, seq: 1000 + 10 * i + at } : spec, atUs)),
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

// Near where the drones are.
function reportOf({ number, value, airborne, ageMs }: AircraftSpec): MessageInitShape<typeof TrafficReportSchema> {
  return {
    ...{ id: number < 2 ? `adsb:${number}` : `rid:${number}`, name: `n${number}`, crewed: number < 2, airborne, ageMs },
    ...{
      latE7: 470_000_000 + 500 * value,
      lonE7: 80_000_000,
      altMm: 1000 * value,
      altDatum: value % 4 as AltitudeDatum,
    },
    ...value % 3 > 0 && { trackCdeg: 300 * value, speedCms: 70 * value, climbCms: value - 50 },
  };
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
