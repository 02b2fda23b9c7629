// What slot numbers mean: a dictionary for each edge session, filled by the batches themselves.
import { NO_FORMATION } from "../../airspace/formations.ts";
import type { SlotDefinition } from "../../../proto/gen/slipstream/v1/batch_pb.ts";
import type { DecodedBatch } from "../../batch/columns.ts";
import type { Drone, DroneWatch, Membership, MembershipNumbers, NumberedMemberships } from "./drone.ts";
import type { Drones, NumberedDrones } from "./drones.ts";
import { formationOf } from "./scope.ts";
import type { SeqSet } from "./seq_set.ts";

/** One boot of one drone, as a slot names it; never changed, but what it names is. */
export interface Source {
  readonly drone: Drone;
  readonly bootId: number;
  readonly seqs: SeqSet;
  readonly membership: Membership;
  /** The one it declares, by a name that no other fleet's can have; NO_FORMATION: none. */
  readonly formation: string;
}

/** Whoever must know that records of a source are about to be counted. */
export interface SourceWatch {
  beforeRecords: (source: Source) => void;
}

/** More slots of a session, in order; SOURCE_WORDS numbers for each. */
export interface SavedSources {
  type: "sources";
  session: string;
  sources: Uint32Array<ArrayBuffer>;
  /** Those that sources are of, by number. */
  formations: string[];
}

/** Of a saved source: slot, drone, boot id, boot, membership, formation. */
const SOURCE_WORDS = 6;

/** More slots of one session than this: the ones defined first are forgotten, and asked for again when they occur. */
const SLOTS_MAX = 131_072;
/** So many at once: a Map that only ever loses its first entry takes longer each time. */
const SLOTS_FORGOTTEN = 128;
const SESSIONS_MAX = 256;
const DRONE_ID_BYTES_MAX = 64;
/** Of a fleet's, zone's or formation's name; what is longer is cut. */
const NAME_CHARACTERS_MAX = 64;

/** What the slots of one session name. */
export type Slots = Map<number, Source>;

export class Sessions {
  readonly #drones: Drones;
  readonly #watch: DroneWatch;
  readonly #sessions = new Map<string, Map<number, Source>>();

  constructor(drones: Drones, watch: DroneWatch) {
    this.#drones = drones;
    this.#watch = watch;
  }

  /** Keys and slots as they are now. */
  list(): [string, [number, Source][]][] {
    return Array.from(this.#sessions, ([key, slots]) => [key, [...slots]]);
  }

  restore({ session, sources, formations }: SavedSources, numbered: NumberedDrones & NumberedMemberships): void {
    let slots = this.#sessions.get(session);
    if (!slots) this.#sessions.set(session, slots = new Map());
    for (let at = 0; at < sources.length; at += SOURCE_WORDS) {
      const words = sources.subarray(at, at + SOURCE_WORDS);
      const [slot = 0, drone = 0, bootId = 0, boot = 0, membership = 0, formation = 0] = words;
      slots.set(slot, {
        drone: numbered.drone(drone),
        bootId,
        seqs: numbered.boot(boot),
        membership: numbered.membership(membership),
        formation: formations[formation] ?? NO_FORMATION,
      });
    }
  }

  known(edgeId: string, session: bigint): boolean {
    return this.#sessions.has(`${session}/${edgeId}`);
  }

  /** The dictionary of a session with the batch's own definitions added. */
  define(
    { edgeId, session, nowUs }: { edgeId: string; session: bigint; nowUs: number },
    definitions: readonly SlotDefinition[],
  ): Slots {
    const key = `${session}/${edgeId}`;
    let slots = this.#sessions.get(key);
    if (slots) this.#sessions.delete(key);
    else slots = new Map();
    // Last used last, so that the first is the one to forget.
    this.#sessions.set(key, slots);
    if (this.#sessions.size > SESSIONS_MAX) this.#sessions.delete(this.#sessions.keys().next().value!);
    for (const { slot, droneId, bootId, fleet, zone, source, group } of definitions) {
      if (droneId === "" || droneId.length > DRONE_ID_BYTES_MAX) continue;
      const place = { fleet: cut(fleet), zone: cut(zone) };
      const named = this.#drones.add(droneId, { ...place, nowUs });
      if (source > 0) this.#watch.beforeDrone(named);
      const double = source > 0 ? source : lentTo(named, { bootId, edgeId });
      const drone = double > 0 ? this.#drones.double(named, double) ?? named : named;
      this.#watch.beforeDrone(drone);
      drone.membership = drone.member(place.fleet, place.zone);
      slots.set(slot, sourceOf(drone, { bootId, formation: formationOf(place.fleet, cut(group)) }));
    }
    if (slots.size > SLOTS_MAX) forgetFirst(slots, slots.size - SLOTS_MAX + SLOTS_FORGOTTEN);
    return slots;
  }

  /** Slots of drones that are no longer known are not defined any more: they are asked for again when they occur. */
  forget(isForgotten: (drone: Drone) => boolean): void {
    for (const slots of this.#sessions.values()) {
      for (const [slot, { drone }] of slots) if (isForgotten(drone)) slots.delete(slot);
    }
  }

  /** Another drone than was thought speaks as this boot: its slots, of whatever session, name that one from now on. */
  rename(from: Drone, bootId: number, to: Drone): void {
    for (const slots of this.#sessions.values()) {
      for (const [slot, source] of slots) {
        if (source.drone === from && source.bootId === bootId) slots.set(slot, sourceOf(to, source));
      }
    }
  }
}

/** A drone as one of its boots, where it is a member now. */
export function sourceOf(drone: Drone, { bootId, formation }: Pick<Source, "bootId" | "formation">): Source {
  return { drone, bootId, seqs: drone.boots.seqsOf(bootId), membership: drone.membership, formation };
}

/** Under which key a drone notes that a boot is another's: at one edge, or at all. */
export function lentKey(bootId: number, edgeId?: string): string {
  return edgeId === undefined ? String(bootId) : `${bootId}@${edgeId}`;
}

/** Which of those that use a drone's id speaks as a boot through an edge; 0 for the drone itself. */
function lentTo({ lent }: Drone, { bootId, edgeId }: { bootId: number; edgeId: string }): number {
  if (lent.size === 0) return 0;
  return lent.get(lentKey(bootId)) ?? lent.get(lentKey(bootId, edgeId)) ?? 0;
}

function forgetFirst(slots: Slots, count: number): void {
  let left = count;
  for (const slot of slots.keys()) {
    if (left-- <= 0) return;
    slots.delete(slot);
  }
}

function cut(name: string): string {
  // Not within a pair of surrogates: half of it is no text that anything behind us could keep.
  return name.length > NAME_CHARACTERS_MAX ? name.slice(0, NAME_CHARACTERS_MAX).replace(/[\uD800-\uDBFF]$/, "") : name;
}

/** Slots and what they name, as `Sessions.restore` reads them. */
export function saveSources(
  slots: readonly [number, Source][],
  numbers: MembershipNumbers & { drone: (drone: Drone) => number },
): Pick<SavedSources, "sources" | "formations"> {
  const formations = [...new Set(slots.map(([, { formation }]) => formation))];
  const numberOf = new Map(formations.map((name, number) => [name, number]));
  const sources = Uint32Array.from(slots.flatMap(([slot, { drone, bootId, seqs, membership, formation }]) => {
    const known = [numbers.drone(drone), bootId, numbers.boot(seqs), numbers.membership(membership)];
    return [slot, ...known, numberOf.get(formation)!];
  }));
  return { sources, formations };
}

/** Slots that occur and that nobody has defined, ascending; void ones do not count. */
export function undefinedIn(
  { positions, batteries, obstacles, nearDuplicates }: DecodedBatch,
  { slots, voidSlots }: { slots: Slots; voidSlots: ReadonlySet<number> },
): number[] {
  const unknown = new Set<number>();
  for (const { count, slot } of [positions, batteries, obstacles, nearDuplicates]) {
    let last = NaN;
    for (let i = 0; i < count; i++) {
      if (slot[i] === last) continue;
      last = slot[i]!;
      if (!slots.has(last) && !voidSlots.has(last)) unknown.add(last);
    }
  }
  return [...unknown].sort((a, b) => a - b);
}
