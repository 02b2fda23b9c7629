// How fast one connection of a load may send: however unevenly a server gives its time to connections, none of them looks like a
// flood, for which it would be ended (edge/ingest/serving.ts).

/** In any second, with what may come at once, fewer than an edge takes for a flood, even if its own second is a long one. */
const FRAMES_PER_S = 12_000;
const AT_ONCE_MS = 100;

/** A leaky count of frames. */
export class Pace {
  #dueMs = -Infinity;

  /** So many frames more are to be sent. @returns how many ms they must wait */
  next(frames: number, nowMs: number): number {
    const waitMs = Math.max(0, this.#dueMs - nowMs - AT_ONCE_MS);
    this.#dueMs = Math.max(this.#dueMs, nowMs) + frames * 1000 / FRAMES_PER_S;
    return waitMs;
  }
}
