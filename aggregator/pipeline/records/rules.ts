// What raises alerts of one drone: batteries, obstacles, silence in the air, clocks and positions that cannot be
// believed. Each rule looks at a drone and tells the alert state machine whether its condition holds.
import { RecordFlag } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { FixFault } from "../../airspace/fix_gate.ts";
import type { ObstacleColumns } from "../../batch/columns.ts";
import type { Alerts, Trigger } from "../../alerts/alerts.ts";
import type { BatterySettings } from "../drones/battery.ts";
import type { ClockFault } from "../drones/clock.ts";
import type { BatteryState } from "../drones/batteries.ts";
import type { Drone, DroneWatch } from "../drones/drone.ts";
import type { Heard } from "../edges/hearing.ts";
import type { ObstacleSettings, WorstHit } from "../drones/obstacles.ts";
import type { Output } from "../../outputs.ts";

export interface RulesSettings {
  battery: BatterySettings;
  obstacle: ObstacleSettings;
  /** No frame of an airborne drone for longer than this is link loss; longer of one that reports less often: see Reporting. */
  linkLossUs: number;
  /** A clock is good again after this long without a record that had to be re-timed. */
  clockGoodUs: number;
  /** Positions are good again after this long without one that could not be believed. */
  positionGoodUs: number;
  /** An id is one drone's again after this long without another that uses it. */
  clashGoodUs: number;
}

const FAULTS: Record<FixFault, string> = {
  "no-fix": "it has no fix",
  "no-place": "it tells a place that is none",
  "jump": "it jumped farther than it can have flown",
  "frozen": "it repeats while the drone moves",
};

export class Rules {
  readonly #alerts: Alerts;
  readonly #settings: RulesSettings;
  readonly #watch: DroneWatch;

  constructor(alerts: Alerts, settings: RulesSettings, watch: DroneWatch) {
    this.#alerts = alerts;
    this.#settings = settings;
    this.#watch = watch;
  }

  /** After a reading of a battery; `eventTimeUs` is the time at which it was taken. */
  battery(drone: Drone, battery: BatteryState, { eventTimeUs, outputs }: { eventTimeUs: number; outputs: Output[] }) {
    const before = battery.rule.level;
    const level = battery.rule.assess(battery, this.#settings.battery);
    if (level === before) return;
    const { droneId } = drone;
    const key = batteryKey(battery.id, droneId);
    const trigger = { droneId, eventTimeUs };
    if (level === 0) {
      this.#alerts.resolve(key, { atUs: eventTimeUs, trigger }, outputs);
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
      trigger,
    }, outputs);
  }

  /** Scan `i` of a drone in the air, whose hits begin at `firstHit`. */
  obstacles(
    drone: Drone,
    o: ObstacleColumns,
    { i, firstHit, eventTimeUs, measuredUs, nowUs, outputs }: {
      i: number;
      firstHit: number;
      eventTimeUs: number;
      measuredUs: number;
      nowUs: number;
      outputs: Output[];
    },
  ): void {
    const sensorId = o.sensorId[i]!;
    const rule = drone.obstacleRule(sensorId);
    if (!rule) return;
    const headingDeg = drone.position?.headingDeg ?? null;
    const headingCdeg = headingDeg === null ? null : Math.round(headingDeg * 100);
    const before = rule.level;
    const worst = rule.assess(o, { i, firstHit, measuredUs, nowUs, headingCdeg }, this.#settings.obstacle);
    const { droneId } = drone;
    const cause = { atUs: eventTimeUs, trigger: { droneId, eventTimeUs } };
    if (rule.level === 0) {
      if (before > 0) this.#passed(drone, sensorId, { ...cause, outputs });
    } else if (worst && worst.level > 0) {
      const severity = rule.level === 2 ? "critical" : "warning";
      this.#alerts.hold(
        obstacleKey(droneId, sensorId),
        obstacleFinding(droneId, worst, { severity, ...cause }),
        outputs,
      );
    }
  }

  /** A position that cannot be believed. */
  glitched(
    drone: Drone,
    fault: FixFault,
    { nowUs, trigger, outputs }: { nowUs: number; trigger: Trigger; outputs: Output[] },
  ): void {
    const { droneId } = drone;
    drone.lastGlitchUs = nowUs;
    this.#alerts.hold(`position/${droneId}`, {
      kind: "position-glitch",
      severity: "warning",
      droneIds: [droneId],
      detail: "",
      message: `A position of ${droneId} cannot be believed: ${FAULTS[fault]}`,
      atUs: nowUs,
      trigger,
    }, outputs);
  }

  /** A record told by a clock with a fault: `offsetUs` is ingestion time minus event time. */
  skewed(
    drone: Drone,
    fault: ClockFault,
    { atUs, offsetUs, outputs }: { atUs: number; offsetUs: number; outputs: Output[] },
  ): void {
    const { droneId } = drone;
    this.#alerts.hold(`clock/${droneId}`, {
      kind: "clock-skew",
      severity: "warning",
      droneIds: [droneId],
      detail: "",
      message: skewMessage(droneId, { fault, offsetUs }),
      atUs,
      trigger: null,
    }, outputs);
  }

  /** Another drone uses the id of this one at the same time. */
  clashed(drone: Drone, { nowUs, outputs }: { nowUs: number; outputs: Output[] }): void {
    const isOpen = drone.lastClashUs > -Infinity;
    drone.lastClashUs = nowUs;
    if (isOpen) return;
    const { droneId } = drone;
    this.#alerts.hold(`identity/${droneId}`, {
      kind: "identity-clash",
      severity: "warning",
      droneIds: [droneId],
      detail: "",
      message: `Two drones call themselves ${droneId}: they are shown apart, as ${droneId} and ${droneId}~2`,
      atUs: nowUs,
      trigger: null,
    }, outputs);
  }

  /** A frame of the drone arrived. */
  heard(drone: Drone, { atUs, outputs }: { atUs: number; outputs: Output[] }): void {
    if (!drone.linkLost) return;
    drone.linkLost = false;
    this.#alerts.resolve(`link/${drone.droneId}`, { atUs, trigger: null }, outputs);
  }

  /**
   * Time passed: who has been silent for too long, and what has been good for long enough.
   * @param sinceUs silence from before this time says nothing, Unix µs; `heard`: how its edge hears it
   */
  tick(
    drone: Drone,
    { nowUs, sinceUs, heard, outputs }: { nowUs: number; sinceUs: number; heard: Heard; outputs: Output[] },
  ): void {
    const { linkLossUs, clockGoodUs, positionGoodUs, clashGoodUs } = this.#settings;
    const { droneId, clock } = drone;
    const silentUs = nowUs - Math.max(drone.lastIngestionTimeUs, sinceUs);
    const knownSilentUs = Math.min(silentUs, nowUs - heard.deafUs);
    if (knownSilentUs > linkLossUs && knownSilentUs > drone.silenceUs(heard, linkLossUs)) {
      this.#loseLink(drone, { how: `silent for more than ${Math.floor(silentUs / 1e6)} s`, nowUs, outputs });
    }
    if (clock.lastSkewUs > -Infinity && nowUs - clock.lastSkewUs > clockGoodUs && silentUs < clockGoodUs) {
      this.#watch.beforeDrone(drone);
      clock.lastSkewUs = -Infinity;
      this.#alerts.resolve(`clock/${droneId}`, { atUs: nowUs, trigger: null }, outputs);
    }
    if (nowUs - drone.lastGlitchUs > positionGoodUs && drone.lastGlitchUs > -Infinity) {
      this.#watch.beforeDrone(drone);
      drone.lastGlitchUs = -Infinity;
      this.#alerts.resolve(`position/${droneId}`, { atUs: nowUs, trigger: null }, outputs);
    }
    if (nowUs - drone.lastClashUs > clashGoodUs && drone.lastClashUs > -Infinity) {
      this.#watch.beforeDrone(drone);
      drone.lastClashUs = -Infinity;
      this.#alerts.resolve(`identity/${droneId}`, { atUs: nowUs, trigger: null }, outputs);
    }
    for (const [sensorId, rule] of drone.obstacles) {
      if (rule.level === 0 || rule.silentUs(nowUs) <= linkLossUs) continue;
      // The sensor has stopped, or the drone is silent: nothing is known of the obstacle any more.
      this.#watch.beforeDrone(drone);
      rule.level = 0;
      this.#passed(drone, sensorId, { atUs: nowUs, trigger: null, outputs });
    }
  }

  /** Its connection has ended, and it had asked for that to be told: nobody waits for its silence. */
  disconnected(drone: Drone, nowUs: number): Output[] {
    const outputs: Output[] = [];
    this.#loseLink(drone, { how: "its connection was lost", nowUs, outputs });
    return outputs;
  }

  #loseLink(drone: Drone, { how, nowUs, outputs }: { how: string; nowUs: number; outputs: Output[] }): void {
    if (drone.linkLost || (drone.flags & RecordFlag.IN_AIR) === 0) return;
    const { droneId } = drone;
    this.#watch.beforeDrone(drone);
    drone.linkLost = true;
    const message = `${droneId} is in the air and ${how}`;
    const told = { droneIds: [droneId], detail: "", message, atUs: nowUs, trigger: null };
    this.#alerts.hold(`link/${droneId}`, { kind: "link-loss", severity: "critical", ...told }, outputs);
  }

  /** Nobody knows of the drone any more: nothing can end what was said of it. */
  forgotten({ droneId, batteries, obstacles }: Drone, { nowUs, outputs }: { nowUs: number; outputs: Output[] }): void {
    const keys = ["link", "clock", "position", "identity"].map((what) => `${what}/${droneId}`);
    for (const id of batteries.ids()) keys.push(batteryKey(id, droneId));
    for (const sensorId of obstacles.keys()) keys.push(obstacleKey(droneId, sensorId));
    for (const key of keys) this.#alerts.resolve(key, { atUs: nowUs, trigger: null }, outputs);
  }

  /** A drone on the ground has no obstacles. */
  landed(drone: Drone, { atUs, trigger, outputs }: { atUs: number; trigger: Trigger; outputs: Output[] }): void {
    for (const [sensorId, rule] of drone.obstacles) {
      if (rule.level > 0) this.#passed(drone, sensorId, { atUs, trigger, outputs });
    }
    drone.obstacles.clear();
  }

  #passed(
    { droneId }: Drone,
    sensorId: number,
    { atUs, trigger, outputs }: { atUs: number; trigger: Trigger | null; outputs: Output[] },
  ): void {
    this.#alerts.resolve(obstacleKey(droneId, sensorId), { atUs, trigger }, outputs);
  }
}

function batteryKey(batteryId: number, droneId: string): string {
  return `battery/${batteryId}/${droneId}`;
}

function obstacleKey(droneId: string, sensorId: number): string {
  return `obstacle/${sensorId}/${droneId}`;
}

function obstacleFinding(
  droneId: string,
  { level: _, ...obstacle }: WorstHit,
  { severity, atUs, trigger }: { severity: "warning" | "critical"; atUs: number; trigger: Trigger },
) {
  const { sensorId, rangeCm, closingCms, bearingCdeg, trueBearingCdeg } = obstacle;
  const where = trueBearingCdeg === null
    ? `${wholeDeg(bearingCdeg)}° off its nose`
    : `at ${wholeDeg(trueBearingCdeg)}°`;
  const how = closingCms !== null && closingCms > 0 ? `, closing at ${(closingCms / 100).toFixed(1)} m/s` : "";
  return {
    kind: "obstacle" as const,
    severity,
    droneIds: [droneId],
    detail: `sensor ${sensorId}`,
    message: `Obstacle ${(rangeCm / 100).toFixed(1)} m from ${droneId}, ${where}${how}`,
    atUs,
    trigger,
    obstacle,
  };
}

// 359.6° is north; left of the nose is negative.
function wholeDeg(cdeg: number): number {
  return Math.round(cdeg / 100) % 360 || 0;
}

function skewMessage(droneId: string, { fault, offsetUs }: { fault: ClockFault; offsetUs: number }): string {
  const seconds = `${(Math.abs(offsetUs) / 1e6).toFixed(1)} s`;
  const arrival = "its records are taken as measured on arrival";
  switch (fault) {
    case "ahead":
      return `The clock of ${droneId} is ${seconds} ahead: ${arrival}`;
    case "unset":
      return `The clock of ${droneId} is not set: ${arrival}`;
    case "stopped":
      return `The clock of ${droneId} stands still: ${arrival}`;
    case "back":
      return `The clock of ${droneId} was set back: it is ${seconds} behind now`;
    case "behind":
      return `The clock of ${droneId} is ${seconds} behind: its records count in windows that are long over, or are late`;
  }
}
