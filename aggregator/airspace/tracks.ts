// The drones in the air: which slot of the columns each has, and which of them are near a place.
import { emptyPoint } from "./earth.ts";
import { Grid } from "./grid.ts";
import { type Fix, resized, type TrackColumns, trackColumns, TrackFlag, writeFix } from "./track_columns.ts";

export interface SavedTracks {
  ids: (string | null)[];
  free: number[];
  columns: TrackColumns;
  notTracked: number;
}

const CAPACITY_MIN = 256;

/** Slots by drone id, bounded; grows as it fills. */
export class Tracks {
  readonly #max: number;
  readonly #slots = new Map<string, number>();
  /** By slot; null while nobody has it. */
  #ids: (string | null)[] = [];
  #free: number[] = [];
  #columns = trackColumns(CAPACITY_MIN);
  #grid = new Grid(CAPACITY_MIN);
  readonly #point = emptyPoint();
  /** Drones that got no slot because all were taken. */
  notTracked = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Replaced as the tracks grow: do not keep it. */
  get columns(): TrackColumns {
    return this.#columns;
  }

  /** How many slots there are, taken or not. */
  get capacity(): number {
    return this.#columns.flags.length;
  }

  get ghosts(): number {
    return this.taken().filter((slot) => this.has(slot, TrackFlag.ghost)).length;
  }

  save(): SavedTracks {
    const columns = resized(this.#columns, this.#ids.length);
    return { ids: this.#ids, free: this.#free, columns, notTracked: this.notTracked };
  }

  restore({ ids, free, columns, notTracked }: SavedTracks): void {
    this.#ids = ids;
    this.#free = free;
    this.#columns = columns;
    this.notTracked = notTracked;
    for (const [slot, id] of ids.entries()) if (id !== null) this.#slots.set(id, slot);
    this.#resize(Math.max(CAPACITY_MIN, 2 ** Math.ceil(Math.log2(ids.length + 1))));
  }

  /** The slots that are taken, ascending. */
  taken(): number[] {
    return this.#ids.flatMap((id, slot) => id === null ? [] : [slot]);
  }

  find(droneId: string): number | undefined {
    return this.#slots.get(droneId);
  }

  /** @throws {Error} for a slot that nobody has */
  idOf(slot: number): string {
    const id = this.#ids[slot];
    if (typeof id !== "string") throw new Error(`Cannot name slot ${slot}: it is free`);
    return id;
  }

  has(slot: number, flag: number): boolean {
    return (this.#columns.flags[slot]! & flag) !== 0;
  }

  /** Null: all slots are taken; it is counted. */
  add(droneId: string): number | null {
    if (this.#slots.size >= this.#max) {
      this.notTracked++;
      return null;
    }
    const slot = this.#free.pop() ?? this.#ids.length;
    if (slot >= this.capacity) this.#resize(2 * this.capacity);
    this.#ids[slot] = droneId;
    this.#slots.set(droneId, slot);
    this.#columns.flags[slot] = this.#columns.turn[slot] = this.#columns.crowd[slot] = 0;
    return slot;
  }

  /** Where it is now; `accuracy` stands in for what the drone does not say. */
  write(slot: number, { fix, accuracy }: { fix: Fix; accuracy: { hAccM: number; vAccM: number } }): void {
    writeFix(this.#columns, slot, { fix, accuracy, point: this.#point });
    this.#grid.place(slot, fix.latDeg, fix.lonDeg);
  }

  /** Slots within `radiusM` of a slot, itself and some others included; how many there are in `into`. */
  near(slot: number, radiusM: number, into: Int32Array): number {
    const { latDeg, lonDeg } = this.#columns;
    return this.#grid.near({ latDeg: latDeg[slot]!, lonDeg: lonDeg[slot]!, radiusM }, into);
  }

  drop(slot: number): void {
    this.#grid.remove(slot);
    this.#slots.delete(this.idOf(slot));
    this.#ids[slot] = null;
    this.#free.push(slot);
  }

  #resize(capacity: number): void {
    this.#columns = resized(this.#columns, capacity);
    this.#grid = new Grid(capacity);
    const { latDeg, lonDeg } = this.#columns;
    for (const slot of this.taken()) this.#grid.place(slot, latDeg[slot]!, lonDeg[slot]!);
  }
}
