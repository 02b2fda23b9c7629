// Nothing happens that anyone should be told.
import { plainPlan, type Scenario } from "../plan.ts";

export const calm: Scenario = (context) => plainPlan(context);
