// Who is within the warning volume of whom while all keep their places: each such pair is warned of once, at the start.
import { horizontalM, minus, type Point } from "../geo.ts";
import { MotionFlight, swelling } from "../motion.ts";
import type { PlanContext } from "../plan.ts";
import { type ExpectedAlert, subjectOf } from "../truth.ts";

/** As the aggregator has it by default. Nobody is placed near to this boundary. */
const RADIUS_M = 50;
/** Many warnings at once take their time. */
export const SLACK_US = 10e6;
const GRID_M = 20;
const GRID_UP_M = 60;
const GRID_VELOCITY: Point = { eastM: 0, northM: 1, upM: 0 };
/**
 * So slowly that two drones whose fixes are 1.5 s apart, as on a busy machine, differ by 0.06 m/s: straight on for 30 s they
 * are then seen 2 m nearer to each other than they will be, and with what both may be off by then 56.6 m is still outside.
 */
const GRID_ROUND = { holdS: 5, rampS: 25 };

/** Of all drones in one square of rows, 20 m from each other, around the fleet's centre. */
export function gridSpot(index: number, drones: number): Point {
  const columns = Math.ceil(Math.sqrt(drones));
  return {
    eastM: (index % columns - (columns - 1) / 2) * GRID_M,
    northM: (Math.floor(index / columns) - (columns - 1) / 2) * GRID_M,
    upM: 0,
  };
}

/** A grid's way: it moves slowly and hovers, in turns. */
export function gridFlight(): MotionFlight {
  return new MotionFlight({ eastM: 0, northM: 0, upM: GRID_UP_M }, swelling(GRID_VELOCITY, GRID_ROUND));
}

/** The conflicts of a drone with those behind it in the fleet; `spotOf`: where a drone is, at one altitude. */
export function conflictsBeside(
  { index, drones, startUs, idOf }: PlanContext,
  { spotOf, count = drones }: { spotOf: (index: number) => Point; count?: number },
): ExpectedAlert[] {
  const own = spotOf(index);
  const found: ExpectedAlert[] = [];
  for (let other = index + 1; other < Math.min(drones, count); other++) {
    if (horizontalM(minus(spotOf(other), own)) >= RADIUS_M) continue;
    const droneId = subjectOf([idOf(index), idOf(other)]);
    found.push({ kind: "conflict", droneId, notBeforeUs: startUs, byUs: startUs + SLACK_US });
  }
  return found;
}
