// Drones that are forgotten: the one that somebody asks to erase, and those that nobody has heard for longer than anything is
// kept. An erasure is done when nothing here holds the drone's id or places: that is told, for everybody else to follow.
import type { Airspace } from "../../airspace/airspace.ts";
import type { Alerts } from "../../alerts/alerts.ts";
import { Drone } from "../drones/drone.ts";
import type { Drones } from "../drones/drones.ts";
import type { Sessions } from "../drones/sessions.ts";
import type { Erased, Output } from "../../outputs.ts";
import type { Rules } from "./rules.ts";
import type { Windows } from "../windows/windows.ts";

export interface ErasingParts {
  drones: Drones;
  sessions: Sessions;
  rules: Pick<Rules, "forgotten">;
  airspace: Pick<Airspace, "forget">;
  alerts: Pick<Alerts, "forget">;
  windows: Pick<Windows, "forget" | "isForgetting">;
  /** What a snapshot has not read yet of a drone would be read after it is forgotten. */
  giveUpSnapshot: () => void;
}

/** Behind the id of others that use it: Drones gives these to three at most, and leaves out what drones are really called. */
const DOUBLES = [2, 3, 4, 5, 6, 7];

interface ErasingSettings {
  /** A drone that is silent for longer is forgotten. */
  droneKeptUs: number;
}

export class Erasing {
  readonly #parts: ErasingParts;
  readonly #settings: ErasingSettings;
  #under: Erased[] = [];

  constructor(parts: ErasingParts, settings: ErasingSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  save(): Erased[] {
    return [...this.#under];
  }

  restore(under: Erased[]): void {
    this.#under = under;
  }

  /** A drone is to be erased, and everybody who used its id with it; `name` stands in its place. */
  begin(
    { droneId, name, nowUs, outputs }: { droneId: string; name: string; nowUs: number; outputs: Output[] },
  ): void {
    const { drones, airspace, alerts, windows } = this.#parts;
    const isOther = (named: string) => drones.get(named)?.doubleOf === null;
    const doubles = DOUBLES.map((number) => `${droneId}~${number}`).filter((named) => !isOther(named));
    const droneIds = [droneId, ...doubles];
    const isErased = (drone: Drone) => !drone.isForgotten && (drone.droneId === droneId || drone.doubleOf === droneId);
    this.#forget(isErased, { nowUs, outputs });
    for (const named of droneIds) airspace.forget(named, { nowUs, trigger: null, outputs });
    alerts.forget(new Set(droneIds), { atUs: nowUs, outputs });
    const nobodies = new Map<string, Drone>();
    const nobodyFor = (drone: Drone) => {
      if (!isErased(drone)) return null;
      const called = name + drone.droneId.slice(droneId.length);
      const nobody = nobodies.get(called) ?? new Drone(called, { fleet: "", zone: "", isForgotten: true });
      nobodies.set(called, nobody);
      return nobody;
    };
    windows.forget({ droneIds, name, nobodyFor });
    this.#under.push({ droneIds, name });
  }

  /** Drones that nobody has heard for too long are forgotten. */
  tick(moment: { nowUs: number; outputs: Output[] }): void {
    const beforeUs = moment.nowUs - this.#settings.droneKeptUs;
    const isSilent = (drone: Drone) => Math.max(drone.lastIngestionTimeUs, drone.queuedUs) < beforeUs;
    for (const drone of this.#parts.drones.values()) if (isSilent(drone)) return this.#forget(isSilent, moment);
  }

  /** Tells what is done. */
  advance(outputs: Output[]): void {
    if (this.#under.length === 0 || this.#parts.windows.isForgetting) return;
    for (const erased of this.#under) outputs.push({ type: "erased", erased });
    this.#under = [];
  }

  #forget(isForgotten: (drone: Drone) => boolean, moment: { nowUs: number; outputs: Output[] }): void {
    const { drones, sessions, rules, giveUpSnapshot } = this.#parts;
    giveUpSnapshot();
    sessions.forget(isForgotten);
    for (const drone of drones.forget(isForgotten)) rules.forgotten(drone, moment);
  }
}
