// The scenarios by name.
import type { Scenario } from "../plan.ts";
import { calm } from "./calm.ts";
import { clockSkew } from "./clock_skew.ts";
import { crossing } from "./crossing.ts";
import { duplicates } from "./duplicates.ts";
import { glitch } from "./glitch.ts";
import { linkLoss } from "./link_loss.ts";
import { lowBattery } from "./low_battery.ts";
import { obstacle } from "./obstacle.ts";
import { outOfOrder } from "./out_of_order.ts";
import { reconnectStorm } from "./reconnect_storm.ts";

export const SCENARIOS = {
  "calm": calm,
  "low-battery": lowBattery,
  "link-loss": linkLoss,
  "clock-skew": clockSkew,
  "duplicates": duplicates,
  "out-of-order": outOfOrder,
  "glitch": glitch,
  "reconnect-storm": reconnectStorm,
  "crossing": crossing,
  "obstacle": obstacle,
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];
