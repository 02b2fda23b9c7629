// Whatever throws where nobody can catch it, in a timer or in a socket's handler, would end the process and every drone's
// connection with it: it is told, and ends what it was in at most.
import type { Platform } from "./system.ts";

/** At most one line in so long, however often it throws. */
const SPACING_MS = 1000;

export class Guard {
  readonly #platform: Pick<Platform, "clock" | "log">;
  #toldMs = -Infinity;
  #untold = 0;

  constructor(platform: Pick<Platform, "clock" | "log">) {
    this.#platform = platform;
  }

  /** Runs `fn`. @returns false when it threw */
  run(fn: () => void): boolean {
    try {
      fn();
      return true;
    } catch (error) {
      this.#tell(error);
      return false;
    }
  }

  /** The platform, with timers that cannot end the process. */
  over<Machine extends Pick<Platform, "after" | "soon" | "every">>(platform: Machine): Machine {
    const safe = (fn: () => void) => () => void this.run(fn);
    return {
      ...platform,
      after: (ms, fn) => platform.after(ms, safe(fn)),
      soon: (fn) => platform.soon(safe(fn)),
      every: (ms, fn) => platform.every(ms, safe(fn)),
    };
  }

  #tell(error: unknown): void {
    const { clock, log } = this.#platform;
    const nowMs = clock();
    this.#untold++;
    if (nowMs - this.#toldMs < SPACING_MS) return;
    const why = error instanceof Error ? error.stack : error;
    log("warn", `Cannot go on with what it was doing, ${this.#untold} time(s): ${why}`);
    this.#toldMs = nowMs;
    this.#untold = 0;
  }
}
