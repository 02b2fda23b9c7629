// Of ten drones two say that they are the same, in the same boot, and two others in boots of their own, far from each
// other. Somebody copied an image or a key: it is one alert for each id, and all records count.
import { plainPlan, type Scenario } from "../plan.ts";

const TEN = 10;
const SLACK_US = 10e6;
/** Beyond the pads of the whole fleet. */
const AWAY_M = 60_000;
const SPACING_M = 3000;

/** Whose id a drone uses that should have its own; null: it has its own. */
export function twinOf(index: number): { of: number; boot: "same" | "other" } | null {
  const role = index % TEN;
  return role === 1 ? { of: index - 1, boot: "same" } : role === 3 ? { of: index - 1, boot: "other" } : null;
}

/** Warned of is each id that two use. */
export const twins: Scenario = (context) => {
  const { index, drones, startUs, droneId } = context;
  const plan = plainPlan(context, { staysAirborne: index % TEN < 4 });
  if (twinOf(index)) plan.site = { eastM: AWAY_M, northM: index * SPACING_M, upM: 0 };
  else if (index % TEN < 4 && index + 1 < drones) {
    plan.expectedAlerts = [{ kind: "identity-clash", droneId, notBeforeUs: startUs, byUs: startUs + SLACK_US }];
  }
  return plan;
};
