// What a forward-looking obstacle sensor reports: mostly nothing, at times something that passes, never near or fast
// enough to be urgent.
import { create } from "@bufbuild/protobuf";
import {
  type ObstacleScan,
  type ObstacleScan_Hit,
  ObstacleScan_HitSchema,
  ObstacleScanSchema,
} from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { FlightState } from "./flight.ts";
import type { Random } from "./random.ts";

/** One look of a sensor. */
export interface Look {
  /** Unix µs. */
  atUs: number;
  /** Since the look before. */
  dtS: number;
  state: FlightState;
}

/** Looks when it is told to. */
export interface ObstacleSensor {
  measure: (look: Look) => ObstacleScan;
}

/** Something in front of a sensor, with as many surfaces, one behind the other. */
export interface Target {
  rangeCm: number;
  /** + while the distance grows. */
  rangeRateCms: number;
  bearingCdeg: number;
  surfaces: number;
}

/** What the bearing 0 of a scan points to. */
export const ObstacleFrame = { north: 0, body: 1 } as const;

const MAX_RANGE_CM = 4000;
/** A target nearer than this, in distance or in time, is out of sight: urgent is what is within 10 m or 5 s. */
const NEAREST_CM = 1400;
const NEAREST_S = 6.5;
const SURFACE_CM = 80;
const RANGE_CM_SIGMA = 4;
const RANGE_RATE_CMS_SIGMA = 5;

/** At times sees something that passes at 14 m or more. */
export class DistantObstacles implements ObstacleSensor {
  readonly #random: Random;
  #target: Target | null = null;
  #remainingS = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  measure({ dtS }: Look): ObstacleScan {
    const random = this.#random;
    if (this.#target === null && random.chance(dtS / 12)) this.#meet();
    const target = this.#target;
    if (target !== null) {
      this.#remainingS -= dtS;
      target.rangeCm += target.rangeRateCms * dtS;
      if (this.#remainingS <= 0 || !isDistant(target)) this.#target = null;
    }
    return scanOf(this.#target === null ? [] : hitsOf(this.#target, random), ObstacleFrame.body);
  }

  #meet(): void {
    const random = this.#random;
    this.#remainingS = random.between(1, 5);
    this.#target = {
      rangeCm: random.between(1800, MAX_RANGE_CM),
      rangeRateCms: random.between(-300, 300),
      bearingCdeg: random.whole(-4500, 4500),
      surfaces: random.whole(1, 3),
    };
  }
}

function isDistant({ rangeCm, rangeRateCms }: Target): boolean {
  return rangeCm <= MAX_RANGE_CM && rangeCm >= NEAREST_CM && rangeCm >= -rangeRateCms * NEAREST_S;
}

/** A target as a sensor measures it. */
export function hitsOf({ rangeCm, rangeRateCms, bearingCdeg, surfaces }: Target, random: Random): ObstacleScan_Hit[] {
  return Array.from({ length: surfaces }, (_, i) =>
    create(ObstacleScan_HitSchema, {
      bearingCdeg: Math.round(bearingCdeg) + i * 300 + random.whole(-20, 20),
      elevationCdeg: random.whole(-300, 300),
      rangeCm: Math.max(1, Math.round(rangeCm + i * SURFACE_CM + random.gaussian(RANGE_CM_SIGMA))),
      rangeRateCms: Math.round(rangeRateCms + random.gaussian(RANGE_RATE_CMS_SIGMA)),
    }));
}

/** @param frame of ObstacleFrame */
export function scanOf(hits: ObstacleScan_Hit[], frame: number): ObstacleScan {
  return create(ObstacleScanSchema, { sensorId: 1, frame, maxRangeCm: MAX_RANGE_CM, hits });
}
