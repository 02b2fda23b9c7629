// A seeded fleet: the same settings give the same frames, byte for byte. Time is handed in.
import type { Telemetry } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import { PERIOD_US, type RecordKind, SimulatedDrone } from "./drone.ts";
import { PAD_SPACING_M } from "./flight.ts";
import type { SimIdentity } from "./sim_identity.ts";
import { type Origin, type Point, toLatE7, toLonE7 } from "./geo.ts";
import { Random } from "./random.ts";
import { UPLINK_CUT_US } from "./scenarios/edge_cut.ts";
import { DROPS_AFTER_US } from "./scenarios/reconnect_storm.ts";
import { twinOf } from "./scenarios/twins.ts";
import { GROUPS, type ScenarioName, SCENARIOS } from "./scenarios/table.ts";
import { Schedule } from "./schedule.ts";
import { Emission, type Traffic, type TrafficPlan } from "./traffic.ts";
import type { GroundTruth } from "./truth.ts";

export interface FleetSettings {
  drones: number;
  seed: number;
  scenario: ScenarioName;
  /** Unix µs, wall time of the start. */
  startUs: number;
  /** One frame for the records of COALESCE_US instead of one for each record. */
  coalesce: boolean;
  /** Of every drone; a run against an edge that has seen the fleet before needs a new one. Default 1. */
  bootId?: number;
  /** Ids are this, a dash and a number. Default "drone". */
  idPrefix?: string;
  /** Only these of the fleet, by number from 1, both included: a fleet can be flown by several processes. */
  only?: { first: number; last: number } | null;
}

const COALESCE_US = 100_000;
/** A repeated frame comes this much later. */
const DUPLICATE_AFTER_US = [20_000, 300_000] as const;
/** Zürich, for want of a better place. */
const CENTRE: Origin = { latDeg: 47.3977, lonDeg: 8.5456, altMslM: 430 };

type Due =
  | { type: "measure"; drone: SimulatedDrone; kind: RecordKind }
  | { type: "send"; drone: SimulatedDrone; record: Telemetry }
  | { type: "flush"; drone: SimulatedDrone }
  | { type: "again"; drone: SimulatedDrone; emission: Emission };

export function fleetPlan(settings: Omit<FleetSettings, "startUs">): TrafficPlan {
  return {
    drones: indexesOf(settings).map((i) => identityOf(i, settings)),
    dropsAfterUs: settings.scenario === "reconnect-storm" ? DROPS_AFTER_US : [],
    cut: settings.scenario === "edge-cut" ? UPLINK_CUT_US : null,
    begin: (startUs) => new Fleet({ ...settings, startUs }),
  };
}

export class Fleet implements Traffic {
  readonly ended = false;
  readonly #settings: FleetSettings;
  readonly #drones: SimulatedDrone[];
  readonly #schedule = new Schedule<Due>();
  readonly #records = { position: 0, battery: 0, obstacles: 0 };
  #duplicateRecords = 0;
  #malformedFrames = 0;

  constructor(settings: FleetSettings) {
    this.#settings = settings;
    this.#drones = indexesOf(settings).map((i) => createDrone(i, settings));
    for (const drone of this.#drones) {
      for (const kind of ["position", "battery", "obstacles"] as const) {
        this.#schedule.add(settings.startUs + drone.random.whole(0, PERIOD_US[kind] - 1), {
          type: "measure",
          drone,
          kind,
        });
      }
      if (settings.coalesce) {
        this.#schedule.add(settings.startUs + drone.random.whole(1, COALESCE_US), { type: "flush", drone });
      }
    }
  }

  get drones(): SimIdentity[] {
    return this.#drones.map(({ identity }) => identity);
  }

  advance(toUs: number): Emission[] {
    const out: Emission[] = [];
    for (let atUs = this.#schedule.nextUs; atUs <= toUs; atUs = this.#schedule.nextUs) {
      const due = this.#schedule.take();
      if (due) this.#run(due, { atUs, out });
    }
    return out;
  }

  finish(atUs: number): Emission[] {
    const out = this.advance(atUs);
    for (const [i, drone] of this.#drones.entries()) {
      // No two drones measure in the same microsecond.
      const record = drone.measureShutdown(atUs - i);
      record.seq = drone.nextSeq++;
      this.#records.position++;
      const records = [...drone.gathered, record];
      drone.gathered = [];
      out.push(new Emission(drone.identity, { atUs, records }));
    }
    return out;
  }

  truth(): GroundTruth {
    const { scenario, seed } = this.#settings;
    return {
      scenario,
      seed,
      expectedAlerts: this.#drones.flatMap(({ plan }) => plan.expectedAlerts),
      encounters: this.#drones.flatMap(({ plan }) => plan.encounters),
      glitches: this.#drones.flatMap(({ glitches }) => glitches),
      sent: this.#drones.filter(({ nextSeq }) => nextSeq > 0)
        .map(({ identity: { group: _, ...identity }, nextSeq }) => ({
          ...identity,
          firstSeq: 0,
          lastSeq: nextSeq - 1,
        })),
      records: { ...this.#records },
      duplicateRecords: this.#duplicateRecords,
      malformedFrames: this.#malformedFrames,
    };
  }

  #run(due: Due, { atUs, out }: { atUs: number; out: Emission[] }): void {
    const { drone } = due;
    if (due.type === "measure") {
      drone.flyTo(atUs);
      if (!drone.isSilent(atUs)) {
        const record = drone.measure(due.kind, atUs);
        this.#schedule.add(atUs + drone.plan.delayUs(), { type: "send", drone, record });
      }
      this.#schedule.add(atUs + PERIOD_US[due.kind], due);
    } else if (due.type === "send") {
      const { record } = due;
      record.seq = drone.nextSeq++;
      if (record.body.case) this.#records[record.body.case]++;
      if (this.#settings.coalesce) drone.gathered.push(record);
      else this.#emit(drone, { records: [record], atUs, out });
    } else if (due.type === "flush") {
      const records = drone.gathered;
      drone.gathered = [];
      if (records.length > 0) this.#emit(drone, { records, atUs, out });
      this.#schedule.add(atUs + COALESCE_US, due);
    } else {
      const { records, frame } = due.emission;
      this.#duplicateRecords += records.length;
      out.push(new Emission(drone.identity, { atUs, records, frame, note: "duplicate" }));
    }
  }

  #emit(
    drone: SimulatedDrone,
    { records, atUs, out }: { records: Telemetry[]; atUs: number; out: Emission[] },
  ): void {
    const { random, plan, identity } = drone;
    const emission = new Emission(identity, { atUs, records });
    if (plan.malformedChance > 0 && random.chance(plan.malformedChance)) {
      this.#malformedFrames++;
      const frame = emission.frame.slice(0, -3);
      out.push(new Emission(identity, { atUs, records: [], frame, note: "malformed" }));
    }
    out.push(emission);
    if (plan.duplicateChance > 0 && random.chance(plan.duplicateChance)) {
      this.#schedule.add(atUs + random.whole(...DUPLICATE_AFTER_US), { type: "again", drone, emission });
    }
  }
}

function indexesOf({ drones, only }: Pick<FleetSettings, "drones" | "only">): number[] {
  const indexes = Array.from({ length: drones }, (_, i) => i);
  return only ? indexes.slice(only.first - 1, only.last) : indexes;
}

function identityOf(
  index: number,
  { idPrefix = "drone", bootId = 1, scenario }: Pick<FleetSettings, "idPrefix" | "bootId" | "scenario">,
): SimIdentity {
  const group = GROUPS[scenario]?.(index);
  const own = {
    droneId: `${idPrefix}-${String(index + 1).padStart(4, "0")}`,
    bootId,
    ...group !== undefined && { group },
  };
  const twin = scenario === "twins" ? twinOf(index) : null;
  if (!twin) return own;
  const { droneId } = identityOf(twin.of, { idPrefix, bootId, scenario: "calm" });
  return twin.boot === "same" ? { droneId, bootId, twin: 1 } : { droneId, bootId: bootId + 1 };
}

function createDrone(index: number, settings: FleetSettings): SimulatedDrone {
  const { drones, seed, scenario, startUs } = settings;
  const random = new Random(seed, index + 1);
  const identity = identityOf(index, settings);
  const plan = SCENARIOS[scenario]({
    index,
    drones,
    seed,
    startUs,
    random,
    droneId: identity.droneId,
    idOf: (i) => identityOf(i, settings).droneId,
  });
  return new SimulatedDrone(identity, {
    plan,
    random,
    startUs,
    home: originAt(plan.site ?? padOf(index, drones)),
  });
}

// Pads stand on a square grid, in the middle of which is CENTRE.
function padOf(index: number, drones: number): Point {
  const columns = Math.ceil(Math.sqrt(drones));
  return {
    eastM: (index % columns - (columns - 1) / 2) * PAD_SPACING_M,
    northM: (Math.floor(index / columns) - (columns - 1) / 2) * PAD_SPACING_M,
    upM: 0,
  };
}

function originAt(point: Point): Origin {
  return { latDeg: toLatE7(point, CENTRE) / 1e7, lonDeg: toLonE7(point, CENTRE) / 1e7, altMslM: CENTRE.altMslM };
}

/** The quarter of the grid in which a drone's pad stands, as the name of a zone. */
export function zoneOf(index: number, drones: number): string {
  const columns = Math.ceil(Math.sqrt(drones));
  const northSouth = Math.floor(index / columns) * 2 < columns ? "south" : "north";
  return `${northSouth}-${index % columns * 2 < columns ? "west" : "east"}`;
}
