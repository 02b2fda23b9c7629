// How late an event loop comes: what a machine that is too slow looks like from inside.

/** From so much on, things wait that should not. */
const LATE_MS_MIN = 250;
/** Not any more after so long without. */
const LATE_FOR_MS = 5000;

/** The worst of lately. */
export class Lateness {
  #worstMs = 0;
  #lastMs = -Infinity;

  /** It came so much later than planned, or tells that it did. */
  observe(lagMs: number, nowMs: number): void {
    if (nowMs - this.#lastMs > LATE_FOR_MS) this.#worstMs = 0;
    if (lagMs < LATE_MS_MIN) return;
    this.#worstMs = Math.max(this.#worstMs, Math.round(lagMs));
    this.#lastMs = nowMs;
  }

  /** In ms; 0 while it is in time. */
  get ms(): number {
    return this.#worstMs;
  }
}
