// The edge loses the aggregator for 15 s and goes on with its drones: to the aggregator all of them are silent meanwhile,
// and what they sent is counted afterwards. The edge is told, none of its drones is.
import { plainPlan, type Scenario } from "../plan.ts";

/** After the fleet's start. */
export const UPLINK_CUT_US = { fromUs: 5e6, toUs: 20e6 };

/** All stay in the air, so that nothing but the edge's loss could excuse their silence. */
export const edgeCut: Scenario = (context) => plainPlan(context, { staysAirborne: true });
