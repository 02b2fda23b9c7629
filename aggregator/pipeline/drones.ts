// All drones that are known, and the doubles of those whose id several use. Bounded: the drone that has been silent longest
// makes room.
import { Drone } from "./drone.ts";

/** Takes drones back by number. */
export interface NumberedDrones {
  drone: (number: number) => Drone;
}

/** Numbers of the drones that are known; others are only referred to. */
export interface SavedKnown {
  type: "known";
  drones: Uint32Array<ArrayBuffer>;
}

/** Further drones that use one id; records of more than these count as the last one's. */
const DOUBLES_MAX = 3;

/** One in so many is forgotten when there is no room. */
const FORGOTTEN_SHARE = 16;

export class Drones {
  readonly #byId = new Map<string, Drone>();
  readonly #max: number;
  #forgotten: Drone[] = [];

  constructor(dronesMax: number) {
    this.#max = dronesMax;
  }

  restore({ drones }: SavedKnown, numbered: NumberedDrones): void {
    for (const number of drones) {
      const drone = numbered.drone(number);
      this.#byId.set(drone.droneId, drone);
    }
  }

  get size(): number {
    return this.#byId.size;
  }

  get(droneId: string): Drone | undefined {
    return this.#byId.get(droneId);
  }

  /** Drones that made room since this was asked last. */
  takeForgotten(): Drone[] {
    const forgotten = this.#forgotten;
    if (forgotten.length > 0) this.#forgotten = [];
    return forgotten;
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
    const known = of.doubleIds[n - 1];
    const double = known === undefined ? undefined : this.#byId.get(known);
    if (double?.doubleOf === of.droneId) return double;
    for (let number = n + 1;; number++) {
      const droneId = `${of.droneId}~${number}`;
      // Somebody is really called so, or another one of this id already.
      if (this.#byId.has(droneId)) continue;
      const { fleet, zone } = of.membership;
      if (this.#byId.size >= this.#max) this.#forgetSilentest();
      const drone = new Drone(droneId, { fleet, zone, doubleOf: of.droneId });
      this.#byId.set(droneId, drone);
      of.doubleIds[n - 1] = droneId;
      return drone;
    }
  }

  /** Gives a drone that uses another's id a name that nobody has. */
  rename(double: Drone): void {
    const first = this.#byId.get(double.doubleOf ?? "");
    const before = double.droneId;
    this.#byId.delete(before);
    for (let number = 2;; number++) {
      const droneId = `${double.doubleOf}~${number}`;
      if (droneId === before || this.#byId.has(droneId)) continue;
      double.droneId = droneId;
      this.#byId.set(droneId, double);
      if (first) first.doubleIds = first.doubleIds.map((id) => id === before ? droneId : id);
      return;
    }
  }

  // Several at once: looking for them takes as long as there are drones.
  #forgetSilentest(): void {
    const bySilence = [...this.#byId.values()].sort((a, b) => a.lastIngestionTimeUs - b.lastIngestionTimeUs);
    const count = Math.max(1, Math.floor(this.#max / FORGOTTEN_SHARE));
    for (const drone of bySilence.slice(0, count)) {
      this.#byId.delete(drone.droneId);
      this.#forgotten.push(drone);
    }
  }
}
