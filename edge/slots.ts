// Session slots: which drone, boot, fleet and zone each slot number of the hot path stands for, which connection
// speaks for it now, and whether the aggregator knows it.
import { create } from "@bufbuild/protobuf";
import { type SlotDefinition, SlotDefinitionSchema } from "../proto/gen/slipstream/v1/batch_pb.ts";
import type { Connection } from "./connection.ts";

export interface Slot {
  slot: number;
  droneId: string;
  bootId: number;
  fleet: string;
  zone: string;
  /** Where acknowledgements go: the connection that last sent a frame of it; null after that one closed. */
  connection: Connection | null;
  /** The aggregator has acknowledged a batch that defined it. */
  known: boolean;
  /** Revision of the table at which fleet and zone became what they are. */
  movedAt: number;
  /** Sequence numbers journalled and not yet acknowledged to the drone. */
  settled: number[];
  /** Sequence numbers given up and not yet said so to the drone. */
  shed: number[];
}

export class Slots {
  readonly #bySlot = new Map<number, Slot>();
  readonly #byDrone = new Map<string, Slot[]>();
  #revision = 0;

  /** Counts the moves between zones: a definition sent before a move does not make its zone known. */
  get revision(): number {
    return this.#revision;
  }

  add(slot: Slot): void {
    this.#bySlot.set(slot.slot, slot);
    const ofDrone = this.#byDrone.get(slot.droneId);
    if (ofDrone) ofDrone.push(slot);
    else this.#byDrone.set(slot.droneId, [slot]);
  }

  get(slot: number): Slot | undefined {
    return this.#bySlot.get(slot);
  }

  /** Every boot of a drone that the hot path still keeps. */
  ofDrone(droneId: string): readonly Slot[] {
    return this.#byDrone.get(droneId) ?? [];
  }

  /** Where a drone listens: the connection of its newest boot that has one. */
  connectionOf(droneId: string): Connection | null {
    return this.ofDrone(droneId).findLast(({ connection }) => connection)?.connection ?? null;
  }

  delete(slot: number): void {
    const found = this.#bySlot.get(slot);
    if (!found) return;
    this.#bySlot.delete(slot);
    const rest = this.ofDrone(found.droneId).filter((other) => other !== found);
    if (rest.length > 0) this.#byDrone.set(found.droneId, rest);
    else this.#byDrone.delete(found.droneId);
  }

  /** The drone moved to another zone: its slots must be defined again. */
  move(droneId: string, to: { fleet: string; zone: string }): void {
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
      const { slot, droneId, bootId, fleet, zone } = found;
      definitions.push(create(SlotDefinitionSchema, { slot, droneId, bootId, fleet, zone }));
    }
    return definitions;
  }

  /** The aggregator acknowledged a batch that defined these slots as they were at `revision`. */
  markKnown(numbers: Uint32Array, revision: number): void {
    for (const number of numbers) {
      const slot = this.#bySlot.get(number);
      if (slot && slot.movedAt <= revision) slot.known = true;
    }
  }

  /** The aggregator has forgotten the session. */
  forget(): void {
    for (const slot of this.#bySlot.values()) slot.known = false;
  }

  /** A connection closed: its drones cannot be reached until they speak again. */
  disconnect(connection: Connection, slots: Iterable<number>): void {
    for (const number of slots) {
      const slot = this.#bySlot.get(number);
      if (slot?.connection === connection) slot.connection = null;
    }
  }

  get size(): number {
    return this.#bySlot.size;
  }
}
