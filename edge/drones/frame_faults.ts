// What was wrong with the frames of one connection, gathered so that it is told at most once a second.

export interface FrameFault {
  /** Of the latest, for people. */
  reason: string;
  /** Since it was told last. */
  frames: number;
}

const TELL_MS = 1000;

export class FrameFaults {
  #reason = "";
  #frames = 0;
  #toldMs = -Infinity;

  note(reason: string): void {
    this.#reason = reason;
    this.#frames++;
  }

  /** What is to be told now, once; null: nothing. */
  take(nowMs: number): FrameFault | null {
    if (this.#frames === 0 || nowMs - this.#toldMs < TELL_MS) return null;
    const fault = { reason: this.#reason, frames: this.#frames };
    this.#frames = 0;
    this.#toldMs = nowMs;
    return fault;
  }
}
