// The sequence numbers seen of one boot, exactly, as ascending intervals: a handful while records arrive in order.

/**
 * Holes kept; with more of them the oldest is taken for seen, and counted. A hole is a record that its sender still keeps:
 * clients keep 4,096 and fewer.
 */
const INTERVALS_MAX = 8192;

export interface SavedSeqSet {
  starts: number[];
  ends: number[];
  holesClosed: number;
}

export class SeqSet {
  // Interval i holds #starts[i] to #ends[i], both inclusive; a hole lies between neighbours.
  #starts: number[] = [];
  #ends: number[] = [];
  /** Holes that were given up: a record in one is taken for a duplicate. */
  holesClosed = 0;

  static restore({ starts, ends, holesClosed }: SavedSeqSet): SeqSet {
    const set = new SeqSet();
    set.#starts = starts;
    set.#ends = ends;
    set.holesClosed = holesClosed;
    return set;
  }

  save(): SavedSeqSet {
    return { starts: this.#starts.slice(), ends: this.#ends.slice(), holesClosed: this.holesClosed };
  }

  /** False: it was there before. */
  add(seq: number): boolean {
    const starts = this.#starts;
    const ends = this.#ends;
    let i = starts.length - 1;
    while (i >= 0 && starts[i]! > seq) i--;
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
