// The drones in the air: which row each has, and who is in reach of whom.
import { emptyPoint } from "./earth.ts";
import { type Found, Grid } from "./grid.ts";
import { Formations, type SavedFormations } from "./formations.ts";
import { steady } from "./steady.ts";
import { type Fix, resized, ROW_WORDS, TrackFlag, type TrackRows, Word, writeFix } from "./track_rows.ts";

export interface SavedTracks {
  ids: (string | null)[];
  free: number[];
  rows: TrackRows;
  formations: SavedFormations;
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
  #rows: TrackRows = new Float64Array(CAPACITY_MIN * ROW_WORDS);
  #grid = new Grid(CAPACITY_MIN);
  readonly #formations = new Formations();
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
  get rows(): TrackRows {
    return this.#rows;
  }

  /** How many slots there are, taken or not. */
  get capacity(): number {
    return this.#rows.length / ROW_WORDS;
  }

  get ghosts(): number {
    return this.taken().filter((slot) => this.has(slot, TrackFlag.ghost)).length;
  }

  save(): SavedTracks {
    const rows = resized(this.#rows, this.#ids.length);
    const formations = this.#formations.save();
    return { ids: this.#ids.slice(), free: this.#free.slice(), rows, formations, notTracked: this.notTracked };
  }

  restore({ ids, free, rows, formations, notTracked }: SavedTracks): void {
    this.#formations.restore(formations);
    this.#ids = ids;
    this.#free = free;
    this.#rows = rows;
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
    return (this.#rows[slot * ROW_WORDS + Word.flags]! & flag) !== 0;
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
    this.#rows.fill(0, slot * ROW_WORDS, (slot + 1) * ROW_WORDS);
    return slot;
  }

  /** It belongs to the formation of that name, or to none; false: it did already. */
  join(slot: number, formation: string): boolean {
    const word = slot * ROW_WORDS + Word.formation;
    const before = this.#rows[word]!;
    if (this.#formations.nameOf(before) === formation) return false;
    this.#rows[word] = this.#formations.join(formation);
    this.#formations.leave(before);
    return true;
  }

  /** Both belong to one formation. */
  inFormation(a: number, b: number): boolean {
    const formation = this.#rows[a * ROW_WORDS + Word.formation]!;
    return formation !== 0 && formation === this.#rows[b * ROW_WORDS + Word.formation];
  }

  /** Adds to what is known of a track. */
  mark(slot: number, flag: number): void {
    this.#rows[slot * ROW_WORDS + Word.flags]! |= flag;
  }

  /** Where it is now; `accuracy` stands in for what the drone does not say. Its reaches are to be written after this. */
  write(slot: number, { fix, accuracy }: { fix: Fix; accuracy: { hAccM: number; vAccM: number } }): void {
    const rows = this.#rows;
    const row = slot * ROW_WORDS;
    const sinceS = (fix.timeUs - rows[row + Word.fixUs]!) / 1e6;
    writeFix(rows, slot, { fix, accuracy, point: this.#point });
    if (this.has(slot, TrackFlag.velocity)) steady(rows, row, sinceS);
  }

  /** Its row is complete: others find it from now on by what stands there. */
  place(slot: number): void {
    this.#grid.place(this.#rows, slot);
  }

  /** See Grid. */
  inReach(slot: number, into: Found): number {
    return this.#grid.inReach(this.#rows, slot, into);
  }

  drop(slot: number): void {
    this.#grid.remove(slot);
    this.#formations.leave(this.#rows[slot * ROW_WORDS + Word.formation]!);
    this.#slots.delete(this.idOf(slot));
    this.#ids[slot] = null;
    this.#free.push(slot);
  }

  #resize(capacity: number): void {
    this.#rows = resized(this.#rows, capacity);
    this.#grid = new Grid(capacity);
    for (const slot of this.taken()) this.#grid.place(this.#rows, slot);
  }
}
