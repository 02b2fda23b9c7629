// What raises alerts, today: batteries, silence in the air, clocks that cannot be believed. Each rule looks at a drone
// and tells the alert state machine whether its condition holds.
import type { Alerts } from "./alerts.ts";
import type { BatterySettings } from "./battery.ts";
import type { BatteryState, Drone } from "./drones.ts";
import type { Output } from "./outputs.ts";

export interface RulesSettings {
  battery: BatterySettings;
  /** No frame of an airborne drone for longer than this is link loss. */
  linkLossUs: number;
  /** A clock is good again after this long without a record that had to be re-timed. */
  clockGoodUs: number;
}

export const IN_AIR = 2;

export class Rules {
  readonly #alerts: Alerts;
  readonly #settings: RulesSettings;

  constructor(alerts: Alerts, settings: RulesSettings) {
    this.#alerts = alerts;
    this.#settings = settings;
  }

  /** After a reading of a battery; `eventTimeUs` is the time at which it was taken. */
  battery(drone: Drone, battery: BatteryState, { eventTimeUs, outputs }: { eventTimeUs: number; outputs: Output[] }) {
    const before = battery.rule.level;
    const level = battery.rule.assess(battery, this.#settings.battery);
    if (level === before) return;
    const { droneId } = drone;
    const key = `battery/${battery.id}/${droneId}`;
    if (level === 0) {
      this.#alerts.resolve(key, { atUs: eventTimeUs, triggerTimeUs: eventTimeUs }, outputs);
      return;
    }
    const { remainingCpct, voltageMv } = battery;
    const state = remainingCpct !== null
      ? `${(remainingCpct / 100).toFixed(1)} % left`
      : `${(voltageMv ?? 0) / 1000} V`;
    this.#alerts.hold(key, {
      kind: level === 2 ? "battery-critical" : "battery-low",
      severity: level === 2 ? "critical" : "warning",
      droneIds: [droneId],
      detail: `battery ${battery.id}`,
      message: `Battery ${battery.id} of ${droneId} is ${level === 2 ? "critical" : "low"}: ${state}`,
      atUs: eventTimeUs,
      triggerTimeUs: eventTimeUs,
    }, outputs);
  }

  /** A record whose event time was not believed: `offsetUs` is ingestion time minus event time. */
  skewed(drone: Drone, { atUs, offsetUs, outputs }: { atUs: number; offsetUs: number; outputs: Output[] }): void {
    const { droneId } = drone;
    const state = offsetUs < 0 ? `${(-offsetUs / 1e6).toFixed(1)} s ahead` : "not set";
    this.#alerts.hold(`clock/${droneId}`, {
      kind: "clock-skew",
      severity: "warning",
      droneIds: [droneId],
      detail: "",
      message: `The clock of ${droneId} is ${state}: its records are taken as measured on arrival`,
      atUs,
      triggerTimeUs: null,
    }, outputs);
  }

  /** A frame of the drone arrived. */
  heard(drone: Drone, { atUs, outputs }: { atUs: number; outputs: Output[] }): void {
    if (!drone.linkLost) return;
    drone.linkLost = false;
    this.#alerts.resolve(`link/${drone.droneId}`, { atUs, triggerTimeUs: null }, outputs);
  }

  /** Time passed: who has been silent for too long, and whose clock has been good for long enough. */
  tick(drone: Drone, { nowUs, outputs }: { nowUs: number; outputs: Output[] }): void {
    const { linkLossUs, clockGoodUs } = this.#settings;
    const { droneId, clock } = drone;
    const silentUs = nowUs - drone.lastIngestionTimeUs;
    if (!drone.linkLost && (drone.flags & IN_AIR) !== 0 && silentUs > linkLossUs) {
      drone.linkLost = true;
      this.#alerts.hold(`link/${droneId}`, {
        kind: "link-loss",
        severity: "critical",
        droneIds: [droneId],
        detail: "",
        message: `${droneId} is in the air and silent for more than ${linkLossUs / 1e6} s`,
        atUs: nowUs,
        triggerTimeUs: null,
      }, outputs);
    }
    if (clock.lastSkewUs > -Infinity && nowUs - clock.lastSkewUs > clockGoodUs && silentUs < clockGoodUs) {
      clock.lastSkewUs = -Infinity;
      this.#alerts.resolve(`clock/${droneId}`, { atUs: nowUs, triggerTimeUs: null }, outputs);
    }
  }
}
