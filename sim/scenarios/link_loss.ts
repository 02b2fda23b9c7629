// A tenth of the drones, all airborne, goes silent for more than 5 s, as when a modem restarts, and comes back.
import { isChosen, plainPlan, type Scenario } from "../plan.ts";

/** An alert comes after this much silence of an airborne drone. */
const LIMIT_US = 3e6;
const SLACK_US = 2e6;

export const linkLoss: Scenario = (context) => {
  if (!isChosen(context, 0.1)) return plainPlan(context);
  const { random, droneId, startUs } = context;
  const fromUs = startUs + random.whole(4e6, 8e6);
  const toUs = fromUs + random.whole(5.5e6, 7e6);
  const notBeforeUs = fromUs + LIMIT_US - 0.2e6;
  return {
    ...plainPlan(context, { staysAirborne: true }),
    silence: { fromUs, toUs },
    expectedAlerts: [{ kind: "link-loss", droneId, notBeforeUs, byUs: fromUs + LIMIT_US + SLACK_US }],
  };
};
