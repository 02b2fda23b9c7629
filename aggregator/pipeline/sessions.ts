// What slot numbers mean: a dictionary for each edge session, filled by the batches themselves.
import type { SlotDefinition } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import type { Drone, Drones, Membership } from "./drones.ts";
import type { Restorer, SavedDrone, SavedMembership, Saver } from "./saved.ts";
import type { SavedSeqSet, SeqSet } from "./seq_set.ts";

/** One boot of one drone, as a slot names it. */
export interface Source {
  drone: Drone;
  bootId: number;
  seqs: SeqSet;
  membership: Membership;
}

/** A session's key and its slots. */
export type SavedSession = [string, [number, SavedSource][]];

export interface SavedSource {
  drone: SavedDrone;
  bootId: number;
  seqs: SavedSeqSet;
  membership: SavedMembership;
}

/** More slots of one session than this: the ones defined first are forgotten, and asked for again when they occur. */
const SLOTS_MAX = 131_072;
const SESSIONS_MAX = 256;
const DRONE_ID_BYTES_MAX = 64;

export type Slots = ReadonlyMap<number, Source>;

export class Sessions {
  readonly #drones: Drones;
  readonly #sessions = new Map<string, Map<number, Source>>();

  constructor(drones: Drones) {
    this.#drones = drones;
  }

  save(saver: Saver): SavedSession[] {
    const source = ({ drone, bootId, seqs, membership }: Source): SavedSource => ({
      drone: saver.drone(drone),
      bootId,
      seqs: saver.seqs(seqs),
      membership: saver.membership(membership),
    });
    return Array.from(this.#sessions, ([key, slots]) => [key, Array.from(slots, ([slot, of]) => [slot, source(of)])]);
  }

  restore(saved: SavedSession[], restorer: Restorer): void {
    const source = ({ drone, bootId, seqs, membership }: SavedSource): Source => ({
      drone: restorer.drone(drone),
      bootId,
      seqs: restorer.seqs(seqs),
      membership: restorer.membership(membership),
    });
    for (const [key, slots] of saved) {
      this.#sessions.set(key, new Map(slots.map(([slot, of]) => [slot, source(of)])));
    }
  }

  known(edgeId: string, session: bigint): boolean {
    return this.#sessions.has(`${session}/${edgeId}`);
  }

  /** The dictionary of a session with the batch's own definitions added. */
  define(edgeId: string, session: bigint, definitions: readonly SlotDefinition[]): Slots {
    const key = `${session}/${edgeId}`;
    let slots = this.#sessions.get(key);
    if (slots) this.#sessions.delete(key);
    else slots = new Map();
    // Last used last, so that the first is the one to forget.
    this.#sessions.set(key, slots);
    if (this.#sessions.size > SESSIONS_MAX) this.#sessions.delete(this.#sessions.keys().next().value!);
    for (const { slot, droneId, bootId, fleet, zone } of definitions) {
      if (droneId === "" || droneId.length > DRONE_ID_BYTES_MAX) continue;
      const drone = this.#drones.add(droneId, { fleet, zone });
      drone.membership = drone.member(fleet, zone);
      slots.set(slot, { drone, bootId, seqs: drone.boot(bootId), membership: drone.membership });
    }
    while (slots.size > SLOTS_MAX) slots.delete(slots.keys().next().value!);
    return slots;
  }
}
