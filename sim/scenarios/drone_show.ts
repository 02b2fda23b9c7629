// All drones in one grid, 20 m from each other at one altitude, which moves slowly and hovers in turns. Those up to 44.7 m
// apart are in conflict for the whole show, and each pair is warned of once; the next farther ones are 56.6 m apart.
import type { Point } from "../geo.ts";
import { RTK_RECEIVER } from "../gps.ts";
import { MotionFlight, swelling } from "../motion.ts";
import { plainPlan, type Scenario } from "../plan.ts";
import { conflictsBeside } from "./side_by_side.ts";

const APART_M = 20;
const ALTITUDE_M = 60;
const VELOCITY: Point = { eastM: 0, northM: 1, upM: 0 };
/**
 * So slowly that two drones whose fixes are 1.5 s apart, as on a busy machine, differ by 0.06 m/s: straight on for 30 s they
 * are then seen 2 m nearer to each other than they will be, and with what both may be off by then 56.6 m is still outside.
 */
const ROUND = { holdS: 5, rampS: 25 };

/** Neighbours in the grid: at most 20 of each drone. */
export const droneShow: Scenario = (context) => {
  const { index, drones } = context;
  const spotOf = (i: number) => spotIn(i, drones);
  return {
    ...plainPlan(context, { staysAirborne: true }),
    site: spotOf(index),
    receiver: RTK_RECEIVER,
    flight: new MotionFlight({ eastM: 0, northM: 0, upM: ALTITUDE_M }, swelling(VELOCITY, ROUND)),
    expectedAlerts: conflictsBeside(context, { spotOf }),
  };
};

function spotIn(index: number, drones: number): Point {
  const columns = Math.ceil(Math.sqrt(drones));
  return {
    eastM: (index % columns - (columns - 1) / 2) * APART_M,
    northM: (Math.floor(index / columns) - (columns - 1) / 2) * APART_M,
    upM: 0,
  };
}
