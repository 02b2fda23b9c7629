// Several drones that use one id at the same time. They give themselves away by two records of one number that are not the
// same, or by two boots that go on speaking. Each is a drone of its own then: neither hides the other, and neither's records
// are the other's duplicates.
import type { RecordColumns } from "../../batch/columns.ts";
import type { Drone, DroneWatch } from "../drones/drone.ts";
import type { Drones } from "../drones/drones.ts";
import type { Output } from "../../outputs.ts";
import type { Rules } from "./rules.ts";
import type { SeqSet } from "../drones/seq_set.ts";
import { lentKey, type Sessions, type Slots, type Source, sourceOf } from "../drones/sessions.ts";

export interface DoublesParts {
  drones: Drones;
  sessions: Sessions;
  rules: Pick<Rules, "clashed">;
  watch: DroneWatch;
  /** Nobody knows of a drone any more that it flies. */
  ground: (drone: Drone, moment: Moment) => void;
}

/** When something happens, and what comes of it. */
export interface Moment {
  nowUs: number;
  outputs: Output[];
}

/** A drone that is heard is heard more often. */
const SILENT_US = 1_000_000;
/** Both were heard within this: they are there at the same time. */
const TOGETHER_US = 2_000_000;

export class Doubles {
  readonly #parts: DoublesParts;

  constructor(parts: DoublesParts) {
    this.#parts = parts;
  }

  /**
   * Who really sent the records of a slot that begin with the `from`-th: the one that the slot names, unless one of them
   * contradicts what that one sent. Where several use the id, each record is looked at for itself: `alone`.
   */
  sourceOf(
    slots: Slots,
    { group, from, moment }: { group: RecordColumns; from: number; moment: Moment },
  ): { source: Source | undefined; alone: boolean } {
    const slot = group.slot[from]!;
    const named = slots.get(slot);
    if (!named) return { source: undefined, alone: false };
    const first = this.#firstOf(named.drone);
    if (first.doubles === 0 && canHaveSentAll(named.seqs, group, from)) {
      return { source: named, alone: false };
    }
    const account = accounts(named.seqs, group, from);
    const before = first.doubles;
    const drone = account === "knows" ? named.drone : this.#senderOf(named, { first, account, group, from });
    if (drone === named.drone) return { source: named, alone: true };
    // One that fell silent before numbers its records anew, under the same boot: it is not there twice.
    if (first.doubles > before && moment.nowUs - named.drone.lastIngestionTimeUs > SILENT_US) {
      this.#parts.watch.beforeDrone(named.drone);
      this.#parts.ground(named.drone, moment);
    }
    this.#parts.watch.beforeDrone(drone);
    const source = sourceOf(drone, named);
    if (account === "no") slots.set(slot, source);
    this.#tell(first, moment);
    return { source, alone: true };
  }

  /** The boot of a source speaks beside the present one of its drone: another drone does. @returns its source */
  part(source: Source, moment: Moment): Source {
    const { drone, bootId, seqs } = source;
    const { drones, sessions, watch } = this.#parts;
    const first = this.#firstOf(drone);
    const taken = new Set(first.lent.values());
    const n = [1, 2, 3].find((number) => !taken.has(number)) ?? 3;
    watch.beforeDrone(first);
    const other = drones.double(first, n);
    if (!other || other === drone) return sourceOf(drone, source);
    watch.beforeDrone(drone);
    watch.beforeDrone(other);
    first.lent.set(lentKey(bootId), n);
    drone.boots.take(bootId);
    other.boots.give(bootId, seqs);
    sessions.rename(drone, bootId, other);
    this.#tell(first, moment);
    return sourceOf(other, source);
  }

  /** What speaks through this edge takes turns with one at another: another drone does, as the same boot. @returns its source */
  partAt(
    named: Source,
    { edgeId, slots, moment }: { edgeId: string; slots: Slots; moment: Moment },
  ): Source {
    const { drone, bootId } = named;
    const { drones, watch } = this.#parts;
    const first = this.#firstOf(drone);
    watch.beforeDrone(first);
    const other = drones.double(first, first.doubles + 1);
    if (!other) return sourceOf(drone, named);
    watch.beforeDrone(other);
    const source = sourceOf(other, named);
    first.lent.set(lentKey(bootId, edgeId), first.doubles);
    for (const [slot, of] of slots) if (of.drone === drone && of.bootId === bootId) slots.set(slot, source);
    this.#tell(first, moment);
    return source;
  }

  /** A drone comes that is really called as one is that uses another's id: that one gets another name. */
  makeRoomFor(droneId: string, moment: Moment): void {
    const { drones, watch, ground } = this.#parts;
    const double = drones.get(droneId);
    if (!double || double.doubleOf === null) return;
    watch.beforeDrone(double);
    ground(double, moment);
    drones.rename(double);
  }

  /** A drone was heard: whether it is there together with another of its id. */
  heard(drone: Drone, moment: Moment): void {
    if (drone.doubleOf === null) return;
    const first = this.#firstOf(drone);
    if (first !== drone && moment.nowUs - first.lastIngestionTimeUs < TOGETHER_US) this.#tell(first, moment);
  }

  // Who is known to have sent it; else the one that is named, or the first one that can have.
  #senderOf(
    named: Source,
    { first, account, group, from }: { first: Drone; account: Account; group: RecordColumns; from: number },
  ): Drone {
    const { drones, watch } = this.#parts;
    let possible = account === "no" ? null : named.drone;
    const users = [first, ...Array.from({ length: first.doubles }, (_, i) => drones.double(first, i + 1))];
    for (const user of users) {
      if (!user || user === named.drone) continue;
      const seqs = user.boots.known(named.bootId);
      const of = seqs ? accounts(seqs, group, from) : "may be";
      if (of === "knows") return user;
      if (of === "may be") possible ??= user;
    }
    if (possible) return possible;
    // None of them can have sent it: it is one more.
    watch.beforeDrone(first);
    return drones.double(first, first.doubles + 1) ?? named.drone;
  }

  #firstOf(drone: Drone): Drone {
    return drone.doubleOf === null ? drone : this.#parts.drones.get(drone.doubleOf) ?? drone;
  }

  #tell(first: Drone, moment: Moment): void {
    this.#parts.watch.beforeDrone(first);
    this.#parts.rules.clashed(first, moment);
  }
}

/** Whether a boot has sent a record: it is known to have, it may be its, or it cannot be. */
type Account = "knows" | "may be" | "no";

function accounts(seqs: SeqSet, { seq, eventTimeUs }: RecordColumns, i: number): Account {
  if (seqs.contradicts(seq[i]!, eventTimeUs[i]!)) return "no";
  return seqs.knows(seq[i]!, eventTimeUs[i]!) ? "knows" : "may be";
}

/** Of the records of one slot that follow one another none contradicts the boot. */
function canHaveSentAll(seqs: SeqSet, { count, slot, seq, eventTimeUs }: RecordColumns, from: number): boolean {
  for (let i = from; i < count && slot[i] === slot[from]; i++) {
    if (seqs.contradicts(seq[i]!, eventTimeUs[i]!)) return false;
  }
  return true;
}
