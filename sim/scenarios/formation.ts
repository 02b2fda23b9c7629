// Groups of five fly straight on with one velocity, 20 m from each other: abreast, and in a V. Pairs within 50 m are in
// conflict for the whole flight, and each is warned of once; the next farther ones are 60 m apart.
import type { Point } from "../geo.ts";
import { RTK_RECEIVER } from "../gps.ts";
import { MotionFlight, steady } from "../motion.ts";
import { plainPlan, type Scenario } from "../plan.ts";
import { conflictsBeside } from "./side_by_side.ts";

const GROUP = 5;
const APART_M = 20;
/** Of each arm of the V, to the direction of flight: the tips are 40 m apart. */
const ARM_RAD = Math.PI / 6;
const GROUP_SPACING_M = 1000;
const ALTITUDE_M = 60;
/** Slow enough that fixes of one second make no difference at the boundary. */
const VELOCITY: Point = { eastM: 0, northM: 5, upM: 0 };

/** All pairs of a group within the warning volume; nobody else. */
export const formation: Scenario = (context) => {
  const { index, drones } = context;
  const group = Math.floor(index / GROUP);
  const groups = Math.ceil(drones / GROUP);
  const spotOf = (i: number) => spotIn(group, i - group * GROUP);
  return {
    ...plainPlan(context, { staysAirborne: true }),
    site: siteOf(group, groups),
    receiver: RTK_RECEIVER,
    flight: new MotionFlight({ ...spotOf(index), upM: ALTITUDE_M }, steady(VELOCITY)),
    expectedAlerts: conflictsBeside(context, { spotOf, count: (group + 1) * GROUP }),
  };
};

// Even groups fly abreast, odd ones in a V; numbers go out from the middle: 0, 1 right, 2 left, 3 right, 4 left.
function spotIn(group: number, place: number): Point {
  const out = Math.ceil(place / 2) * APART_M;
  const side = place % 2 === 1 ? 1 : -1;
  if (group % 2 === 0) return { eastM: side * out, northM: 0, upM: 0 };
  return { eastM: side * out * Math.sin(ARM_RAD), northM: -out * Math.cos(ARM_RAD), upM: 0 };
}

// On a square grid around the fleet's centre: with one velocity for all, groups stay as far apart.
function siteOf(group: number, groups: number): Point {
  const columns = Math.ceil(Math.sqrt(groups));
  return {
    eastM: (group % columns - (columns - 1) / 2) * GROUP_SPACING_M,
    northM: (Math.floor(group / columns) - (columns - 1) / 2) * GROUP_SPACING_M,
    upM: 0,
  };
}
