// Who wants to hear what a drone is warned of without having spoken for it.
import type { Word } from "./downlink.ts";

/** `kept`: it hears of it later, if at all. */
export interface Listener {
  hear(droneId: string, word: Word): "sent" | "kept" | "not-heard";
}

export class Subscribers {
  readonly #byDrone = new Map<string, Set<Listener>>();
  /** Those of whatever drone; and of which drones each of the others is. */
  readonly #ofAny = new Set<Listener>();
  readonly #drones = new Map<Listener, Set<string>>();

  /** `droneId`: null for any. */
  add(listener: Listener, droneId: string | null): void {
    if (droneId === null) return void this.#ofAny.add(listener);
    const same = this.#byDrone.get(droneId);
    if (same) same.add(listener);
    else this.#byDrone.set(droneId, new Set([listener]));
    const drones = this.#drones.get(listener);
    if (drones) drones.add(droneId);
    else this.#drones.set(listener, new Set([droneId]));
  }

  /** It wants to hear nothing any more. */
  remove(listener: Listener): void {
    this.#ofAny.delete(listener);
    for (const droneId of this.#drones.get(listener) ?? []) {
      const same = this.#byDrone.get(droneId);
      if (same?.delete(listener) && same.size === 0) this.#byDrone.delete(droneId);
    }
    this.#drones.delete(listener);
  }

  of(droneId: string): Listener[] {
    return [...new Set([...this.#byDrone.get(droneId) ?? [], ...this.#ofAny])];
  }
}
