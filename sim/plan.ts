// What a scenario decides for one drone before it starts; everything else about it follows from the seed.
import type { Position } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import { BatteryPack } from "./battery.ts";
import { type Flight, Mission } from "./flight.ts";
import type { Point } from "./geo.ts";
import { PLAIN_RECEIVER, type Receiver } from "./gps.ts";
import { DistantObstacles, type ObstacleSensor } from "./obstacles.ts";
import type { Random } from "./random.ts";
import type { ExpectedAlert, TrueEncounter, TrueGlitch } from "./truth.ts";

/** Where a scenario is asked about one drone. */
export interface PlanContext {
  index: number;
  drones: number;
  seed: number;
  droneId: string;
  /** The id of another drone of the fleet. */
  idOf: (index: number) => string;
  /** Unix µs of the fleet's start. */
  startUs: number;
  random: Random;
}

export interface DronePlan {
  flight: Flight;
  receiver: Receiver;
  battery: BatteryPack;
  obstacles: ObstacleSensor;
  /** Where the flight is at home, from the fleet's centre; null: at the drone's pad in the fleet's grid. */
  site: Point | null;
  /** The drone's clock: Unix µs as it is → Unix µs as the drone believes. */
  clock: (trueUs: number) => number;
  /** How long after it was measured a record is sent. */
  delayUs: () => number;
  /** The receiver repeats one place, Unix µs. */
  frozen: { fromUs: number; toUs: number } | null;
  /** Neither measures nor sends, Unix µs. */
  silence: { fromUs: number; toUs: number } | null;
  /** Chance that a frame is sent again. */
  duplicateChance: number;
  /** Chance that a damaged copy goes before a frame. */
  malformedChance: number;
  /** May change the position, measured at `atUs` (Unix µs), in place, and says how. */
  glitch: ((position: Position, atUs: number) => TrueGlitch["sort"] | null) | null;
  /** These grow as what causes them begins. */
  expectedAlerts: ExpectedAlert[];
  encounters: TrueEncounter[];
}

export type Scenario = (context: PlanContext) => DronePlan;

/** Whether a drone is one of about `share` of the fleet that the seed picks: at least one. */
export function isChosen({ index, drones, seed }: PlanContext, share: number): boolean {
  const step = Math.min(drones, Math.round(1 / share));
  return index % step === seed % step;
}

/** A drone without anything special. */
export function plainPlan({ random }: PlanContext, { staysAirborne = false } = {}): DronePlan {
  return {
    flight: new Mission({ random, staysAirborne }),
    // A drone that never lands gets no fresh battery, so its charge stays well above any limit.
    battery: new BatteryPack({ random, startCpct: random.between(6000, 9800), floorCpct: 4000, swapped: true }),
    obstacles: new DistantObstacles(random),
    receiver: PLAIN_RECEIVER,
    frozen: null,
    site: null,
    clock: (trueUs) => trueUs,
    delayUs: () => random.whole(500, 2500),
    silence: null,
    duplicateChance: 0,
    malformedChance: 0,
    glitch: null,
    expectedAlerts: [],
    encounters: [],
  };
}
