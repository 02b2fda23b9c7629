// Tells a flood from an accident: how many bad frames a connection has sent lately, whatever good ones came between them.

export interface FloodSettings {
  /** Bad frames at once that are too many. */
  max: number;
  /** So many a second are forgiven. */
  forgivenPerS: number;
}

/** A leaky count. */
export class Flood {
  readonly #settings: FloodSettings;
  #level = 0;
  #atMs = 0;

  constructor(settings: FloodSettings) {
    this.#settings = settings;
  }

  /** More bad frames, one unless it is said. @returns true when that is too many */
  add(nowMs: number, frames = 1): boolean {
    const { max, forgivenPerS } = this.#settings;
    const forgiven = (nowMs - this.#atMs) * forgivenPerS / 1000;
    this.#level = Math.max(0, this.#level - Math.max(0, forgiven)) + frames;
    this.#atMs = nowMs;
    return Math.ceil(this.#level) >= max;
  }
}
