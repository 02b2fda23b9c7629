// The drones in the air: which row each has, and who is in reach of whom.
import { emptyPoint } from "./earth.ts";
import { type Found, Grid } from "./grid.ts";
import { Formations, type SavedFormations } from "./formations.ts";
import { steady } from "./steady.ts";
import {
  type Fix,
  resized,
  ROW_WORDS,
  TrackFlag,
  type TrackRows,
  type Velocity,
  Word,
  writeFix,
} from "./track_rows.ts";

export interface SavedTracks {
  ids: (string | null)[];
  free: number[];
  rows: TrackRows;
  formations: SavedFormations;
  notTracked: number;
}

const CAPACITY_MIN = 256;

/** A drone, or an aircraft that is nobody's here: one may be called as the other is. */
export type TrackKind = "drone" | "traffic";

/** Tracks by id, each a number from 0 on that is given again once it is free; bounded, grows as it fills. */
export class Tracks {
  readonly #max: Readonly<Record<TrackKind, number>>;
  readonly #numbers = { drone: new Map<string, number>(), traffic: new Map<string, number>() };
  /** By track; null while nobody has it. */
  #ids: (string | null)[] = [];
  #free: number[] = [];
  #rows: TrackRows = new Float64Array(CAPACITY_MIN * ROW_WORDS);
  #grids = { drone: new Grid(CAPACITY_MIN), traffic: new Grid(CAPACITY_MIN) };
  readonly #formations = new Formations();
  readonly #point = emptyPoint();
  readonly #velocity: Velocity = { vnMps: NaN, veMps: NaN, climbMps: NaN };
  /** Those that got no track because all were taken. */
  notTracked = 0;

  constructor(max: number, trafficMax = 0) {
    this.#max = { drone: max, traffic: trafficMax };
  }

  /** Of drones. */
  get size(): number {
    return this.#numbers.drone.size;
  }

  get trafficSize(): number {
    return this.#numbers.traffic.size;
  }

  /** Replaced as the tracks grow: do not keep it. */
  get rows(): TrackRows {
    return this.#rows;
  }

  /** How many tracks there is room for now, taken or not. */
  get capacity(): number {
    return this.#rows.length / ROW_WORDS;
  }

  /** Drones. */
  get ghosts(): number[] {
    return this.dronesOf(this.taken()).filter((track) => this.has(track, TrackFlag.ghost));
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
    for (const [track, id] of ids.entries()) if (id !== null) this.#numbers[this.#kindOf(track)].set(id, track);
    this.#resize(Math.max(CAPACITY_MIN, 2 ** Math.ceil(Math.log2(ids.length + 1))));
  }

  /** The numbers that are taken, ascending. */
  taken(): number[] {
    return this.#ids.flatMap((id, track) => id === null ? [] : [track]);
  }

  find(id: string, kind: TrackKind = "drone"): number | undefined {
    return this.#numbers[kind].get(id);
  }

  /** @throws {Error} for a track that nobody has */
  idOf(track: number): string {
    const id = this.#ids[track];
    if (typeof id !== "string") throw new Error(`Cannot name track ${track}: it is free`);
    return id;
  }

  has(track: number, flag: number): boolean {
    return (this.#rows[track * ROW_WORDS + Word.flags]! & flag) !== 0;
  }

  /** Of these those that are drones. */
  dronesOf(tracks: readonly number[]): number[] {
    return tracks.filter((track) => !this.has(track, TrackFlag.traffic));
  }

  /** Null: all numbers are taken; it is counted. */
  add(id: string, kind: TrackKind = "drone"): number | null {
    if (this.#numbers[kind].size >= this.#max[kind]) {
      this.notTracked++;
      return null;
    }
    const track = this.#free.pop() ?? this.#ids.length;
    if (track >= this.capacity) this.#resize(2 * this.capacity);
    this.#ids[track] = id;
    this.#numbers[kind].set(id, track);
    if (kind === "traffic") this.mark(track, TrackFlag.traffic);
    return track;
  }

  /** It belongs to the formation of that name, or to none; false: it did already. */
  join(track: number, formation: string): boolean {
    const word = track * ROW_WORDS + Word.formation;
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
  mark(track: number, flag: number): void {
    this.#rows[track * ROW_WORDS + Word.flags]! |= flag;
  }

  /** Where it is now; `accuracy` stands in for what the drone does not say. Its reaches are to be written after this. */
  write(track: number, { fix, accuracy }: { fix: Fix; accuracy: { hAccM: number; vAccM: number } }): void {
    const rows = this.#rows;
    const isTraffic = this.has(track, TrackFlag.traffic);
    const moves = !Number.isNaN(fix.vnMps);
    if (moves) steady(rows, track * ROW_WORDS, { fix, into: this.#velocity });
    writeFix(rows, track, { fix, velocity: moves ? this.#velocity : fix, accuracy, point: this.#point });
    if (isTraffic) this.mark(track, TrackFlag.traffic);
  }

  /** The aggregator's clock was set. */
  clockStepped(stepUs: number): void {
    for (const track of this.taken()) {
      this.#rows[track * ROW_WORDS + Word.fixUs]! += stepUs;
      this.#rows[track * ROW_WORDS + Word.toldUs]! += stepUs;
    }
  }

  /** Its row is complete: others find it from now on by what stands there. */
  place(track: number): void {
    this.#grids[this.#kindOf(track)].place(this.#rows, track);
  }

  /** See Grid: of those of a kind, behind what is found already. */
  inReach(track: number, { kind, into }: { kind: TrackKind; into: Found }): void {
    this.#grids[kind].inReach(this.#rows, track, into);
  }

  drop(track: number): void {
    this.#grids[this.#kindOf(track)].remove(track);
    this.#formations.leave(this.#rows[track * ROW_WORDS + Word.formation]!);
    this.#numbers[this.#kindOf(track)].delete(this.idOf(track));
    this.#ids[track] = null;
    // Nothing of it stays, for the next one, or in a checkpoint.
    this.#rows.fill(0, track * ROW_WORDS, (track + 1) * ROW_WORDS);
    this.#free.push(track);
  }

  #kindOf(track: number): TrackKind {
    return this.has(track, TrackFlag.traffic) ? "traffic" : "drone";
  }

  #resize(capacity: number): void {
    this.#rows = resized(this.#rows, capacity);
    this.#grids = { drone: new Grid(capacity), traffic: new Grid(capacity) };
    for (const track of this.taken()) this.place(track);
  }
}
