// Who is near: tracks hashed by square cells of the earth's surface. Rows are bands of latitude, each cut into as many
// columns as fit around it; a search looks at the cells that its circle touches, in whatever rows and columns those are.

/** Side of a cell in metres: some ten to a search at a fleet's usual speeds. */
export const CELL_M = 256;
const M_PER_DEG = 111_320;
const CELL_DEG = CELL_M / M_PER_DEG;
const RAD = Math.PI / 180;
/** Beyond it the columns of a row are all within a few kilometres. */
const POLAR_LAT_DEG = 89.9;
const NONE = -1;

/** Members are slot numbers below the capacity; a slot is in one cell at most. */
export class Grid {
  /** First slot of each bucket; cells share buckets by hash, so a slot's own cell is compared as well. */
  #heads: Int32Array;
  #next: Int32Array;
  #previous: Int32Array;
  #rows: Int32Array;
  #columns: Int32Array;
  #mask: number;

  constructor(capacity: number) {
    const buckets = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * capacity)));
    this.#mask = buckets - 1;
    this.#heads = new Int32Array(buckets).fill(NONE);
    this.#next = new Int32Array(capacity).fill(NONE);
    this.#previous = new Int32Array(capacity).fill(NONE);
    this.#rows = new Int32Array(capacity).fill(NONE);
    this.#columns = new Int32Array(capacity);
  }

  /** Puts a slot where it is now, wherever it was. */
  place(slot: number, latDeg: number, lonDeg: number): void {
    const row = rowOf(latDeg);
    const column = columnOf(lonDeg, columnsOf(row));
    if (this.#rows[slot] === row && this.#columns[slot] === column) return;
    this.remove(slot);
    this.#rows[slot] = row;
    this.#columns[slot] = column;
    const bucket = this.#bucket(row, column);
    const head = this.#heads[bucket]!;
    this.#next[slot] = head;
    this.#previous[slot] = NONE;
    if (head !== NONE) this.#previous[head] = slot;
    this.#heads[bucket] = slot;
  }

  /** Takes a slot out; nothing happens when it is not in. */
  remove(slot: number): void {
    const row = this.#rows[slot]!;
    if (row === NONE) return;
    const next = this.#next[slot]!;
    const previous = this.#previous[slot]!;
    if (previous !== NONE) this.#next[previous] = next;
    else this.#heads[this.#bucket(row, this.#columns[slot]!)] = next;
    if (next !== NONE) this.#previous[next] = previous;
    this.#rows[slot] = NONE;
  }

  /**
   * Slots within `radiusM` of a place, and others of the cells that this circle touches.
   * @returns how many there are in `into`; when that is full, those beyond are left out
   */
  near({ latDeg, lonDeg, radiusM }: { latDeg: number; lonDeg: number; radiusM: number }, into: Int32Array): number {
    const radiusDeg = radiusM / M_PER_DEG;
    const first = rowOf(Math.max(-90, latDeg - radiusDeg));
    const last = rowOf(Math.min(90, latDeg + radiusDeg));
    const farthestLat = Math.min(90, Math.abs(latDeg) + radiusDeg);
    // The circle's half width in longitude, at the latitude where a degree is shortest.
    const widthDeg = farthestLat >= POLAR_LAT_DEG ? 180 : radiusDeg / Math.cos(farthestLat * RAD);
    let count = 0;
    for (let row = first; row <= last; row++) {
      const columns = columnsOf(row);
      const from = Math.floor((lonDeg - widthDeg + 180) / 360 * columns);
      const wanted = Math.floor((lonDeg + widthDeg + 180) / 360 * columns) - from + 1;
      for (let i = 0; i < Math.min(wanted, columns); i++) {
        const column = ((from + i) % columns + columns) % columns;
        for (let slot = this.#heads[this.#bucket(row, column)]!; slot !== NONE; slot = this.#next[slot]!) {
          if (this.#rows[slot] === row && this.#columns[slot] === column && count < into.length) into[count++] = slot;
        }
      }
    }
    return count;
  }

  #bucket(row: number, column: number): number {
    const mixed = Math.imul(row, 0x9e3779b1) ^ Math.imul(column, 0x85ebca6b);
    return (mixed ^ mixed >>> 15) & this.#mask;
  }
}

function rowOf(latDeg: number): number {
  return Math.floor((latDeg + 90) / CELL_DEG);
}

function columnsOf(row: number): number {
  const latDeg = Math.min(90, (row + 0.5) * CELL_DEG - 90);
  return Math.max(1, Math.floor(360 * Math.cos(latDeg * RAD) / CELL_DEG));
}

function columnOf(lonDeg: number, columns: number): number {
  return Math.min(columns - 1, Math.max(0, Math.floor((lonDeg + 180) / 360 * columns)));
}
