// A histogram of delays with eight steps an octave: quantiles within 9 %, 320 numbers, no allocation.

const STEPS = 8;
const BUCKETS = 40 * STEPS;
/**
 * Lengths that are told to others, about: those that the budgets name, 5, 15 and 80 ms, and some between. Each is a step, so
 * that its count is exact.
 */
const TOLD_MS = [
  0.1,
  0.2,
  0.5,
  1,
  2,
  3.5,
  5,
  7,
  10,
  15,
  20,
  30,
  50,
  80,
  120,
  200,
  500,
  1000,
  2000,
  5000,
  15_000,
  60_000,
];
const TOLD = TOLD_MS.map((ms) => Math.round(Math.log2(ms * 1000) * STEPS));

/** What was seen so far; quantiles and the most in ms. */
export interface LatencyView {
  count: number;
  p50: number;
  p99: number;
  max: number;
}

/** As Prometheus counts: how many delays were at most so long, for some lengths; all of them, and their sum within 5 %. */
export interface LatencyBuckets {
  /** Ascending. */
  upTo: readonly (readonly [seconds: number, count: number])[];
  count: number;
  sumS: number;
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

  buckets(): LatencyBuckets {
    let [count, sumUs, next] = [0, 0, 0];
    const upTo: [number, number][] = [];
    for (const [bucket, delays] of this.#counts.entries()) {
      count += delays;
      sumUs += delays * 2 ** ((bucket - 0.5) / STEPS);
      if (bucket !== TOLD[next]) continue;
      upTo.push([Number((2 ** (bucket / STEPS) / 1e6).toPrecision(4)), count]);
      next++;
    }
    return { upTo, count, sumS: sumUs / 1e6 };
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
