// How old what the page shows is: by the page's own clock, since nothing else goes on when the aggregator stands still.

/** The aggregator says something each second: without news for so long, nothing on the page is believed any more. */
export const STALE_MS = 3000;
/** News that takes so much longer than the quickest is late, or a clock was set: which of them, a question tells. */
export const LATE_MS = 3000;

/**
 * When the page heard last, and how late news are. A time is `{clockMs, wallMs}`: a clock that nobody sets, and the wall
 * clock, which goes on while a computer sleeps.
 */
export class Freshness {
  #last;
  #ever = false;
  /** The aggregator's time as it was said last, Unix ms, and when that was heard. */
  #serverMs = null;
  #toldMs = 0;
  /** The least difference of the page's clock and the aggregator's that was seen. */
  #offsetMs = Infinity;
  #lateMs = 0;

  constructor(now) {
    this.#last = now;
  }

  /** Something came; `serverMs`: with the time at which the aggregator said it, Unix ms. */
  heard(now, serverMs) {
    this.#last = now;
    this.#ever = true;
    if (serverMs === undefined) return;
    this.#serverMs = serverMs;
    this.#toldMs = now.clockMs;
    this.#offsetMs = Math.min(this.#offsetMs, now.clockMs - serverMs);
    this.#lateMs = now.clockMs - serverMs - this.#offsetMs;
  }

  /** The aggregator's time, by a question answered just now: it has passed no queue. */
  asked(now, serverMs) {
    this.#offsetMs = now.clockMs - serverMs;
    if (this.#serverMs !== null) this.#lateMs = Math.max(0, this.#toldMs - this.#serverMs - this.#offsetMs);
  }

  /** How long the page has heard nothing; the clock that says more is right. */
  silentMs({ clockMs, wallMs }) {
    return Math.max(0, clockMs - this.#last.clockMs, wallMs - this.#last.wallMs);
  }

  isStale(now) {
    return this.silentMs(now) > STALE_MS;
  }

  /** When the page heard last, Unix ms by its own clock; null: never. */
  get lastWallMs() {
    return this.#ever ? this.#last.wallMs : null;
  }

  /** How much longer the latest news took than they should. */
  get lateMs() {
    return this.#lateMs;
  }

  get isLate() {
    return this.#lateMs > LATE_MS;
  }

  /** The aggregator's clock now, Unix µs, going on while nothing is heard; null before it said anything. */
  serverUs(now) {
    if (this.#serverMs === null) return null;
    const silentMs = Math.max(now.clockMs - this.#toldMs, this.silentMs(now));
    return (this.#serverMs + Math.max(0, this.#lateMs) + silentMs) * 1000;
  }
}
