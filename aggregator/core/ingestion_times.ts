// When things arrive, by the host's clock: times that grow, until somebody sets that clock.

/** A smaller jump is waited out, with times that grow by 1 µs: the clock was slewed, or the host was busy. */
const STEP_US_MIN = 500_000;

export interface IngestionTimesParts {
  /** Unix µs; jumps when the host's clock is set. */
  nowUs: () => number;
  /** Monotonic ms. */
  clock: () => number;
  /** Given by an earlier process; 0: none was. */
  lastUs: number;
}

export class IngestionTimes {
  readonly #parts: IngestionTimesParts;
  #lastUs: number;
  /** When something arrived last; null before the first arrival of this process. */
  #lastClockMs: number | null = null;

  constructor(parts: IngestionTimesParts) {
    this.#parts = parts;
    this.#lastUs = parts.lastUs;
  }

  /** Something arrives. @returns by how many whole µs the clock was set since the last time; 0: it was not */
  arrive(): number {
    const nowUs = Math.round(this.#parts.nowUs());
    const stepUs = this.#step(nowUs);
    const isStep = Math.abs(stepUs) >= STEP_US_MIN;
    this.#lastUs = isStep ? nowUs - 1 : Math.max(nowUs - 1, this.#lastUs);
    return isStep ? stepUs : 0;
  }

  /** The time of the next thing that enters the pipeline: after that of the one before. */
  next(): number {
    return ++this.#lastUs;
  }

  /** By how much the wall clock has moved against the time that really passed since the last arrival. */
  #step(nowUs: number): number {
    const clockMs = this.#parts.clock();
    const passedUs = this.#lastClockMs === null ? null : Math.round((clockMs - this.#lastClockMs) * 1000);
    this.#lastClockMs = clockMs;
    // Of an earlier process it is only known that time does not go back.
    return passedUs === null ? Math.min(0, nowUs - this.#lastUs) : nowUs - (this.#lastUs + passedUs);
  }
}
