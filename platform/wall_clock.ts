// The wall clock as a process should read it: finer than a millisecond, running evenly, and following when the host's
// clock is set.

/** Where time comes from: both in ms. */
export interface TimeSources {
  /** Unix ms, as the host tells it now: `Date.now`. */
  wallMs: () => number;
  /** Monotonic ms with fractions: `performance.now`. */
  monotonicMs: () => number;
}

/** A larger difference means that the clock was set; a smaller one is drift, and the process waiting between two reads. */
const STEP_MS_MIN = 500;
/** Of drift, made up for at each look. */
const SLEW_MS_MAX = 1;

/** One process's wall clock. */
export class WallClock {
  readonly #sources: TimeSources;
  #offsetMs: number;

  constructor(sources: TimeSources) {
    this.#sources = sources;
    this.#offsetMs = sources.wallMs() - sources.monotonicMs();
  }

  /** Unix ms, with fractions. Goes back when the host's clock does, after the next `check`. */
  now(): number {
    return this.#offsetMs + this.#sources.monotonicMs();
  }

  /**
   * Compares with the host's clock; to be called about once a second.
   * @returns by how many ms the host's clock was set; 0: it was not
   */
  check(): number {
    const aheadMs = this.#sources.wallMs() - this.now();
    if (Math.abs(aheadMs) >= STEP_MS_MIN) {
      this.#offsetMs += aheadMs;
      return aheadMs;
    }
    // Wall time has whole milliseconds: less than one says nothing.
    if (Math.abs(aheadMs) > 1) this.#offsetMs += Math.sign(aheadMs) * Math.min(SLEW_MS_MAX, Math.abs(aheadMs) - 1);
    return 0;
  }
}
