// From a drone's positions to the airspace: those that can be believed, at the aggregator's time, while it flies.
import type { Airspace } from "../../airspace/airspace.ts";
import type { Fix } from "../../airspace/track_rows.ts";
import { RecordFlag } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { PositionPresence } from "../../../proto/words.ts";
import type { PositionColumns } from "../../batch/columns.ts";
import type { Drone } from "../drones/drone.ts";
import type { Output } from "../../outputs.ts";
import { isFlying } from "../drones/readings.ts";
import type { Rules } from "./rules.ts";

/** After another boot has taken over, nothing is said of positions for so long. */
const SETTLED_US = 2_000_000;

export interface PositionsSettings {
  /** A velocity above it is taken for not measured. */
  speedMaxMps: number;
  /** A worse accuracy than these says no more than that nothing is known; nor does a ghost grow beyond them. */
  ghostRadiusMaxM: number;
  ghostHeightMaxM: number;
  ghostAfterUs: number;
}

export class Positions {
  readonly #airspace: Airspace;
  readonly #rules: Rules;
  readonly #settings: PositionsSettings;

  constructor({ airspace, rules }: { airspace: Airspace; rules: Rules }, settings: PositionsSettings) {
    this.#airspace = airspace;
    this.#rules = rules;
    this.#settings = settings;
  }

  /** The i-th position, the latest of its drone; `nowUs`: ingestion time. */
  observe(
    drone: Drone,
    positions: PositionColumns,
    { i, eventTimeUs, measuredUs, nowUs, outputs }: {
      i: number;
      eventTimeUs: number;
      measuredUs: number;
      nowUs: number;
      outputs: Output[];
    },
  ): void {
    const { droneId } = drone;
    const fix = this.#read(positions, i);
    const speedMps = Math.sqrt(fix.vnMps * fix.vnMps + fix.veMps * fix.veMps);
    const fault = drone.fixGate.judge({ ...fix, fixType: positions.fixType[i]!, speedMps, measuredUs });
    const trigger = { droneId, eventTimeUs };
    if (!isFlying(drone)) return this.flagsChanged(drone, { eventTimeUs, nowUs, outputs });
    // A position that repeats while the drone moves is none: the track grows older.
    if (fault === "frozen") return;
    if (fault) {
      const inAir = (positions.flags[i]! & RecordFlag.IN_AIR) !== 0;
      // Another boot far away may be another drone: that shows soon.
      const isSettled = nowUs - drone.boots.tookOverUs > SETTLED_US;
      if (inAir && isSettled) this.#rules.glitched(drone, fault, { nowUs, trigger, outputs });
      return;
    }
    drone.fixes.heard(measuredUs);
    fix.timeUs = measuredUs;
    fix.silenceUs = drone.fixes.silenceUs(this.#settings.ghostAfterUs);
    this.#airspace.update(drone, fix, { nowUs, trigger, outputs });
  }

  /** Nobody knows of a drone any more that it flies. */
  ground(drone: Drone, { nowUs, outputs }: { nowUs: number; outputs: Output[] }): void {
    drone.flags = 0;
    this.#rules.heard(drone, { atUs: nowUs, outputs });
    this.flagsChanged(drone, { eventTimeUs: nowUs, nowUs, outputs });
  }

  /** A record of any kind told other flags than before. */
  flagsChanged(
    drone: Drone,
    { eventTimeUs, nowUs, outputs }: { eventTimeUs: number; nowUs: number; outputs: Output[] },
  ): void {
    if (isFlying(drone)) return;
    const trigger = { droneId: drone.droneId, eventTimeUs };
    this.#airspace.remove(drone.droneId, { nowUs, trigger, outputs });
    this.#rules.landed(drone, { atUs: nowUs, trigger, outputs });
  }

  /** The drone has not moved since the last position that was forwarded. */
  confirm(drone: Drone, measuredUs: number): void {
    drone.fixes.heard(measuredUs);
    this.#airspace.confirm(drone.droneId, measuredUs);
  }

  #read(p: PositionColumns, i: number): Fix {
    const presence = p.presence[i]!;
    const [vnMps, veMps] = [p.vnCms[i]! / 100, p.veCms[i]! / 100];
    const { speedMaxMps, ghostRadiusMaxM, ghostHeightMaxM } = this.#settings;
    const fast = Math.max(Math.abs(vnMps), Math.abs(veMps), Math.abs(p.vdCms[i]! / 100)) > speedMaxMps;
    const moves = !fast && (p.flags[i]! & RecordFlag.NO_VELOCITY) === 0;
    return {
      latDeg: p.latE7[i]! / 1e7,
      lonDeg: p.lonE7[i]! / 1e7,
      altM: presence & PositionPresence.altMsl ? p.altMslMm[i]! / 1000 : NaN,
      vnMps: moves ? vnMps : NaN,
      veMps: moves ? veMps : NaN,
      climbMps: moves ? -p.vdCms[i]! / 100 : NaN,
      hAccM: presence & PositionPresence.hAcc ? Math.min(ghostRadiusMaxM, p.hAccMm[i]! / 1000) : NaN,
      vAccM: presence & PositionPresence.vAcc ? Math.min(ghostHeightMaxM, p.vAccMm[i]! / 1000) : NaN,
      timeUs: 0,
      silenceUs: 0,
    };
  }
}
