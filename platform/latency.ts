// A histogram of delays with eight steps an octave: quantiles within 9 %, 320 numbers, no allocation.

const STEPS = 8;
const BUCKETS = 40 * STEPS;

/** What was seen so far; quantiles and the most in ms. */
export interface LatencyView {
  count: number;
  p50: number;
  p99: number;
  max: number;
}

/** A histogram as it is kept. */
export interface SavedLatency {
  counts: Uint32Array<ArrayBuffer>;
  count: number;
  maxUs: number;
}

/** Delays that were seen. */
export class Latency {
  #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #maxUs = 0;

  /** Negative delays, of clocks slightly ahead, count as none. */
  add(delayUs: number): void {
    const bucket = delayUs < 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log2(delayUs) * STEPS));
    this.#counts[bucket]!++;
    this.#count++;
    if (delayUs > this.#maxUs) this.#maxUs = delayUs;
  }

  save(): SavedLatency {
    return { counts: this.#counts.slice(), count: this.#count, maxUs: this.#maxUs };
  }

  restore({ counts, count, maxUs }: SavedLatency): void {
    this.#counts = counts;
    this.#count = count;
    this.#maxUs = maxUs;
  }

  view(): LatencyView | null {
    if (this.#count === 0) return null;
    return { count: this.#count, p50: this.#quantileMs(0.5), p99: this.#quantileMs(0.99), max: this.#maxUs / 1000 };
  }

  #quantileMs(q: number): number {
    let left = Math.ceil(this.#count * q);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0) return Math.min(2 ** (bucket / STEPS), this.#maxUs) / 1000;
    }
    return this.#maxUs / 1000;
  }
}
