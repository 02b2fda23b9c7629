// Of ten drones one has a clock that is 5 s fast, and one has never had its clock set: it counts from 1970.
import { isChosen, plainPlan, type Scenario } from "../plan.ts";

const FAST_US = 5e6;
const SLACK_US = 10e6;

export const clockSkew: Scenario = (context) => {
  const isFast = isChosen(context, 0.1);
  const isUnset = !isFast && isChosen({ ...context, seed: context.seed + 1 }, 0.1);
  const plan = plainPlan(context);
  if (!isFast && !isUnset) return plan;
  const { random, droneId, startUs } = context;
  const bootedUs = startUs - random.whole(20e6, 600e6);
  return {
    ...plan,
    clock: isFast ? (trueUs) => trueUs + FAST_US : (trueUs) => trueUs - bootedUs,
    expectedAlerts: [{ kind: "clock-skew", droneId, notBeforeUs: startUs, byUs: startUs + SLACK_US }],
  };
};
