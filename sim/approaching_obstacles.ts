// A sensor in front of which one obstacle after another comes straight at the drone, each until it has gone by.
import type { ObstacleScan } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import { hitsOf, type Look, ObstacleFrame, type ObstacleSensor, scanOf } from "./obstacles.ts";
import type { Random } from "./random.ts";

/** An obstacle on its way, at constant speed. */
export interface ObstacleApproach {
  closingMps: number;
  /** Unix µs at which it would hit. */
  hitUs: number;
  /** To the right of the nose. */
  bearingCdeg: number;
  surfaces: number;
}

/** How the sensor looks, and who wants to know what comes. */
export interface ApproachingObstaclesSettings {
  random: Random;
  /** Unix µs; nothing comes before. */
  startUs: number;
  /** Of ObstacleFrame. */
  frame: number;
  /** One comes into sight. */
  onApproach: (approach: ObstacleApproach) => void;
}

const START_M = 30;
const PASSED_M = 4;
const CLOSING_MPS = [2, 4] as const;
/** From the start to the first one, and from one to the next: longer than the slowest takes. */
const FIRST_AFTER_US = [0.5e6, 4e6] as const;
const NEXT_AFTER_US = [14e6, 17e6] as const;

/** Sees nothing but what comes at it, 30 m to 4 m away at 2 to 4 m/s. */
export class ApproachingObstacles implements ObstacleSensor {
  readonly #settings: ApproachingObstaclesSettings;
  #approach: ObstacleApproach | null = null;
  #nextUs: number;

  constructor(settings: ApproachingObstaclesSettings) {
    this.#settings = settings;
    this.#nextUs = settings.startUs + settings.random.whole(...FIRST_AFTER_US);
  }

  measure({ atUs, state }: Look): ObstacleScan {
    const { random, frame, onApproach } = this.#settings;
    if (atUs >= this.#nextUs) {
      this.#approach = approachFrom(this.#nextUs, random);
      this.#nextUs += random.whole(...NEXT_AFTER_US);
      onApproach(this.#approach);
    }
    if (this.#approach === null) return scanOf([], frame);
    const { closingMps, hitUs, bearingCdeg, surfaces } = this.#approach;
    const rangeM = closingMps * (hitUs - atUs) / 1e6;
    if (rangeM < PASSED_M) return scanOf([], frame);
    const noseCdeg = frame === ObstacleFrame.north ? state.headingRad * 18_000 / Math.PI : 0;
    const target = { rangeCm: rangeM * 100, rangeRateCms: -closingMps * 100, bearingCdeg: noseCdeg + bearingCdeg };
    return scanOf(hitsOf({ ...target, surfaces }, random), frame);
  }
}

function approachFrom(fromUs: number, random: Random): ObstacleApproach {
  const closingMps = random.between(...CLOSING_MPS);
  const hitUs = fromUs + START_M / closingMps * 1e6;
  return { closingMps, hitUs, bearingCdeg: random.whole(-4500, 4500), surfaces: random.whole(1, 3) };
}
