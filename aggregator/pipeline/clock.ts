// One drone's clock against the aggregator's: how far it is off, and whether its event times can be believed.

/** A record further in the future than this is not believed. */
const AHEAD_US_MAX = 2_000_000;
/** 2020-01-01: an event time before it comes from a clock that was never set. */
const SET_SINCE_US = 1_577_836_800_000_000;
/** The offset is the smallest of one to two of these. */
const HORIZON_US = 30_000_000;

export interface SavedClock {
  lastSkewUs: number;
  sinceUs: number;
  currentUs: number;
  previousUs: number;
}

export class Clock {
  /** Ingestion time at which the last record was re-timed; -Infinity: never. */
  lastSkewUs = -Infinity;
  #sinceUs = -Infinity;
  #currentUs = Infinity;
  #previousUs = Infinity;

  static restore({ lastSkewUs, sinceUs, currentUs, previousUs }: SavedClock): Clock {
    const clock = new Clock();
    clock.lastSkewUs = lastSkewUs;
    clock.#sinceUs = sinceUs;
    clock.#currentUs = currentUs;
    clock.#previousUs = previousUs;
    return clock;
  }

  save(): SavedClock {
    const [sinceUs, currentUs, previousUs] = [this.#sinceUs, this.#currentUs, this.#previousUs];
    return { lastSkewUs: this.lastSkewUs, sinceUs, currentUs, previousUs };
  }

  /** Smallest of ingestion time minus event time seen lately: clock error plus transport, in µs. */
  get offsetUs(): number {
    const offset = Math.min(this.#currentUs, this.#previousUs);
    return offset === Infinity ? 0 : offset;
  }

  /** @returns true when the event time can be believed; otherwise the record is taken as measured at ingestion. */
  trusts(eventTimeUs: number, ingestionTimeUs: number): boolean {
    const offsetUs = ingestionTimeUs - eventTimeUs;
    if (ingestionTimeUs - this.#sinceUs > HORIZON_US) {
      this.#previousUs = this.#currentUs;
      this.#currentUs = Infinity;
      this.#sinceUs = ingestionTimeUs;
    }
    if (offsetUs < this.#currentUs) this.#currentUs = offsetUs;
    if (eventTimeUs >= SET_SINCE_US && offsetUs >= -AHEAD_US_MAX) return true;
    this.lastSkewUs = ingestionTimeUs;
    return false;
  }
}
