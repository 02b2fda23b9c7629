// Whom an update is tested against. Where more are in reach than one update tests, those that have come nearest for how fast
// both are go first, and the others take turns: each of them is tested once in so many updates, whatever else changes.
import type { Found } from "./grid.ts";
import { ROW_WORDS, TrackFlag, Word } from "./track_rows.ts";
import type { Tracks } from "./tracks.ts";

/** By how much of both reaches is used up: shares of equal area. */
const SHARES = 64;
/** Spreads track numbers, so that turns are about equally long whoever is there. */
const SPREAD = 0x9e3779b1;
const TURNS_MAX = 2 ** 30;

/** Its arrays are kept between searches: `tracks` holds what the last one found. */
export class Search {
  readonly #testsMax: number;
  readonly #found: Found = { tracks: new Int32Array(0), shares: new Float32Array(0), count: 0 };
  /** By track: the last search that need not look at it. */
  #passed = new Float64Array(0);
  #searches = 0;
  /** Since it was made: who was in reach, and who of them is tested. */
  candidates = 0;
  tested = 0;
  readonly #ofShare = new Int32Array(SHARES + 1);

  /** Of candidates that one search returns, about. */
  constructor(testsMax: number) {
    this.#testsMax = testsMax;
  }

  get tracks(): Int32Array {
    return this.#found.tracks;
  }

  /**
   * Who is to be tested against a track, but for itself, `partners` and drones of its formation.
   * @returns how many there are in `tracks`
   */
  around(track: number, tracks: Tracks, partners: Iterable<number>): number {
    this.#makeRoom(tracks.capacity);
    const search = ++this.#searches;
    const passed = this.#passed;
    passed[track] = search;
    for (const partner of partners) passed[partner] = search;
    const { rows } = tracks;
    const turn = rows[track * ROW_WORDS + Word.turn] = (rows[track * ROW_WORDS + Word.turn]! + 1) % TURNS_MAX;
    const found = this.#found;
    found.count = 0;
    tracks.inReach(track, { kind: "drone", into: found });
    this.#keepOthers(tracks, { track, search, from: 0 });
    const drones = this.#keepSome({ from: 0, count: found.count, turn });
    // Traffic conflicts with drones alone; wherever it is said to be, drones are tested against each other as if it was not.
    if (tracks.trafficSize === 0 || tracks.has(track, TrackFlag.traffic)) return drones;
    found.count = drones;
    tracks.inReach(track, { kind: "traffic", into: found });
    this.#keepOthers(tracks, { track, search, from: drones });
    return drones + this.#keepSome({ from: drones, count: found.count - drones, turn });
  }

  #keepOthers({ rows }: Tracks, { track, search, from }: { track: number; search: number; from: number }): void {
    const found = this.#found;
    const { tracks, shares, count } = found;
    const passed = this.#passed;
    const formation = rows[track * ROW_WORDS + Word.formation]!;
    let kept = from;
    for (let i = from; i < count; i++) {
      const other = tracks[i]!;
      if (passed[other] === search) continue;
      if (formation !== 0 && rows[other * ROW_WORDS + Word.formation] === formation) continue;
      tracks[kept] = other;
      shares[kept++] = shares[i]!;
    }
    found.count = kept;
  }

  #keepSome({ from, count, turn }: { from: number; count: number; turn: number }): number {
    const kept = count <= this.#testsMax ? count : this.#keepNearest({ from, count, turn });
    this.candidates += count;
    this.tested += kept;
    return kept;
  }

  // Half of the tests for the nearest, half for turns. Turns are a power of two: when their number changes, nobody's is skipped.
  #keepNearest({ from, count, turn }: { from: number; count: number; turn: number }): number {
    const { tracks, shares } = this.#found;
    const half = this.#testsMax >> 1;
    const { share, nearer } = this.#nearest(from, { count, most: half });
    const turns = 2 ** Math.ceil(Math.log2((count - nearer) / half));
    let kept = from;
    for (let i = from; i < from + count; i++) {
      const other = tracks[i]!;
      if (shareOf(shares[i]!) >= share && ((Math.imul(other, SPREAD) >>> 16) + turn & turns - 1) !== 0) continue;
      tracks[kept++] = other;
    }
    return kept - from;
  }

  /** The share below which there are at most so many, and how many there are. */
  #nearest(from: number, { count, most }: { count: number; most: number }): { share: number; nearer: number } {
    const { shares } = this.#found;
    const ofShare = this.#ofShare.fill(0);
    for (let i = from; i < from + count; i++) ofShare[shareOf(shares[i]!)]!++;
    let [share, nearer] = [0, 0];
    while (share < SHARES && nearer + ofShare[share]! <= most) nearer += ofShare[share++]!;
    return { share, nearer };
  }

  #makeRoom(capacity: number): void {
    if (this.#passed.length === capacity) return;
    this.#passed = new Float64Array(capacity);
    this.#found.tracks = new Int32Array(capacity);
    this.#found.shares = new Float32Array(capacity);
  }
}

function shareOf(share: number): number {
  return share * SHARES | 0;
}
