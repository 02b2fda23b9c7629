// Where the drones are, as `positions` events tell it, and where each came from.

const TRAIL_POINTS_MAX = 50;
/** Bits of a row's state. */
export const State = { airborne: 1, linkLost: 2, battery: 4, otherAlert: 8 };

export class FleetDrones {
  #drones = new Map();
  /** Of the snapshot before this one: a drone that is in both keeps its trail. */
  #before = new Map();
  #journalId = null;
  #ids = null;

  get size() {
    return this.#drones.size;
  }

  get(id) {
    return this.#drones.get(id);
  }

  all() {
    return this.#drones.values();
  }

  /** Sorted. */
  ids() {
    return this.#ids ??= [...this.#drones.keys()].sort((a, b) => a < b ? -1 : 1);
  }

  /** Another journal is another world: nothing that was said before is so. @returns whether it is another */
  world(journalId) {
    const known = this.#journalId;
    this.#journalId = journalId;
    if (known === null || known === journalId) return false;
    this.#drones.clear();
    this.#before.clear();
    this.#ids = null;
    return true;
  }

  /**
   * A `positions` event. Rows are [id, latDeg, lonDeg, altM, headingDeg, state, remaining percent, north m/s, east m/s,
   * ghost's radius in m]. `snapshotOf`: the journal's id, with all drones: those not in it are gone.
   */
  update({ drones, gone, snapshotOf }) {
    if (snapshotOf !== undefined) {
      this.world(snapshotOf);
      this.#before = this.#drones;
      this.#drones = new Map();
      this.#ids = null;
    }
    for (const row of drones) {
      const [id] = row;
      let drone = this.#drones.get(id);
      if (!drone) {
        drone = this.#before.get(id) ?? { id, trail: [], headingDeg: null };
        this.#drones.set(id, drone);
        this.#ids = null;
      }
      write(drone, row);
    }
    for (const id of gone) if (this.#drones.delete(id)) this.#ids = null;
  }
}

function write(drone, row) {
  const [, latDeg, lonDeg, altM, headingDeg, state, remaining, vnMps = null, veMps = null, ghostM = null] = row;
  if (drone.latDeg !== latDeg || drone.lonDeg !== lonDeg) {
    drone.trail.push([latDeg, lonDeg]);
    if (drone.trail.length > TRAIL_POINTS_MAX) drone.trail.shift();
  }
  // One that hovers keeps the heading it had.
  Object.assign(drone, { latDeg, lonDeg, altM, headingDeg: headingDeg ?? drone.headingDeg, state, remaining });
  Object.assign(drone, { vnMps, veMps, ghostM });
}
