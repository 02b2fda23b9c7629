// Records wait up to 80 ms before they are sent, each for itself: event times come out of order.
import { plainPlan, type Scenario } from "../plan.ts";

const DELAY_US_MAX = 80_000;

export const outOfOrder: Scenario = (context) => ({
  ...plainPlan(context),
  delayUs: () => context.random.whole(500, DELAY_US_MAX),
});
