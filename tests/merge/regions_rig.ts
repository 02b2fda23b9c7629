// Drones that fly through several regions, beside one pipeline that hears all of them: what regions tell, and what that one says.
import fc from "fast-check";
import type { Output, SlidingWindow, TumblingWindow } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS, type PipelineSettings } from "../../aggregator/pipeline/pipeline.ts";
import { RegionPartials } from "../../aggregator/sinks/publishing/partials.ts";
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { makeEntry, type Row } from "../pipeline/build_batch.ts";

export const REGIONS = ["asia", "europe", "us"] as const;
export const LATENESS_S = 20;
export const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
const TICK_US = 250_000;
const ANTIMERIDIAN_E7 = 1_800_000_000;
const PLACES = [["survey", "north"], ["survey", "south"], ["patrol", "north"]] as const;
const SETTINGS: PipelineSettings = { ...PIPELINE_DEFAULTS, allowedLatenessUs: LATENESS_S * S };

/** One record: whose, by which region, from where, and how late. */
export interface Flown {
  drone: number;
  region: number;
  place: number;
  kind: Row["kind"];
  value: number;
  afterUs: number;
  delayUs: number;
}

export const flights: fc.Arbitrary<Flown[]> = fc.array(
  fc.record({
    drone: fc.integer({ min: 1, max: 3 }),
    // Mostly where they are at home: what several records of one second make of it is to be seen.
    region: fc.constantFrom(0, 0, 0, 0, 1, 2),
    place: fc.constantFrom(0, 0, 0, 0, 1, 2),
    kind: fc.constantFrom<Row["kind"]>("position", "position", "battery", "battery", "obstacles", "nearDuplicate"),
    value: fc.nat({ max: 60 }),
    afterUs: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 150_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 2_500_000 }) },
    ),
    delayUs: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 90_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 9_000_000 }) },
    ),
  }),
  { minLength: 5, maxLength: 120 },
);

/** A message of one region, in the order of its topic. */
export interface Told {
  region: string;
  value: Uint8Array;
}

interface Station {
  pipeline: Pipeline;
  partials: RegionPartials;
}

export interface FlownThrough {
  /** By region, in order. */
  told: Map<string, Uint8Array[]>;
  /** The whole's windows as they were told last, by what they are of. */
  whole: Map<string, object>;
  retimed: number;
}

/** Until all windows are final. */
export function flyThrough(flight: readonly Flown[]): FlownThrough {
  const told = new Map<string, Uint8Array[]>(REGIONS.map((region) => [region, []]));
  const all = new Pipeline(SETTINGS);
  const whole = new Map<string, object>();
  const stations = new Map<string, Station>(REGIONS.map((region) => [region, station(region)]));
  const keep = (outputs: Output[]) => {
    for (const output of outputs) if (isWindow(output)) whole.set(keyOf(output), contentOf(output.window));
  };
  const run = (region: string, step: (pipeline: Pipeline) => void) => {
    const { pipeline, partials } = stations.get(region)!;
    partials.begin(pipeline.windowsBefore);
    step(pipeline);
    told.get(region)!.push(...partials.end(pipeline.windowsBefore).map(({ value }) => value));
  };
  let nowUs = T0;
  for (const region of REGIONS) {
    const came = { edgeId: edgeOf(region), presence: EdgePresence.CURRENT };
    all.edgeChanged(came);
    run(region, (pipeline) => pipeline.edgeChanged(came));
  }
  const passTo = (untilUs: number) => {
    for (; nowUs + TICK_US <= untilUs; nowUs += TICK_US) {
      keep(all.tick(nowUs + TICK_US));
      for (const region of REGIONS) run(region, (pipeline) => pipeline.tick(nowUs + TICK_US));
    }
    nowUs = untilUs;
  };
  for (const [i, flown] of flight.entries()) {
    passTo(nowUs + flown.afterUs);
    const entry = entryOf(flown, { seq: i + 1, nowUs });
    keep(all.step(entry).outputs);
    run(REGIONS[flown.region]!, (pipeline) => pipeline.step(entry));
  }
  // Of a sliding window, and what is due then takes its turns.
  passTo(nowUs + (LATENESS_S + 25) * S);
  return { told, whole, retimed: all.fleet().records.retimed };
}

function edgeOf(region: string): string {
  return `edge-${region}`;
}

function station(region: string): Station {
  const partials = new RegionPartials(region);
  return { partials, pipeline: new Pipeline(SETTINGS, { onTumbling: partials.onTumbling }) };
}

function entryOf(
  { drone, region, place, kind, value, delayUs }: Flown,
  { seq, nowUs }: { seq: number; nowUs: number },
) {
  const [fleet, zone] = PLACES[place]!;
  const edgeId = edgeOf(REGIONS[region]!);
  const base = { slot: drone, seq, eventTimeUs: nowUs - delayUs };
  // Around the prime meridian, and one drone around the other one.
  const eastE7 = 4000 * (value - 30);
  const lonE7 = drone < 3 ? eastE7 : eastE7 + (eastE7 < 0 ? ANTIMERIDIAN_E7 : -ANTIMERIDIAN_E7);
  const positions = { latE7: 474_000_000 + 200 * value, lonE7, altMslMm: 500_000 + value };
  const rows: Row[] = [
    kind === "position"
      ? { kind, ...base, ...positions, vnCms: value === 30 ? 900 : 10, veCms: value, vdCms: value - 30 }
      : kind === "battery"
      ? { kind, ...base, id: value % 4 === 0 ? 2 : 1, remainingCpct: 100 * value }
      : { kind, ...base },
  ];
  const slots = [{ slot: drone, droneId: `drone-${drone}`, bootId: 1, fleet, zone }];
  return makeEntry({ rows, slots, edgeId, ingestionTimeUs: nowUs });
}

type WindowOutput = Extract<Output, { type: "tumbling" | "sliding" }>;

function isWindow(output: Output): output is WindowOutput {
  return output.type === "tumbling" || output.type === "sliding";
}

export function keyOf({ type, window: { fleet, zone, startUs } }: WindowOutput): string {
  return `${type} ${fleet}/${zone} ${(startUs - T0) / S}`;
}

/** What one aggregator and several must agree about: all but how often it was revised. */
export function contentOf(window: TumblingWindow | SlidingWindow): object {
  const { revision: _, regions: _r, missingRegions: _m, ...content } = { regions: 0, missingRegions: 0, ...window };
  return content;
}
