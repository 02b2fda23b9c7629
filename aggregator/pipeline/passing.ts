// What the passing of time does to all that remembers times, and what a step of the clock does.
import type { Airspace } from "../airspace/airspace.ts";
import type { Alerts } from "../alerts/alerts.ts";
import type { Drones } from "./drones/drones.ts";
import type { Hearing } from "./edges/hearing.ts";
import type { Output } from "../outputs.ts";
import type { Erasing } from "./records/erasing.ts";
import type { Attempts } from "./records/quarantine.ts";
import type { Rules } from "./records/rules.ts";
import type { Snapshots } from "./state/snapshot.ts";
import type { Traffic } from "./traffic/traffic.ts";
import type { Watermark } from "./windows/watermark.ts";
import type { Windows } from "./windows/windows.ts";

export interface TimedParts {
  drones: Drones;
  snapshots: Snapshots;
  rules: Rules;
  hearing: Hearing;
  watermark: Watermark;
  windows: Windows;
  airspace: Airspace;
  traffic: Traffic;
  erasing: Erasing;
  alerts: Alerts;
}

/** It is `nowUs`, and there was no pause since `sinceUs`. */
export function pass(
  { drones, rules, hearing, watermark, airspace, traffic, erasing, alerts }: TimedParts,
  moment: { nowUs: number; sinceUs: number; outputs: Output[] },
  attempts: Attempts,
): void {
  const { nowUs, sinceUs, outputs } = moment;
  attempts.run(() => hearing.tick({ drones: drones.values(), edges: watermark, ...moment }));
  for (const drone of drones.values()) {
    const heard = hearing.of(drone.edgeId);
    attempts.run(() => rules.tick(drone, { ...moment, heard }));
  }
  attempts.run(() => traffic.tick(moment));
  attempts.run(() => airspace.tick({ nowUs, trigger: null, outputs }, sinceUs));
  attempts.run(() => erasing.tick(moment));
  attempts.run(() => alerts.remind(nowUs, outputs));
}

/** The host's clock was set by `stepUs`; `nowUs` is the time after it. What is remembered in its time moves along. */
export function stepClocks(
  { drones, snapshots, hearing, watermark, windows, airspace, traffic, alerts }: TimedParts,
  { stepUs, nowUs }: { stepUs: number; nowUs: number },
): void {
  for (const drone of drones.values()) {
    snapshots.beforeDrone(drone);
    drone.clockStepped(stepUs);
  }
  airspace.clockStepped(stepUs);
  traffic.clockStepped(stepUs);
  alerts.clockStepped(stepUs);
  hearing.clockStepped(stepUs);
  watermark.clockStepped({ stepUs, nowUs });
  if (stepUs < 0) windows.rewind(watermark.us);
}
