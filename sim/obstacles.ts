// What a forward-looking obstacle sensor reports: mostly nothing, at times something that passes far away, seldom near.
import { create } from "@bufbuild/protobuf";
import { type ObstacleScan, ObstacleScanSchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { Random } from "./random.ts";

const MAX_RANGE_CM = 4000;
const FRAME_BODY = 1;

interface Encounter {
  remainingS: number;
  rangeCm: number;
  rangeRateCms: number;
  bearingCdeg: number;
  surfaces: number;
}

export class ObstacleSensor {
  readonly #random: Random;
  #encounter: Encounter | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  /** One look, `dtS` after the one before. */
  measure(dtS: number): ObstacleScan {
    const random = this.#random;
    this.#encounter ??= random.chance(dtS / 12) ? this.#meet() : null;
    const encounter = this.#encounter;
    if (encounter !== null) {
      encounter.remainingS -= dtS;
      encounter.rangeCm += encounter.rangeRateCms * dtS;
      if (encounter.remainingS <= 0 || encounter.rangeCm > MAX_RANGE_CM || encounter.rangeCm < 300) {
        this.#encounter = null;
      }
    }
    return create(ObstacleScanSchema, {
      sensorId: 1,
      frame: FRAME_BODY,
      maxRangeCm: MAX_RANGE_CM,
      hits: encounter === null ? [] : this.#hits(encounter),
    });
  }

  #meet(): Encounter {
    const random = this.#random;
    const near = random.chance(0.08);
    return {
      remainingS: random.between(1, 5),
      rangeCm: near ? random.between(600, 1500) : random.between(1800, MAX_RANGE_CM),
      rangeRateCms: near ? random.between(-150, 100) : random.between(-300, 300),
      bearingCdeg: random.whole(-4500, 4500),
      surfaces: random.whole(1, 3),
    };
  }

  #hits(encounter: Encounter) {
    const random = this.#random;
    return Array.from({ length: encounter.surfaces }, (_, i) => ({
      bearingCdeg: encounter.bearingCdeg + i * 300 + random.whole(-20, 20),
      elevationCdeg: random.whole(-300, 300),
      rangeCm: Math.max(1, Math.round(encounter.rangeCm + i * 80 + random.gaussian(4))),
      rangeRateCms: Math.round(encounter.rangeRateCms + random.gaussian(10)),
    }));
  }
}
