// All connections drop at once, twice, and come back; nothing may be lost, and nobody is out of contact for long.
import { plainPlan, type Scenario } from "../plan.ts";

/** After the fleet's start. */
export const DROPS_AFTER_US = [5e6, 11e6];

export const reconnectStorm: Scenario = (context) => plainPlan(context);
