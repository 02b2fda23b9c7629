// Who is in reach: tracks hashed by square cells of the earth's surface. Bands of latitude are each cut into as many
// columns as fit around them; a search looks at the cells that its circle touches, in whatever bands and columns those are.
import { ROW_WORDS, type TrackRows, Word } from "./track_rows.ts";

/** Side of a cell in metres: at 100 drones per km² a search reads some ten cells, each in one go. 256 m takes twice the time. */
const CELL_M = 1024;
const M_PER_DEG = 111_320;
const CELL_DEG = CELL_M / M_PER_DEG;
const RAD = Math.PI / 180;
/** Beyond it the columns of a band are all within a few kilometres. */
const POLAR_LAT_DEG = 89.9;
/** More than any band has. */
const COLUMNS_MAX = 262_144;
const CELL_TRACKS_MIN = 8;
/** As many cells as that are looked up one by one in any case: all drones reach over fewer. */
const BOX_CELLS_MIN = 256;
/** The first words of a row: x, y, z, altitude and both reaches. */
const SPOT_WORDS = 6;

interface Cell {
  key: number;
  /** Of the same bucket. */
  next: Cell | null;
  /** The first `count` are members. */
  count: number;
  tracks: Int32Array<ArrayBuffer>;
  /** SPOT_WORDS of each: copies of its row, side by side, for a search reads those of hundreds. */
  spots: Float64Array<ArrayBuffer>;
}

/** Tracks that were found, and which share of the square of both reaches their distance's square is: 0 here, 1 far. */
export interface Found {
  tracks: Int32Array;
  shares: Float32Array;
  /** So many of both are filled. */
  count: number;
}

/** Members are track numbers below the capacity; a track is in one cell at most. */
export class Grid {
  readonly #buckets: (Cell | null)[];
  readonly #mask: number;
  /** By track: its cell, and where in that it is. */
  readonly #cellOf: (Cell | null)[];
  readonly #indexIn: Int32Array<ArrayBuffer>;
  readonly #cells = new Set<Cell>();
  /** Empty cells, to be used again. */
  readonly #spare: Cell[] = [];

  constructor(capacity: number) {
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * capacity)));
    this.#mask = buckets - 1;
    this.#buckets = Array.from({ length: buckets }, () => null);
    this.#cellOf = Array.from({ length: capacity }, () => null);
    this.#indexIn = new Int32Array(capacity);
  }

  /** Puts a track where its row says that it is, wherever it was. */
  place(rows: TrackRows, track: number): void {
    const row = track * ROW_WORDS;
    const band = bandOf(rows[row + Word.latDeg]!);
    const key = keyOf(band, columnOf(rows[row + Word.lonDeg]!, columnsOf(band)));
    let cell = this.#cellOf[track]!;
    if (cell?.key !== key) {
      this.remove(track);
      cell = this.#find(key) ?? this.#add(key);
      this.#join(cell, track);
    }
    const spot = this.#indexIn[track]! * SPOT_WORDS;
    for (let word = 0; word < SPOT_WORDS; word++) cell.spots[spot + word] = rows[row + word]!;
  }

  /** Takes a track out; nothing happens when it is not in. */
  remove(track: number): void {
    const cell = this.#cellOf[track];
    if (!cell) return;
    const index = this.#indexIn[track]!;
    const last = cell.tracks[--cell.count]!;
    cell.tracks[index] = last;
    this.#indexIn[last] = index;
    cell.spots.copyWithin(index * SPOT_WORDS, cell.count * SPOT_WORDS, (cell.count + 1) * SPOT_WORDS);
    this.#cellOf[track] = null;
    if (cell.count === 0) this.#drop(cell);
  }

  /**
   * Tracks that a track may be in conflict with: both reaches together cover their distance, sideways and in height. Looks as
   * far as the track's own reach goes twice: whoever reaches farther finds this one in its turn. They go behind those that are
   * in `into`, itself among them if it is here; there must be room for all.
   */
  inReach(rows: TrackRows, track: number, into: Found): void {
    const row = track * ROW_WORDS;
    const latDeg = rows[row + Word.latDeg]!;
    const lonDeg = rows[row + Word.lonDeg]!;
    const radiusDeg = 2 * rows[row + Word.reach]! / M_PER_DEG;
    const first = bandOf(Math.max(-90, latDeg - radiusDeg));
    const last = bandOf(Math.min(90, latDeg + radiusDeg));
    const farthestLat = Math.min(90, Math.abs(latDeg) + radiusDeg);
    // The circle's half width in longitude, at the latitude where a degree is shortest.
    const widthDeg = farthestLat >= POLAR_LAT_DEG ? 180 : radiusDeg / Math.cos(farthestLat * RAD);
    const sideCells = last - first + 1;
    if (sideCells * sideCells > Math.max(BOX_CELLS_MIN, this.#cells.size)) return this.#inAny(rows, row, into);
    for (let band = first; band <= last; band++) {
      const columns = columnsOf(band);
      const from = Math.floor((lonDeg - widthDeg + 180) / 360 * columns);
      const to = Math.floor((lonDeg + widthDeg + 180) / 360 * columns);
      for (let i = from; i <= Math.min(to, from + columns - 1); i++) {
        const cell = this.#find(keyOf(band, (i % columns + columns) % columns));
        if (cell) collect(cell, { rows, row, into });
      }
    }
  }

  // What is fast reaches over more cells than there are members in.
  #inAny(rows: TrackRows, row: number, into: Found): void {
    for (const cell of this.#cells) collect(cell, { rows, row, into });
  }

  #join(cell: Cell, track: number): void {
    if (cell.count === cell.tracks.length) {
      const { tracks, spots } = cell;
      cell.tracks = new Int32Array(2 * tracks.length);
      cell.tracks.set(tracks);
      cell.spots = new Float64Array(2 * spots.length);
      cell.spots.set(spots);
    }
    this.#cellOf[track] = cell;
    this.#indexIn[track] = cell.count;
    cell.tracks[cell.count++] = track;
  }

  #find(key: number): Cell | null {
    let cell = this.#buckets[this.#bucket(key)] ?? null;
    while (cell !== null && cell.key !== key) cell = cell.next;
    return cell;
  }

  #add(key: number): Cell {
    const bucket = this.#bucket(key);
    const cell = this.#spare.pop() ?? emptyCell();
    cell.key = key;
    cell.next = this.#buckets[bucket] ?? null;
    this.#buckets[bucket] = cell;
    this.#cells.add(cell);
    return cell;
  }

  #drop(cell: Cell): void {
    const bucket = this.#bucket(cell.key);
    let before: Cell | null = null;
    for (let other = this.#buckets[bucket] ?? null; other !== cell && other !== null; other = other.next) {
      before = other;
    }
    if (before) before.next = cell.next;
    else this.#buckets[bucket] = cell.next;
    cell.next = null;
    this.#cells.delete(cell);
    this.#spare.push(cell);
  }

  #bucket(key: number): number {
    const mixed = Math.imul(key % COLUMNS_MAX, 0x85ebca6b) ^ Math.imul(key / COLUMNS_MAX | 0, 0x9e3779b1);
    return (mixed ^ mixed >>> 15) & this.#mask;
  }
}

function emptyCell(): Cell {
  const spots = new Float64Array(CELL_TRACKS_MIN * SPOT_WORDS);
  return { key: 0, next: null, count: 0, tracks: new Int32Array(CELL_TRACKS_MIN), spots };
}

function collect(
  { count: members, tracks, spots }: Cell,
  { rows, row, into }: { rows: TrackRows; row: number; into: Found },
): void {
  const x = rows[row + Word.x]!;
  const y = rows[row + Word.y]!;
  const z = rows[row + Word.z]!;
  const alt = rows[row + Word.alt]!;
  const reach = rows[row + Word.reach]!;
  const heightReach = rows[row + Word.heightReach]!;
  let filled = into.count;
  for (let i = 0; i < members; i++) {
    const spot = i * SPOT_WORDS;
    // NaN, an unknown altitude, is never too far.
    if (Math.abs(spots[spot + Word.alt]! - alt) > heightReach + spots[spot + Word.heightReach]!) continue;
    const dx = spots[spot + Word.x]! - x;
    const dy = spots[spot + Word.y]! - y;
    const dz = spots[spot + Word.z]! - z;
    const reachBoth = reach + spots[spot + Word.reach]!;
    const share = (dx * dx + dy * dy + dz * dz) / (reachBoth * reachBoth);
    if (share > 1) continue;
    into.tracks[filled] = tracks[i]!;
    into.shares[filled++] = share;
  }
  into.count = filled;
}

function keyOf(band: number, column: number): number {
  return band * COLUMNS_MAX + column;
}

function bandOf(latDeg: number): number {
  return Math.floor((latDeg + 90) / CELL_DEG);
}

function columnsOf(band: number): number {
  const latDeg = Math.min(90, (band + 0.5) * CELL_DEG - 90);
  return Math.max(1, Math.floor(360 * Math.cos(latDeg * RAD) / CELL_DEG));
}

function columnOf(lonDeg: number, columns: number): number {
  return Math.min(columns - 1, Math.max(0, Math.floor((lonDeg + 180) / 360 * columns)));
}
