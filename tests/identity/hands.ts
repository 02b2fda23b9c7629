// A clock that a test turns by hand.
import type { Level } from "../../platform/log.ts";

/** A clock and timers that a test turns by hand. */
export class Hands {
  /** Unix ms, which may be set, and monotonic ms. */
  ms = Date.now();
  #clockMs = 0;
  readonly logged: string[] = [];
  readonly #timers = new Set<() => void>();

  readonly platform = {
    now: () => this.ms,
    clock: () => this.#clockMs,
    every: (_ms: number, fn: () => void) => {
      this.#timers.add(fn);
      return () => void this.#timers.delete(fn);
    },
    log: (level: Level, message: string) => void this.logged.push(`${level}: ${message}`),
  };

  wait(ms: number): void {
    this.ms += ms;
    this.#clockMs += ms;
  }

  /** Timers, once each, and what they have begun. */
  async tick(): Promise<void> {
    for (const fn of this.#timers) fn();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
