// All drones that are known, and the doubles of those whose id several use. Bounded: the drone that has been silent longest
// makes room. They stand in a queue: whoever comes to its front and was heard since it joined goes back to its end.
import { RecordFlag } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { Drone, type DroneWatch } from "./drone.ts";

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

/** One in so many is forgotten when there is no room: a Map that only ever loses its first entry takes longer each time. */
const FORGOTTEN_SHARE = 1024;
/** Looked at for each that is forgotten: where all of these are still heard, the one of them that is silent longest goes. */
const LOOKED_AT = 4;

export class Drones {
  readonly #byId = new Map<string, Drone>();
  readonly #max: number;
  readonly #watch: DroneWatch;
  #forgotten: Drone[] = [];

  constructor(dronesMax: number, watch: DroneWatch) {
    this.#max = dronesMax;
    this.#watch = watch;
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

  /** Those that are, no longer known. */
  forget(isForgotten: (drone: Drone) => boolean): Drone[] {
    const forgotten = [...this.#byId.values()].filter(isForgotten);
    for (const { droneId } of forgotten) this.#byId.delete(droneId);
    return forgotten;
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

  counts(): { dronesAirborne: number; dronesLinkLost: number } {
    let [dronesAirborne, dronesLinkLost] = [0, 0];
    for (const { flags, linkLost } of this.#byId.values()) {
      if ((flags & RecordFlag.IN_AIR) !== 0) dronesAirborne++;
      if (linkLost) dronesLinkLost++;
    }
    return { dronesAirborne, dronesLinkLost };
  }

  /** The drone of an id, known or new; `nowUs`: when it is heard. */
  add(droneId: string, { nowUs, ...place }: { fleet: string; zone: string; nowUs: number }): Drone {
    let drone = this.#byId.get(droneId);
    if (!drone) {
      this.#makeRoom();
      this.#byId.set(droneId, drone = new Drone(droneId, place));
      drone.queuedUs = nowUs;
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
      this.#makeRoom();
      const drone = new Drone(droneId, { fleet, zone, doubleOf: of.droneId });
      drone.queuedUs = of.lastIngestionTimeUs;
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

  #makeRoom(): void {
    if (this.#byId.size < this.#max) return;
    const wanted = Math.max(1, Math.floor(this.#max / FORGOTTEN_SHARE));
    let forgotten = 0;
    let silentest: Drone | null = null;
    for (const drone of this.#first(LOOKED_AT * wanted)) {
      if (drone.lastIngestionTimeUs <= drone.queuedUs) {
        this.#forget(drone);
        if (++forgotten === wanted) return;
      } else {
        if (!silentest || drone.lastIngestionTimeUs < silentest.lastIngestionTimeUs) silentest = drone;
        this.#queueAgain(drone);
      }
    }
    if (forgotten === 0 && silentest) this.#forget(silentest);
  }

  #forget(drone: Drone): void {
    this.#byId.delete(drone.droneId);
    this.#forgotten.push(drone);
  }

  #first(count: number): Drone[] {
    const first: Drone[] = [];
    for (const drone of this.#byId.values()) {
      if (first.push(drone) >= count) break;
    }
    return first;
  }

  #queueAgain(drone: Drone): void {
    this.#watch.beforeDrone(drone);
    drone.queuedUs = drone.lastIngestionTimeUs;
    this.#byId.delete(drone.droneId);
    this.#byId.set(drone.droneId, drone);
  }
}
