// What a GPS receiver says about where the drone is: a bias that wanders over a minute, and little white noise, so
// that consecutive fixes of a hovering drone are mostly less than half a metre apart.
import { create } from "@bufbuild/protobuf";
import { type Position, PositionSchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { FlightState } from "./flight.ts";
import { type Origin, toLatE7, toLonE7 } from "./geo.ts";
import type { Random } from "./random.ts";

/** How good a receiver is, and how good it says it is. One sigma each. */
export interface Receiver {
  biasM: number;
  whiteM: number;
  whiteUpM: number;
  velocityMps: number;
  /** With 17 satellites, and for each that is missing. */
  hAccMm: number;
  vAccMm: number;
  missingMm: number;
  /** As MAVLink GPS_FIX_TYPE. */
  fixType: number;
}

const BIAS_TIME_S = 60;
const SATELLITES = 17;
export const FIX_3D = 3;
const FIX_RTK = 6;

/** Satellites alone. */
export const PLAIN_RECEIVER: Receiver = {
  ...{ biasM: 0.8, whiteM: 0.04, whiteUpM: 0.07, velocityMps: 0.04 },
  ...{ hAccMm: 900, vAccMm: 1400, missingMm: 50, fixType: FIX_3D },
};
/** With corrections from a base station: centimetres. */
export const RTK_RECEIVER: Receiver = {
  ...{ biasM: 0.012, whiteM: 0.008, whiteUpM: 0.015, velocityMps: 0.01 },
  ...{ hAccMm: 20, vAccMm: 30, missingMm: 0, fixType: FIX_RTK },
};

export class Gps {
  readonly #random: Random;
  readonly #receiver: Receiver;
  readonly #bias: [number, number, number];
  #satellites: number;

  constructor(random: Random, receiver: Receiver) {
    this.#random = random;
    this.#receiver = receiver;
    const sigma = () => random.gaussian(receiver.biasM);
    this.#bias = [sigma(), sigma(), sigma()];
    this.#satellites = random.whole(12, 17);
  }

  /** One fix, `dtS` after the one before. */
  measure({ position, velocity, headingRad }: FlightState, { home, dtS }: { home: Origin; dtS: number }): Position {
    const random = this.#random;
    const { biasM, whiteM, whiteUpM, velocityMps, hAccMm, vAccMm, missingMm, fixType } = this.#receiver;
    // Ornstein-Uhlenbeck: keeps biasM, forgets over BIAS_TIME_S.
    const keep = Math.exp(-dtS / BIAS_TIME_S);
    const wander = biasM * Math.sqrt(1 - keep * keep);
    for (let i = 0; i < 3; i++) this.#bias[i] = this.#bias[i]! * keep + random.gaussian(wander);
    if (random.chance(0.01)) this.#satellites = Math.max(10, Math.min(18, this.#satellites + random.whole(-1, 1)));
    const [biasEastM, biasNorthM, biasUpM] = this.#bias;
    const seen = {
      eastM: position.eastM + biasEastM + random.gaussian(whiteM),
      northM: position.northM + biasNorthM + random.gaussian(whiteM),
      upM: position.upM + biasUpM + random.gaussian(whiteUpM),
    };
    // + 0: no negative zero, which does not survive encoding.
    const speed = (mps: number) => Math.round((mps + random.gaussian(velocityMps)) * 100) + 0;
    return create(PositionSchema, {
      latE7: toLatE7(seen, home),
      lonE7: toLonE7(seen, home),
      altMslMm: Math.round((home.altMslM + seen.upM) * 1000),
      altHomeMm: Math.round(seen.upM * 1000),
      vnCms: speed(velocity.northM),
      veCms: speed(velocity.eastM),
      vdCms: speed(-velocity.upM),
      headingCdeg: Math.round(headingRad * 18_000 / Math.PI) % 36_000,
      hAccMm: hAccMm + missingMm * (SATELLITES - this.#satellites),
      vAccMm: vAccMm + missingMm * (SATELLITES - this.#satellites),
      fixType,
      satellites: this.#satellites,
    });
  }
}
