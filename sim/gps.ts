// What a GPS receiver says about where the drone is: a bias that wanders over a minute, and little white noise, so
// that consecutive fixes of a hovering drone are mostly less than half a metre apart.
import { create } from "@bufbuild/protobuf";
import { type Position, PositionSchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { FlightState } from "./flight.ts";
import { type Origin, toLatE7, toLonE7 } from "./geo.ts";
import type { Random } from "./random.ts";

const BIAS_M_SIGMA = 0.8;
const BIAS_TIME_S = 60;
const WHITE_M_SIGMA = 0.04;
const WHITE_UP_M_SIGMA = 0.07;
const VELOCITY_MPS_SIGMA = 0.04;
export const FIX_3D = 3;

export class Gps {
  readonly #random: Random;
  readonly #bias: [number, number, number];
  #satellites: number;

  constructor(random: Random) {
    this.#random = random;
    const sigma = () => random.gaussian(BIAS_M_SIGMA);
    this.#bias = [sigma(), sigma(), sigma()];
    this.#satellites = random.whole(12, 17);
  }

  /** One fix, `dtS` after the one before. */
  measure({ position, velocity, headingRad }: FlightState, { home, dtS }: { home: Origin; dtS: number }): Position {
    const random = this.#random;
    // Ornstein-Uhlenbeck: keeps BIAS_M_SIGMA, forgets over BIAS_TIME_S.
    const keep = Math.exp(-dtS / BIAS_TIME_S);
    const wander = BIAS_M_SIGMA * Math.sqrt(1 - keep * keep);
    for (let i = 0; i < 3; i++) this.#bias[i] = this.#bias[i]! * keep + random.gaussian(wander);
    if (random.chance(0.01)) this.#satellites = Math.max(10, Math.min(18, this.#satellites + random.whole(-1, 1)));
    const [biasEastM, biasNorthM, biasUpM] = this.#bias;
    const seen = {
      eastM: position.eastM + biasEastM + random.gaussian(WHITE_M_SIGMA),
      northM: position.northM + biasNorthM + random.gaussian(WHITE_M_SIGMA),
      upM: position.upM + biasUpM + random.gaussian(WHITE_UP_M_SIGMA),
    };
    // + 0: no negative zero, which does not survive encoding.
    const speed = (mps: number) => Math.round((mps + random.gaussian(VELOCITY_MPS_SIGMA)) * 100) + 0;
    return create(PositionSchema, {
      latE7: toLatE7(seen, home),
      lonE7: toLonE7(seen, home),
      altMslMm: Math.round((home.altMslM + seen.upM) * 1000),
      altHomeMm: Math.round(seen.upM * 1000),
      vnCms: speed(velocity.northM),
      veCms: speed(velocity.eastM),
      vdCms: speed(-velocity.upM),
      headingCdeg: Math.round(headingRad * 18_000 / Math.PI) % 36_000,
      hAccMm: 900 + 50 * (17 - this.#satellites),
      vAccMm: 1400 + 50 * (17 - this.#satellites),
      fixType: FIX_3D,
      satellites: this.#satellites,
    });
  }
}
