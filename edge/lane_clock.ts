// The one timer behind both lanes: set when records begin to wait, moved forward when something is due sooner.
import type { Platform } from "./platform.ts";
import type { Lanes } from "./lanes.ts";

export class LaneClock {
  readonly #lanes: Lanes;
  readonly #platform: Pick<Platform, "clock" | "after">;
  #wakeAtMs = Infinity;
  #cancel = () => {};

  constructor(lanes: Lanes, platform: Pick<Platform, "clock" | "after">) {
    this.#lanes = lanes;
    this.#platform = platform;
  }

  /** Records wait, or an acknowledgement may let them leave: look once the socket's other frames are in. */
  wake(): void {
    const nowMs = this.#platform.clock();
    if (this.#wakeAtMs <= nowMs + 1) return;
    this.#set(nowMs, 0);
  }

  stop(): void {
    this.#cancel();
    this.#wakeAtMs = -Infinity;
  }

  #set(nowMs: number, waitMs: number): void {
    this.#cancel();
    this.#wakeAtMs = nowMs + waitMs;
    this.#cancel = this.#platform.after(waitMs, () => this.#advance());
  }

  #advance(): void {
    this.#wakeAtMs = Infinity;
    const nowMs = this.#platform.clock();
    const waitMs = this.#lanes.advance(nowMs);
    if (waitMs !== null) this.#set(nowMs, waitMs);
  }
}
