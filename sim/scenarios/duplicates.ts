// A twentieth of all frames is sent twice.
import { plainPlan, type Scenario } from "../plan.ts";

export const duplicates: Scenario = (context) => ({ ...plainPlan(context), duplicateChance: 0.05 });
