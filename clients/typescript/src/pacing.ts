// When the next frame of a backlog may go: by time, whatever is acknowledged, and slower when the edge refuses.

export interface PacingSettings {
  /** Between two frames, at the beginning. */
  intervalMs: number;
  intervalMsMin: number;
  intervalMsMax: number;
  /** However long a refusal says to wait. */
  retryMsMax: number;
}

export const PACING_DEFAULTS: PacingSettings = {
  intervalMs: 200,
  intervalMsMin: 50,
  intervalMsMax: 5000,
  retryMsMax: 60_000,
};

/** Of the interval, for each frame that goes out while nothing is refused. */
const SHRINK = 0.6;
const GROW = 2;

/** One frame per interval; time in ms, by a clock that only goes forward. */
export class Pacing {
  readonly #settings: PacingSettings;
  #intervalMs: number;
  #dueMs = -Infinity;
  #sentMs = -Infinity;
  /** The interval has doubled already for what was sent before this time. */
  #slowedMs = -Infinity;
  #refused = false;

  constructor(settings: PacingSettings) {
    this.#settings = settings;
    this.#intervalMs = settings.intervalMs;
  }

  /** How long the next frame has to wait. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#dueMs - nowMs);
  }

  /** A frame of the backlog has gone. */
  sent(nowMs: number): void {
    if (!this.#refused) this.#intervalMs = Math.max(this.#settings.intervalMsMin, this.#intervalMs * SHRINK);
    this.#refused = false;
    this.#sentMs = nowMs;
    this.#dueMs = nowMs + this.#intervalMs;
  }

  /** Something was refused. Frames that were on their way together are refused together: they slow down once. */
  refused(nowMs: number, retryAfterMs: number): void {
    const { intervalMsMax, retryMsMax } = this.#settings;
    this.#refused = true;
    if (nowMs >= this.#slowedMs) {
      this.#intervalMs = Math.min(intervalMsMax, this.#intervalMs * GROW);
      this.#slowedMs = nowMs + this.#intervalMs;
      this.#dueMs = Math.max(this.#dueMs, this.#slowedMs);
    }
    this.#dueMs = Math.max(this.#dueMs, nowMs + Math.min(retryAfterMs, retryMsMax));
  }

  /** The next frame waits no longer than it must: what was refused goes again in another form. */
  hurry(): void {
    this.#dueMs = Math.min(this.#dueMs, this.#sentMs + this.#settings.intervalMsMin);
  }

  /** Another connection: what the edge before has said counts no more. */
  restart(): void {
    this.#intervalMs = this.#settings.intervalMs;
    this.#dueMs = this.#slowedMs = -Infinity;
    this.#refused = false;
  }
}
