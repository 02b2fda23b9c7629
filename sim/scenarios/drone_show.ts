// A show: all drones in one grid, 20 m from each other at one altitude, and of one declared formation but for the first, in a
// corner, which has not been told. Nobody of the show conflicts with another of it, however near; the first one does with all
// up to 44.7 m from it, for the whole show, and each pair is warned of once; the next farther ones are 56.6 m apart.
import { RTK_RECEIVER } from "../gps.ts";
import { plainPlan, type Scenario } from "../plan.ts";
import { conflictsBeside, gridFlight, gridSpot } from "./side_by_side.ts";

const INTRUDER = 0;

/** The formation that a drone of the show declares. */
export function showGroup(index: number): string | undefined {
  return index === INTRUDER ? undefined : "show";
}

/** At most seven conflicts: those of the intruder. */
export const droneShow: Scenario = (context) => {
  const { index, drones } = context;
  const spotOf = (i: number) => gridSpot(i, drones);
  return {
    ...plainPlan(context, { staysAirborne: true }),
    site: spotOf(index),
    receiver: RTK_RECEIVER,
    flight: gridFlight(),
    expectedAlerts: index === INTRUDER ? conflictsBeside(context, { spotOf }) : [],
  };
};
