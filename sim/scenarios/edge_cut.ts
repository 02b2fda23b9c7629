// The edge loses the aggregator for 15 s and goes on with its drones: what they send meanwhile is counted afterwards, and
// nobody is told of anything.
import { plainPlan, type Scenario } from "../plan.ts";

/** After the fleet's start. */
export const UPLINK_CUT_US = { fromUs: 5e6, toUs: 20e6 };

export const edgeCut: Scenario = (context) => plainPlan(context);
