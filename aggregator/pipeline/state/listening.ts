// Since when the pipeline has been listening without a pause: silence from before it says nothing about a drone, for the
// aggregator may have been away itself.

/** Ticks come ten times a second: a longer gap between two things that happen is a pause. */
const PAUSE_US = 1_000_000;

export interface SavedListening {
  heardUs: number;
  sinceUs: number;
}

export class Listening {
  #heardUs = -Infinity;
  #sinceUs = -Infinity;

  save(): SavedListening {
    return { heardUs: this.#heardUs, sinceUs: this.#sinceUs };
  }

  restore({ heardUs, sinceUs }: SavedListening): void {
    this.#heardUs = heardUs;
    this.#sinceUs = sinceUs;
  }

  /** Unix µs. */
  get sinceUs(): number {
    return this.#sinceUs;
  }

  /** Our clock was set. */
  clockStepped(stepUs: number): void {
    this.#heardUs += stepUs;
    this.#sinceUs += stepUs;
  }

  /** Something happened, whatever it was. */
  hear(nowUs: number): void {
    if (nowUs - this.#heardUs > PAUSE_US) this.#sinceUs = nowUs;
    this.#heardUs = nowUs;
  }
}
