// The edge loses the aggregator for 15 s and goes on with its drones: to the aggregator all of them are silent meanwhile,
// and what they sent is counted afterwards.
import { plainPlan, type Scenario } from "../plan.ts";

/** After the fleet's start. */
export const UPLINK_CUT_US = { fromUs: 5e6, toUs: 20e6 };

/** An alert comes after this much silence of an airborne drone. */
const LIMIT_US = 3e6;
const EARLY_US = 0.2e6;
const SLACK_US = 2e6;

/** Warned of is each drone, once. */
export const edgeCut: Scenario = (context) => {
  const { startUs, droneId } = context;
  const silentUs = startUs + UPLINK_CUT_US.fromUs + LIMIT_US;
  return {
    ...plainPlan(context, { staysAirborne: true }),
    expectedAlerts: [{ kind: "link-loss", droneId, notBeforeUs: silentUs - EARLY_US, byUs: silentUs + SLACK_US }],
  };
};
