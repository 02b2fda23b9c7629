// The least delay seen lately: what is left of a difference of two clocks when the way between them took no time.

/** The least is of one to two of these. */
const HORIZON_US = 10_000_000;

export interface SavedLeastDelay {
  sinceUs: number;
  currentUs: number;
  previousUs: number;
}

/** The smallest of some delays, the older ones forgotten. */
export class LeastDelay {
  #sinceUs = -Infinity;
  #currentUs = Infinity;
  #previousUs = Infinity;

  static restore({ sinceUs, currentUs, previousUs }: SavedLeastDelay): LeastDelay {
    const least = new LeastDelay();
    least.#sinceUs = sinceUs;
    least.#currentUs = currentUs;
    least.#previousUs = previousUs;
    return least;
  }

  save(): SavedLeastDelay {
    return { sinceUs: this.#sinceUs, currentUs: this.#currentUs, previousUs: this.#previousUs };
  }

  /** In µs, negative where the other clock is ahead; 0 before the first. */
  get us(): number {
    const leastUs = Math.min(this.#currentUs, this.#previousUs);
    return leastUs === Infinity ? 0 : leastUs;
  }

  add(delayUs: number, nowUs: number): void {
    if (nowUs - this.#sinceUs > HORIZON_US) {
      this.#previousUs = this.#currentUs;
      this.#currentUs = Infinity;
      this.#sinceUs = nowUs;
    }
    if (delayUs < this.#currentUs) this.#currentUs = delayUs;
  }

  /** What was seen before says nothing any more: from now on it is this. */
  begin(delayUs: number, nowUs: number): void {
    this.#sinceUs = nowUs;
    this.#currentUs = delayUs;
    this.#previousUs = Infinity;
  }

  /** Our own clock was set. */
  shift(stepUs: number): void {
    this.#sinceUs += stepUs;
    this.#currentUs += stepUs;
    this.#previousUs += stepUs;
  }
}
