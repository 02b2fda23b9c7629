// A tenth of the drones falls below 25 % within a few seconds and stays there, above what is critical.
import { BatteryPack } from "../battery.ts";
import { isChosen, plainPlan, type Scenario } from "../plan.ts";

/** An alert comes when the charge has been below for this long, in event time. */
const HOLD_US = 10e6;
const SLACK_US = 10e6;

export const lowBattery: Scenario = (context) => {
  if (!isChosen(context, 0.1)) return plainPlan(context);
  const { random, droneId, startUs } = context;
  const plan = plainPlan(context, { staysAirborne: true });
  plan.battery = new BatteryPack({ random, startCpct: random.between(2501, 2504), floorCpct: 2000, swapped: false });
  const notBeforeUs = startUs + HOLD_US;
  plan.expectedAlerts = [{ kind: "battery-low", droneId, notBeforeUs, byUs: notBeforeUs + SLACK_US }];
  return plan;
};
