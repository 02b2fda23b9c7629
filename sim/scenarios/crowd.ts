// The grid of a drone show that nobody has declared: a crowd, which is one alert. Before it is known for one, pairs may be
// warned of one by one, each once.
import { RTK_RECEIVER } from "../gps.ts";
import { plainPlan, type Scenario } from "../plan.ts";
import { ANYBODY } from "../truth.ts";
import { conflictsBeside, gridFlight, gridSpot, SLACK_US } from "./side_by_side.ts";

/** One alert for all of them. */
export const crowd: Scenario = (context) => {
  const { index, drones, startUs } = context;
  const spotOf = (i: number) => gridSpot(i, drones);
  const first = conflictsBeside(context, { spotOf }).map((alert) => ({ ...alert, optional: true as const }));
  const whole = { kind: "crowd", droneId: ANYBODY, notBeforeUs: startUs, byUs: startUs + SLACK_US };
  return {
    ...plainPlan(context, { staysAirborne: true }),
    site: spotOf(index),
    receiver: RTK_RECEIVER,
    flight: gridFlight(),
    expectedAlerts: index === 0 ? [...first, whole] : first,
  };
};
