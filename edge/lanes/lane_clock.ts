// When both lanes are looked at: soon after records come in, and by one timer for what is to leave later. What `wake`
// does depends on where now is; the lane is due at `wakeAt`, or a look has been owed since `soonSince`:
//
//                       wakeAt - 2 ms         wakeAt              wakeAt + 2 ms
//   ────────────────────────┼────────────────────┼──────────────────────┼───────────────▶ now
//     look soon: records    │ nothing: the timer │ look soon: the timer │ look at once: a burst
//     may be due earlier    │ is soon enough     │ is late, as they are │ holds the timer up
//
// Soon is after the frames that have arrived: what came together is looked at together. A full lane is looked at at once.
import type { Platform } from "../../platform/system.ts";
import type { Lanes } from "./lanes.ts";

const OVERDUE_MS = 2;
/** A look that is planned within so short a time is soon enough. */
const SOON_MS = 2;

export class LaneClock {
  readonly #lanes: Lanes;
  readonly #platform: Pick<Platform, "clock" | "after" | "soon">;
  /** When a lane is due, and when the timer fires, which may be earlier. */
  #wakeAtMs = Infinity;
  #timerAtMs = Infinity;
  #cancel = () => {};
  /** Since when a look is owed that is to come soon; Infinity: none is. */
  #soonSinceMs = Infinity;
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
    const dueMs = Math.min(this.#wakeAtMs, this.#soonSinceMs);
    if (this.#lanes.isFull || nowMs > dueMs + OVERDUE_MS) this.#advance();
    else if (nowMs >= this.#wakeAtMs || this.#wakeAtMs > nowMs + SOON_MS) this.#lookSoon(nowMs);
  }

  stop(): void {
    this.#cancel();
    this.#stopped = true;
  }

  #lookSoon(nowMs: number): void {
    if (this.#soonSinceMs < Infinity || this.#stopped) return;
    this.#soonSinceMs = nowMs;
    this.#platform.soon(() => {
      if (this.#soonSinceMs < Infinity) this.#advance();
    });
  }

  #advance(): void {
    this.#soonSinceMs = Infinity;
    if (this.#stopped) return;
    const nowMs = this.#platform.clock();
    const waitMs = this.#lanes.advance(nowMs);
    this.#wakeAtMs = waitMs === null ? Infinity : nowMs + waitMs;
    // A timer that comes too early looks once more, which costs less than another timer at each look.
    if (waitMs === null || this.#timerAtMs <= this.#wakeAtMs) return;
    this.#cancel();
    this.#timerAtMs = this.#wakeAtMs;
    this.#cancel = this.#platform.after(waitMs, () => {
      this.#timerAtMs = Infinity;
      this.#advance();
    });
  }
}
