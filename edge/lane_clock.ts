// The one timer behind both lanes: set when records begin to wait, moved forward when something is due sooner.
import type { Platform } from "./platform.ts";
import type { Lanes } from "./lanes.ts";

const OVERDUE_MS = 2;
/** A look that is planned within so short a time is soon enough. */
const SOON_MS = 2;

export class LaneClock {
  readonly #lanes: Lanes;
  readonly #platform: Pick<Platform, "clock" | "after" | "soon">;
  #wakeAtMs = Infinity;
  #cancel = () => {};
  #soon = false;
  #stopped = false;

  constructor(lanes: Lanes, platform: Pick<Platform, "clock" | "after" | "soon">) {
    this.#lanes = lanes;
    this.#platform = platform;
  }

  /**
   * Records wait, or an acknowledgement may let them leave: look once the frames that have arrived are in. A timer comes
   * one or two milliseconds late, and a burst of frames keeps it from firing: frames look at the clock as well, and a
   * full lane and a timer that is overdue are seen to at once.
   */
  wake(): void {
    const nowMs = this.#platform.clock();
    if (this.#lanes.isFull || nowMs > this.#wakeAtMs + OVERDUE_MS) this.#advance();
    else if (nowMs >= this.#wakeAtMs || this.#wakeAtMs > nowMs + SOON_MS) this.#lookSoon();
  }

  stop(): void {
    this.#cancel();
    this.#stopped = true;
  }

  #lookSoon(): void {
    if (this.#soon || this.#stopped) return;
    this.#soon = true;
    this.#platform.soon(() => {
      if (this.#soon) this.#advance();
    });
  }

  #advance(): void {
    this.#soon = false;
    if (this.#stopped) return;
    this.#cancel();
    this.#wakeAtMs = Infinity;
    const nowMs = this.#platform.clock();
    const waitMs = this.#lanes.advance(nowMs);
    if (waitMs === null) return;
    this.#wakeAtMs = nowMs + waitMs;
    this.#cancel = this.#platform.after(waitMs, () => this.#advance());
  }
}
