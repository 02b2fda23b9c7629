// Session slots: which drone, boot, source, fleet, zone and formation each slot number of the hot path stands for, which connections
// speak for it, and whether the aggregator knows it.
import { create } from "@bufbuild/protobuf";
import { type SlotDefinition, SlotDefinitionSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import type { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { SOURCES_MAX } from "../../wasm/limits.ts";
import type { Connection } from "./connection.ts";
import { Turns } from "./turns.ts";
import type { Zone } from "./zones.ts";

/** An open connection that has spoken for a slot. */
export interface Speaker {
  connection: Connection;
  /** Monotonic ms. */
  spokeMs: number;
  /** Records of it were taken: it hears of acknowledgements. */
  taken: boolean;
  /** It came after those with less. */
  order: number;
  /** It has another source now, and hears only of what it may have handed in before. */
  left: boolean;
}

export interface Slot {
  slot: number;
  droneId: string;
  bootId: number;
  /** 0, or which of several that speak as this boot at the same time. */
  source: number;
  fleet: string;
  zone: string;
  /** The formation it is of, empty: none; and the one that its frames declare, which the operator's goes before. */
  group: string;
  declaredGroup: string;
  /** The one that spoke last at the end. */
  speakers: Speaker[];
  turns: Turns;
  /** The last number of the last frame that brought something new. */
  lastSeq: number;
  /** Two took turns in it: that they did not clash says nothing. */
  isParted: boolean;
  /** The aggregator has acknowledged a batch that defined it. */
  known: boolean;
  /** Revision of the table at which fleet, zone and formation became what they are. */
  movedAt: number;
  /** Sequence numbers journalled and not yet acknowledged to the drone. */
  settled: number[];
  /** Sequence numbers lost for good and not yet said so to the drone, by a final reason. */
  lost: { reason: RefusalReason; seqs: number[] }[];
}

type Boot = Pick<Slot, "droneId" | "bootId">;

/** Speakers of one slot; with more, those that spoke longest ago are forgotten until they speak again. */
const SPEAKERS_MAX = 64;
/** Who has spoken within so long a time hears what its drone is warned of. */
const WARNED_MS = 2000;
/** Who has spoken within so long a time hears what of its slot is acknowledged. */
const ACKNOWLEDGED_MS = 5000;
/** A source of which nobody has spoken for so long can be another one's: no more than it takes to tell two apart. */
const SILENT_MS = 2000;
/** A drone that comes back goes on at most so far behind what its slot has heard. */
const NEAR_SEQS = 4096;

export class Slots {
  readonly #bySlot = new Map<number, Slot>();
  readonly #byDrone = new Map<string, Slot[]>();
  #revision = 0;
  #order = 0;

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
  add(
    of: Pick<Slot, "slot" | "droneId" | "bootId" | "source"> & { declaredGroup?: string },
    { fleet, zone, group }: Zone,
  ): Slot {
    const { declaredGroup = "" } = of;
    const heard = { speakers: [], turns: new Turns(), lastSeq: 0, isParted: false };
    const place = { fleet, zone, declaredGroup, group: group ?? declaredGroup };
    const slot: Slot = { ...of, ...heard, ...place, known: false, movedAt: 0, settled: [], lost: [] };
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
      if (taken) last.left = false;
      return;
    }
    const at = speakers.findIndex((speaker) => speaker.connection === connection);
    const before = at < 0 ? undefined : speakers.splice(at, 1)[0];
    const order = before?.order ?? ++this.#order;
    const left = before?.left === true && !taken;
    speakers.push({ connection, spokeMs: nowMs, taken: taken || before?.taken === true, order, left });
    connection.slots.add(slot.slot);
    if (speakers.length > SPEAKERS_MAX) this.#unspeak(slot, speakers[0]!.connection);
  }

  /** A frame of a drone of which nothing was taken came through a connection: it can be warned there. */
  spokeFor(droneId: string, connection: Connection, nowMs: number): void {
    const slot = this.ofDrone(droneId).at(-1);
    if (slot) this.spoke(slot, connection, { nowMs, taken: false });
  }

  /** The connection speaks as this source of the boot and as no other: it must not hear what others have sent. */
  speaksOnlyAs(slot: Slot, connection: Connection, nowMs: number): void {
    for (const other of this.#ofBoot(slot)) {
      if (other === slot || !connection.slots.has(other.slot)) continue;
      const speaker = other.speakers.find((speaker) => speaker.connection === connection);
      // What it has handed in before it left is still to be acknowledged.
      if (!speaker?.left || nowMs - speaker.spokeMs > ACKNOWLEDGED_MS) this.#unspeak(other, connection);
    }
  }

  /**
   * As which sources a frame is tried that clashes with this one. Where some have been told apart by their turns, those of
   * others last: that it does not clash with them says nothing.
   */
  sourcesAfter(
    source: number,
    { connection, nowMs, ...boot }: Boot & { connection: Connection; nowMs: number },
  ): number[] {
    const rest = Array.from({ length: SOURCES_MAX - 1 }, (_, i) => (source + 1 + i) % SOURCES_MAX);
    const slots = this.#ofBoot(boot);
    if (!slots.some(({ isParted }) => isParted)) return rest;
    const isOthers = (source: number) =>
      slots.some((slot) => slot.source === source && !connection.slots.has(slot.slot) && isSpokenFor(slot, nowMs));
    return [...rest.filter((source) => !isOthers(source)), ...rest.filter(isOthers)];
  }

  /**
   * Two connections of one slot are two drones. One of them becomes another source from its next frame on: the one that
   * goes on where a source that nobody speaks as has stopped, else the one that came later.
   */
  part(slot: Slot, pair: { connection: Connection; seq: number }[], nowMs: number): void {
    const speakers = pair.flatMap(({ connection, seq }) => {
      const speaker = slot.speakers.find((speaker) => speaker.connection === connection);
      return speaker ? [{ speaker, seq }] : [];
    }).sort((a, b) => b.speaker.order - a.speaker.order);
    const [later] = speakers;
    if (!later || speakers.length < 2) return;
    const others = this.#ofBoot(slot);
    const left = others.filter((other) => other !== slot && !isSpokenFor(other, nowMs)).flatMap(({ source, lastSeq }) =>
      speakers.map(({ speaker, seq }) => ({ source, speaker, gap: seq - lastSeq }))
    ).filter(({ gap }) => gap > 0).sort((a, b) => a.gap - b.gap);
    const fresh = Array.from({ length: SOURCES_MAX }, (_, source) => source)
      .find((source) => others.every((other) => other.source !== source));
    const near = left.find(({ gap }) => gap <= NEAR_SEQS);
    const to = near ?? (fresh === undefined ? left[0] : { source: fresh, speaker: later.speaker });
    if (!to) return;
    const { connection } = to.speaker;
    to.speaker.left = true;
    slot.turns.leave(connection);
    connection.sources.note(slot.droneId, { bootId: slot.bootId, source: to.source });
    slot.isParted = true;
  }

  #ofBoot({ droneId, bootId }: Boot): Slot[] {
    return this.ofDrone(droneId).filter((slot) => slot.bootId === bootId);
  }

  /** Where a slot hears of acknowledgements: whoever spoke for it lately, else who spoke last. */
  listeners({ speakers }: Slot, nowMs: number): Connection[] {
    const taken = speakers.filter((speaker) => speaker.taken);
    const lately = taken.filter(({ spokeMs }) => nowMs - spokeMs <= ACKNOWLEDGED_MS);
    const last = taken.filter(({ left }) => !left).slice(-1);
    return (lately.length > 0 ? lately : last).map(({ connection }) => connection);
  }

  /** Where a drone can be warned: on each connection that spoke for it lately and reads, else on the last that does. */
  warnable(droneId: string, nowMs: number): Connection[] {
    const reading = this.ofDrone(droneId).flatMap(({ speakers }) => speakers)
      .filter(({ connection }) => connection.writable)
      .sort((a, b) => a.spokeMs - b.spokeMs);
    const lately = reading.filter(({ spokeMs }) => nowMs - spokeMs <= WARNED_MS);
    return [...new Set((lately.length > 0 ? lately : reading.slice(-1)).map(({ connection }) => connection))];
  }

  /** Whether the drone has spoken since then, through whatever connection; monotonic ms. */
  hasSpokenSince(droneId: string, sinceMs: number): boolean {
    return this.ofDrone(droneId).some(({ speakers }) => speakers.some(({ spokeMs }) => spokeMs > sinceMs));
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
    slot.turns.leave(connection);
    connection.slots.delete(slot.slot);
  }

  /** The drone is of another zone or formation: its slots must be defined again. */
  move(droneId: string, to: Zone): void {
    for (const slot of this.ofDrone(droneId)) this.#place(slot, to);
    this.#revision++;
  }

  /** The slot's frames declare another formation; `zone`: where the operator says that the drone is. */
  regroup(slot: Slot, { declaredGroup, zone }: { declaredGroup: string; zone: Zone }): void {
    slot.declaredGroup = declaredGroup;
    this.#place(slot, zone);
    this.#revision++;
  }

  #place(slot: Slot, { fleet, zone, group = slot.declaredGroup }: Zone): void {
    if (slot.fleet === fleet && slot.zone === zone && slot.group === group) return;
    Object.assign(slot, { fleet, zone, group, known: false, movedAt: this.#revision + 1 });
  }

  /** What the aggregator must be told of these slots: those it does not know, or all of them. */
  define(numbers: Uint32Array, all: boolean): SlotDefinition[] {
    const definitions: SlotDefinition[] = [];
    for (const number of numbers) {
      const found = this.#bySlot.get(number);
      if (!found || (found.known && !all)) continue;
      const { slot, droneId, bootId, source, fleet, zone, group } = found;
      definitions.push(create(SlotDefinitionSchema, { slot, droneId, bootId, source, fleet, zone, group }));
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

// The old socket of a drone that has come back may stay open for long, and says nothing.
function isSpokenFor({ speakers }: Slot, nowMs: number): boolean {
  return speakers.some(({ left, spokeMs }) => !left && nowMs - spokeMs <= SILENT_MS);
}
