// What nobody may take for a conflict: straight on, two drones never come within the protected cylinder, not even with
// all that uncertainty adds to it.
import { horizontalDot, horizontalM, type Point } from "../geo.ts";

/**
 * 50 m × 15 m, and two sigmas of two receivers (3.6 m × 5 m), and hysteresis (a fifth), and what is left for noise and
 * fixes that are some tenths of a second old.
 */
const CLEAR_M = 75;
const CLEAR_UP_M = 29;

/** Whether `apart`, moving at `velocity` for ever, stays outside: both are of one drone relative to the other. */
export function staysClear(apart: Point, velocity: Point): boolean {
  const sideways = timesWithin(
    { square: horizontalM(velocity) ** 2, along: horizontalDot(apart, velocity), now: horizontalM(apart) ** 2 },
    CLEAR_M,
  );
  const inHeight = timesWithin(
    { square: velocity.upM ** 2, along: apart.upM * velocity.upM, now: apart.upM ** 2 },
    CLEAR_UP_M,
  );
  return Math.max(0, sideways.fromS, inHeight.fromS) > Math.min(sideways.toS, inHeight.toS);
}

// When t²·square + 2t·along + now ≤ limit²; an empty span where never.
function timesWithin(
  { square, along, now }: { square: number; along: number; now: number },
  limitM: number,
): { fromS: number; toS: number } {
  const excess = now - limitM * limitM;
  if (square === 0) return excess <= 0 ? { fromS: -Infinity, toS: Infinity } : { fromS: Infinity, toS: -Infinity };
  const root = Math.sqrt(along * along - square * excess);
  return Number.isNaN(root)
    ? { fromS: Infinity, toS: -Infinity }
    : { fromS: (-along - root) / square, toS: (-along + root) / square };
}
