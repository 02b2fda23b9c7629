// Session slots: which drone, boot, source, fleet and zone each slot number of the hot path stands for, which connections
// speak for it, and whether the aggregator knows it.
import { create } from "@bufbuild/protobuf";
import { type SlotDefinition, SlotDefinitionSchema } from "../proto/gen/slipstream/v1/batch_pb.ts";
import type { RefusalReason } from "../proto/gen/slipstream/v1/downlink_pb.ts";
import type { Connection } from "./connection.ts";
import type { Zone } from "./zones.ts";

/** An open connection that has spoken for a slot. */
export interface Speaker {
  connection: Connection;
  /** Monotonic ms. */
  spokeMs: number;
  /** Records of it were taken: it hears of acknowledgements. */
  taken: boolean;
}

export interface Slot {
  slot: number;
  droneId: string;
  bootId: number;
  /** 0, or which of several that speak as this boot at the same time. */
  source: number;
  fleet: string;
  zone: string;
  /** The one that spoke last at the end. */
  speakers: Speaker[];
  /** The aggregator has acknowledged a batch that defined it. */
  known: boolean;
  /** Revision of the table at which fleet and zone became what they are. */
  movedAt: number;
  /** Sequence numbers journalled and not yet acknowledged to the drone. */
  settled: number[];
  /** Sequence numbers lost for good and not yet said so to the drone, by a final reason. */
  lost: { reason: RefusalReason; seqs: number[] }[];
}

/** Speakers of one slot; with more, those that spoke longest ago are forgotten until they speak again. */
const SPEAKERS_MAX = 64;
/** Who has spoken within so long a time hears what its drone is warned of. */
const WARNED_MS = 2000;
/** Who has spoken within so long a time hears what of its slot is acknowledged. */
const ACKNOWLEDGED_MS = 5000;

export class Slots {
  readonly #bySlot = new Map<number, Slot>();
  readonly #byDrone = new Map<string, Slot[]>();
  #revision = 0;

  /** Counts the moves between zones: a definition sent before a move does not make its zone known. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#bySlot.size;
  }

  /** Over all slots. */
  get speakers(): number {
    let sum = 0;
    for (const { speakers } of this.#bySlot.values()) sum += speakers.length;
    return sum;
  }

  /** A slot that the hot path has given just now. */
  add(of: Pick<Slot, "slot" | "droneId" | "bootId" | "source">, { fleet, zone }: Zone): Slot {
    const slot: Slot = { ...of, fleet, zone, speakers: [], known: false, movedAt: 0, settled: [], lost: [] };
    this.#bySlot.set(slot.slot, slot);
    const ofDrone = this.#byDrone.get(slot.droneId);
    if (ofDrone) ofDrone.push(slot);
    else this.#byDrone.set(slot.droneId, [slot]);
    return slot;
  }

  get(slot: number): Slot | undefined {
    return this.#bySlot.get(slot);
  }

  /** Every boot of a drone that the hot path still keeps. */
  ofDrone(droneId: string): readonly Slot[] {
    return this.#byDrone.get(droneId) ?? [];
  }

  delete(slot: number): void {
    const found = this.#bySlot.get(slot);
    if (!found) return;
    this.#bySlot.delete(slot);
    for (const { connection } of found.speakers) connection.slots.delete(slot);
    const rest = this.ofDrone(found.droneId).filter((other) => other !== found);
    if (rest.length > 0) this.#byDrone.set(found.droneId, rest);
    else this.#byDrone.delete(found.droneId);
  }

  /** A frame of the slot came through a connection; `taken`: its records were. */
  spoke(slot: Slot, connection: Connection, { nowMs, taken = true }: { nowMs: number; taken?: boolean }): void {
    const { speakers } = slot;
    const last = speakers.at(-1);
    if (last?.connection === connection) {
      last.spokeMs = nowMs;
      last.taken ||= taken;
      return;
    }
    const at = speakers.findIndex((speaker) => speaker.connection === connection);
    const before = at < 0 ? undefined : speakers.splice(at, 1)[0];
    speakers.push({ connection, spokeMs: nowMs, taken: taken || before?.taken === true });
    connection.slots.add(slot.slot);
    if (speakers.length > SPEAKERS_MAX) speakers.shift()!.connection.slots.delete(slot.slot);
  }

  /** A frame of a drone of which nothing was taken came through a connection: it can be warned there. */
  spokeFor(droneId: string, connection: Connection, nowMs: number): void {
    const slot = this.ofDrone(droneId).at(-1);
    if (slot) this.spoke(slot, connection, { nowMs, taken: false });
  }

  /** The connection speaks as this source of the boot and as no other: it must not hear what others have sent. */
  speaksOnlyAs(slot: Slot, connection: Connection): void {
    for (const other of this.ofDrone(slot.droneId)) {
      if (other.bootId === slot.bootId && other !== slot && connection.slots.has(other.slot)) {
        this.#unspeak(other, connection);
      }
    }
  }

  /** Where a slot hears of acknowledgements: whoever spoke for it lately, else who spoke last. */
  listeners({ speakers }: Slot, nowMs: number): Connection[] {
    const taken = speakers.filter((speaker) => speaker.taken);
    const lately = taken.filter(({ spokeMs }) => nowMs - spokeMs <= ACKNOWLEDGED_MS);
    return (lately.length > 0 ? lately : taken.slice(-1)).map(({ connection }) => connection);
  }

  /** Where a drone can be warned: on each connection that spoke for it lately and reads, else on the last that does. */
  warnable(droneId: string, nowMs: number): Connection[] {
    const reading = this.ofDrone(droneId).flatMap(({ speakers }) => speakers)
      .filter(({ connection }) => connection.writable)
      .sort((a, b) => a.spokeMs - b.spokeMs);
    const lately = reading.filter(({ spokeMs }) => nowMs - spokeMs <= WARNED_MS);
    return [...new Set((lately.length > 0 ? lately : reading.slice(-1)).map(({ connection }) => connection))];
  }

  /** A connection closed: its drones cannot be reached there until they speak again. */
  disconnect(connection: Connection): void {
    for (const number of [...connection.slots]) {
      const slot = this.#bySlot.get(number);
      if (slot) this.#unspeak(slot, connection);
    }
  }

  #unspeak(slot: Slot, connection: Connection): void {
    slot.speakers = slot.speakers.filter((speaker) => speaker.connection !== connection);
    connection.slots.delete(slot.slot);
  }

  /** The drone moved to another zone: its slots must be defined again. */
  move(droneId: string, to: Zone): void {
    for (const slot of this.ofDrone(droneId)) {
      if (slot.fleet === to.fleet && slot.zone === to.zone) continue;
      slot.fleet = to.fleet;
      slot.zone = to.zone;
      slot.known = false;
      slot.movedAt = this.#revision + 1;
    }
    this.#revision++;
  }

  /** What the aggregator must be told of these slots: those it does not know, or all of them. */
  define(numbers: Uint32Array, all: boolean): SlotDefinition[] {
    const definitions: SlotDefinition[] = [];
    for (const number of numbers) {
      const found = this.#bySlot.get(number);
      if (!found || (found.known && !all)) continue;
      const { slot, droneId, bootId, source, fleet, zone } = found;
      definitions.push(create(SlotDefinitionSchema, { slot, droneId, bootId, source, fleet, zone }));
    }
    return definitions;
  }

  /** The aggregator acknowledged a batch that defined these slots as they were at `revision`. */
  markKnown(numbers: Iterable<number>, revision: number): void {
    for (const number of numbers) {
      const slot = this.#bySlot.get(number);
      if (slot && slot.movedAt <= revision) slot.known = true;
    }
  }

  /** The aggregator has forgotten the session. */
  forget(): void {
    for (const slot of this.#bySlot.values()) slot.known = false;
  }
}
