// The sequence numbers seen of one boot, exactly, as ascending intervals: a handful while records arrive in order. And
// whether a number that comes again can be the same record: another that speaks as the same boot gives itself away.

/**
 * Holes kept; with more of them the oldest is taken for seen, and counted. A hole is a record that its sender still keeps:
 * clients keep 4,096 and fewer.
 */
const INTERVALS_MAX = 8192;
/** Numbers below the highest of which a mark of the event time is kept. */
const MARKS = 1024;
/** At each multiple of this it is kept how far event time had come; so many of them, for the numbers above. */
const STRIDE = 32;
const STRIDES = MARKS / STRIDE;
/** Records of one boot may be numbered so much out of the order in which they were measured. */
const DISORDER_US = 2_000_000;

export interface SavedSeqSet {
  starts: number[];
  ends: number[];
  holesClosed: number;
  marks: Uint16Array<ArrayBuffer>;
  latestUs: number;
  passedUs: Float64Array<ArrayBuffer>;
}

export class SeqSet {
  // Interval i holds #starts[i] to #ends[i], both inclusive; a hole lies between neighbours.
  #starts: number[] = [];
  #ends: number[] = [];
  /** Holes that were given up: a record in one is taken for a duplicate. */
  holesClosed = 0;
  /** By number modulo MARKS. */
  #marks = new Uint16Array(MARKS);
  /** The latest event time of all, and what it was when the highest number came to the last multiples of STRIDE. */
  #latestUs = -Infinity;
  #passedUs = new Float64Array(STRIDES);

  static restore({ starts, ends, holesClosed, marks, latestUs, passedUs }: SavedSeqSet): SeqSet {
    const set = new SeqSet();
    set.#starts = starts;
    set.#ends = ends;
    set.holesClosed = holesClosed;
    set.#marks = marks;
    set.#latestUs = latestUs;
    set.#passedUs = passedUs;
    return set;
  }

  save(): SavedSeqSet {
    const lists = { starts: this.#starts.slice(), ends: this.#ends.slice() };
    const arrays = { marks: this.#marks.slice(), passedUs: this.#passedUs.slice() };
    return { ...lists, ...arrays, holesClosed: this.holesClosed, latestUs: this.#latestUs };
  }

  /** The highest number seen; -1 before the first. */
  get highest(): number {
    return this.#ends.at(-1) ?? -1;
  }

  has(seq: number): boolean {
    const i = this.#intervalOf(seq);
    return i >= 0 && seq <= this.#ends[i]!;
  }

  /**
   * It cannot be a record of this boot: the number was seen with another event time, or so long ago that this one is too
   * new. Then it is somebody else's. Of a number that was not seen nothing can be said: clocks are set, and a client sends
   * what is new before its backlog.
   */
  contradicts(seq: number, eventTimeUs: number): boolean {
    const { highest } = this;
    if (seq > highest || !this.has(seq)) return false;
    if (highest - seq < MARKS) return this.#marks[seq % MARKS] !== markOf(eventTimeUs);
    const last = Math.floor(highest / STRIDE);
    const next = Math.max(Math.floor(seq / STRIDE) + 1, last - STRIDES + 1);
    return eventTimeUs > this.#passedUs[next % STRIDES]! + DISORDER_US;
  }

  /** This very record was seen, as far as one can tell: the number, with the same event time. */
  knows(seq: number, eventTimeUs: number): boolean {
    return this.highest - seq < MARKS && this.has(seq) && this.#marks[seq % MARKS] === markOf(eventTimeUs);
  }

  /** False: it was there before. */
  add(seq: number, eventTimeUs: number): boolean {
    const { highest } = this;
    if (!this.#insert(seq)) return false;
    if (eventTimeUs > this.#latestUs) this.#latestUs = eventTimeUs;
    if (seq > highest) this.#pass(highest, seq);
    if (seq > highest - MARKS) this.#marks[seq % MARKS] = markOf(eventTimeUs);
    return true;
  }

  #pass(from: number, to: number): void {
    const last = Math.floor(to / STRIDE);
    for (let next = Math.max(Math.floor(from / STRIDE) + 1, last - STRIDES + 1); next <= last; next++) {
      this.#passedUs[next % STRIDES] = this.#latestUs;
    }
  }

  #intervalOf(seq: number): number {
    let i = this.#starts.length - 1;
    while (i >= 0 && this.#starts[i]! > seq) i--;
    return i;
  }

  #insert(seq: number): boolean {
    const starts = this.#starts;
    const ends = this.#ends;
    const i = this.#intervalOf(seq);
    if (i >= 0 && seq <= ends[i]!) return false;
    const joinsBelow = i >= 0 && ends[i] === seq - 1;
    const joinsAbove = starts[i + 1] === seq + 1;
    if (joinsBelow && joinsAbove) {
      ends[i] = ends[i + 1]!;
      starts.splice(i + 1, 1);
      ends.splice(i + 1, 1);
    } else if (joinsBelow) ends[i] = seq;
    else if (joinsAbove) starts[i + 1] = seq;
    else if (i === starts.length - 1) {
      starts.push(seq);
      ends.push(seq);
    } else {
      starts.splice(i + 1, 0, seq);
      ends.splice(i + 1, 0, seq);
    }
    if (starts.length > INTERVALS_MAX) {
      starts.splice(1, 1);
      ends.splice(0, 1);
      this.holesClosed++;
    }
    return true;
  }
}

/** Two bytes of an event time, well mixed (the finalizer of MurmurHash3): two records of one number share them once in 65,536. */
function markOf(eventTimeUs: number): number {
  let mixed = (eventTimeUs % 4_294_967_296) ^ Math.floor(eventTimeUs / 4_294_967_296);
  mixed = Math.imul(mixed ^ mixed >>> 16, 0x85ebca6b);
  mixed = Math.imul(mixed ^ mixed >>> 13, 0xc2b2ae35);
  return (mixed ^ mixed >>> 16) & 0xffff;
}
