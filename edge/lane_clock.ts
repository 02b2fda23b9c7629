// The one timer behind both lanes: set when records begin to wait, moved forward when something is due sooner.
import type { Platform } from "./platform.ts";
import type { Lanes } from "./lanes.ts";

const OVERDUE_MS = 2;

export class LaneClock {
  readonly #lanes: Lanes;
  readonly #platform: Pick<Platform, "clock" | "after">;
  #wakeAtMs = Infinity;
  #cancel = () => {};
  #stopped = false;

  constructor(lanes: Lanes, platform: Pick<Platform, "clock" | "after">) {
    this.#lanes = lanes;
    this.#platform = platform;
  }

  /**
   * Records wait, or an acknowledgement may let them leave: look once the socket's other frames are in. A burst of
   * frames keeps timers from firing, so a full lane and a timer that is overdue are seen to at once.
   */
  wake(): void {
    const nowMs = this.#platform.clock();
    if (this.#lanes.isFull || nowMs > this.#wakeAtMs + OVERDUE_MS) this.#advance();
    else if (this.#wakeAtMs > nowMs + 1) this.#set(nowMs, 0);
  }

  stop(): void {
    this.#cancel();
    this.#stopped = true;
  }

  #set(nowMs: number, waitMs: number): void {
    if (this.#stopped) return;
    this.#cancel();
    this.#wakeAtMs = nowMs + waitMs;
    this.#cancel = this.#platform.after(waitMs, () => this.#advance());
  }

  #advance(): void {
    if (this.#stopped) return;
    this.#cancel();
    this.#wakeAtMs = Infinity;
    const nowMs = this.#platform.clock();
    const waitMs = this.#lanes.advance(nowMs);
    if (waitMs !== null) this.#set(nowMs, waitMs);
  }
}
