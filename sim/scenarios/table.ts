// The scenarios by name.
import type { Scenario } from "../plan.ts";
import { calm } from "./calm.ts";
import { clockSkew } from "./clock_skew.ts";
import { clockStep } from "./clock_step.ts";
import { crossing } from "./crossing.ts";
import { crowd } from "./crowd.ts";
import { droneShow, showGroup } from "./drone_show.ts";
import { duplicates } from "./duplicates.ts";
import { edgeCut } from "./edge_cut.ts";
import { formation } from "./formation.ts";
import { frozenReceiver } from "./frozen_receiver.ts";
import { glitch } from "./glitch.ts";
import { linkLoss } from "./link_loss.ts";
import { lowBattery } from "./low_battery.ts";
import { obstacle } from "./obstacle.ts";
import { outOfOrder } from "./out_of_order.ts";
import { reconnectStorm } from "./reconnect_storm.ts";
import { twins } from "./twins.ts";

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
  "formation": formation,
  "drone-show": droneShow,
  "crowd": crowd,
  "frozen-receiver": frozenReceiver,
  "clock-step": clockStep,
  "twins": twins,
  "edge-cut": edgeCut,
  "fleet-2000": calm,
} satisfies Record<string, Scenario>;

/** Of scenarios that are about a large fleet: how many drones it has unless somebody says otherwise. */
export const DRONES: Partial<Record<ScenarioName, number>> = {
  "drone-show": 500,
  "crowd": 500,
  "fleet-2000": 2000,
};

/** Of scenarios with declared formations: which one a drone declares, by its index. */
export const GROUPS: Partial<Record<ScenarioName, (index: number) => string | undefined>> = { "drone-show": showGroup };

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];
