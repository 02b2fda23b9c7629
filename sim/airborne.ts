// Whether a recorded drone flies: the recordings do not say, so it is judged by height and speed, with hysteresis, so
// that a receiver that drifts on the ground does not take off.
import type { Position } from "../proto/gen/slipstream/v1/telemetry_pb.ts";

const UP_ABOVE_MM = 5000;
const UP_ABOVE_CMS = 300;
const DOWN_BELOW_MM = 2000;
const DOWN_BELOW_CMS = 100;

export class AirborneEstimate {
  #airborne = false;
  #lowestMm = Infinity;

  /** After one more position: whether the drone is in the air. Heights are above the lowest one so far. */
  update({ altMslMm, vnCms, veCms }: Pick<Position, "altMslMm" | "vnCms" | "veCms">): boolean {
    if (altMslMm !== undefined) this.#lowestMm = Math.min(this.#lowestMm, altMslMm);
    const heightMm = altMslMm === undefined ? 0 : altMslMm - this.#lowestMm;
    const speedCms = Math.hypot(vnCms, veCms);
    this.#airborne = this.#airborne
      ? heightMm > DOWN_BELOW_MM || speedCms > DOWN_BELOW_CMS
      : heightMm > UP_ABOVE_MM || speedCms > UP_ABOVE_CMS;
    return this.#airborne;
  }
}
