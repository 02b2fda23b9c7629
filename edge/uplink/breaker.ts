// The circuit breaker of the uplink. Closed: all goes as it should. Open: a connection failed or fell silent, nothing is
// sent, and the next attempt waits with full jitter. Half-open: one batch of each lane at a time, until an
// acknowledgement comes fast enough.

export interface BreakerSettings {
  /** A batch on the wire without an answer for so long: the link is dead, whatever TCP says. */
  silentMsMax: number;
  /** The same without a batch: each status is answered. An aggregator that is busy is given longer, as nothing is held up. */
  muteMsMax: number;
  /** Acknowledgements that come later are slow; so many in a row leave one batch of each lane in flight. */
  slowAckMs: number;
  slowAcks: number;
  /** Limits of the wait before the n-th attempt: a random share of min · 2^n, at most max. */
  backoffMinMs: number;
  backoffMaxMs: number;
  /** The wait begins anew after the circuit was closed for so long. */
  stableAfterMs: number;
}

export const BREAKER_DEFAULTS: BreakerSettings = {
  silentMsMax: 5000,
  muteMsMax: 30_000,
  slowAckMs: 1000,
  slowAcks: 8,
  backoffMinMs: 100,
  // Nobody is warned meanwhile: an aggregator that restarts is back within a second or two.
  backoffMaxMs: 1000,
  stableAfterMs: 10_000,
};

export type BreakerState = "closed" | "open" | "half-open";

export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #random: () => number;
  #state: BreakerState = "half-open";
  #failures = 0;
  #slow = 0;
  #closedMs = Infinity;

  constructor(settings: BreakerSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** The connection failed, ended or fell silent. @returns ms to wait before the next attempt */
  failed(nowMs: number): number {
    const { backoffMinMs, backoffMaxMs, stableAfterMs } = this.#settings;
    if (nowMs - this.#closedMs >= stableAfterMs) this.#failures = 0;
    this.#state = "open";
    this.#closedMs = Infinity;
    this.#slow = 0;
    return this.#random() * Math.min(backoffMaxMs, backoffMinMs * 2 ** this.#failures++);
  }

  /** The next attempt begins. */
  attempt(): void {
    this.#state = "half-open";
  }

  /** `ackMs`: from sending a batch to its acknowledgement. */
  acknowledged(ackMs: number, nowMs: number): void {
    const { slowAckMs, slowAcks } = this.#settings;
    this.#slow = ackMs > slowAckMs ? this.#slow + 1 : 0;
    if (this.#state === "half-open" && this.#slow === 0) {
      this.#state = "closed";
      this.#closedMs = Math.min(this.#closedMs, nowMs);
    } else if (this.#state === "closed" && this.#slow >= slowAcks) this.#state = "half-open";
  }

  /** Batches of a lane that may be in flight, of the `credit` that the aggregator gave. */
  limit(credit: number): number {
    return this.#state === "closed" ? credit : this.#state === "open" ? 0 : Math.min(1, credit);
  }

  /** `sinceMs`: since when an answer is owed; null: none is. */
  isSilent(sinceMs: number | null, nowMs: number): boolean {
    return sinceMs !== null && nowMs - sinceMs > this.#settings.silentMsMax;
  }

  /** `sinceMs`: since when not even a status is answered; null: it is. */
  isMute(sinceMs: number | null, nowMs: number): boolean {
    return sinceMs !== null && nowMs - sinceMs > this.#settings.muteMsMax;
  }
}
