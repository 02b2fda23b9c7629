// All drones that are known, and the doubles of those whose id several use. Bounded: the drone that has been silent longest
// makes room.
import { Drone } from "./drone.ts";
import type { Restorer, SavedKnown } from "./saved.ts";

/** Further drones that use one id; records of more than these count as the last one's. */
const DOUBLES_MAX = 3;

export class Drones {
  readonly #byId = new Map<string, Drone>();
  readonly #max: number;

  constructor(dronesMax: number) {
    this.#max = dronesMax;
  }

  restore({ drones }: SavedKnown, restorer: Restorer): void {
    for (const number of drones) {
      const drone = restorer.drone(number);
      this.#byId.set(drone.droneId, drone);
    }
  }

  get size(): number {
    return this.#byId.size;
  }

  get(droneId: string): Drone | undefined {
    return this.#byId.get(droneId);
  }

  values(): IterableIterator<Drone> {
    return this.#byId.values();
  }

  add(droneId: string, place: { fleet: string; zone: string }): Drone {
    let drone = this.#byId.get(droneId);
    if (!drone) {
      if (this.#byId.size >= this.#max) this.#forgetSilentest();
      this.#byId.set(droneId, drone = new Drone(droneId, place));
    }
    return drone;
  }

  /**
   * Another drone that uses this one's id: the n-th of them, from 1; null when there are too many. It is told apart by a
   * number behind the id.
   */
  double(of: Drone, n: number): Drone | null {
    if (n > DOUBLES_MAX) return null;
    for (let number = n + 1;; number++) {
      const droneId = `${of.droneId}~${number}`;
      const known = this.#byId.get(droneId);
      if (known?.doubleOf === of.droneId) return known;
      // Somebody is really called so.
      if (known) continue;
      const { fleet, zone } = of.membership;
      if (this.#byId.size >= this.#max) this.#forgetSilentest();
      const drone = new Drone(droneId, { fleet, zone, doubleOf: of.droneId });
      this.#byId.set(droneId, drone);
      of.doubles = Math.max(of.doubles, n);
      return drone;
    }
  }

  #forgetSilentest(): void {
    let silentest: Drone | undefined;
    for (const drone of this.#byId.values()) {
      if (!silentest || drone.lastIngestionTimeUs < silentest.lastIngestionTimeUs) silentest = drone;
    }
    if (silentest) this.#byId.delete(silentest.droneId);
  }
}
