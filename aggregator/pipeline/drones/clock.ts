// One boot's clock against the aggregator's: how far it is off, whether its event times can be believed, and when a record
// was measured by our own clock. A clock may be wrong, be set, or stop: none of that hides what arrives now.
import { LeastDelay, type SavedLeastDelay } from "./least_delay.ts";

/** Why a drone's clock cannot be relied on. */
export type ClockFault = "ahead" | "unset" | "back" | "stopped" | "behind";

/** How a record arrived. */
export interface ClockArrival {
  /** Ingestion time, Unix µs. */
  nowUs: number;
  latestUs: number;
  seq: number;
  inSequence: boolean;
}

/** A record further in the future than this is not believed. */
const AHEAD_US_MAX = 2_000_000;
/** 2020-01-01: an event time before it comes from a clock that was never set. */
const SET_SINCE_US = 1_577_836_800_000_000;
/** A later record measured so much earlier than the one before it: the clock was set back. */
const BACK_US_MIN = 1_000_000;
/** A clock that has come no farther than this while so much time passed, over so many records, stands still. */
const STOPPED_PROGRESS_US = 100_000;
const STOPPED_US_MIN = 2_000_000;
const STOPPED_RECORDS_MIN = 4;
/** A clock that is so far behind for so long is, whatever the way took. */
const BEHIND_US_MAX = 5_000_000;
const BEHIND_FOR_US = 8_000_000;
/** Two clocks may drift apart by so much of the time that passes: quartz without help. */
const DRIFT = 1e-4;

export interface SavedClock {
  lastSkewUs: number;
  delay: SavedLeastDelay;
  lastEventUs: number;
  movedEventUs: number;
  movedUs: number;
  sinceMoved: number;
  setSeq: number;
  behindSinceUs: number;
  promptUs: number;
  promptAtUs: number;
  lateUs: number;
}

export class Clock {
  /** Ingestion time at which something was last wrong with it; -Infinity: never. */
  lastSkewUs = -Infinity;
  #delay = new LeastDelay();
  /** Of the latest record in sequence. */
  #lastEventUs = -Infinity;
  /** Where it stood when it last moved on, when that was, and records in sequence since. */
  #movedEventUs = -Infinity;
  #movedUs = -Infinity;
  #sinceMoved = 0;
  /** The first record known to be of the clock as it was last set; those before it say nothing of how far it is off. */
  #setSeq = -1;
  /** Ingestion time since which it is far behind; Infinity while it is not. */
  #behindSinceUs = Infinity;
  /** Delay of the promptest record of all of the boot, as far as clocks drift; as of when. */
  #promptUs = Infinity;
  #promptAtUs = -Infinity;
  #lateUs = 0;

  static restore(
    { lastSkewUs, delay, lastEventUs, movedEventUs, movedUs, sinceMoved, setSeq, behindSinceUs, ...late }: SavedClock,
  ): Clock {
    const clock = new Clock();
    clock.lastSkewUs = lastSkewUs;
    clock.#delay = LeastDelay.restore(delay);
    clock.#lastEventUs = lastEventUs;
    clock.#movedEventUs = movedEventUs;
    clock.#movedUs = movedUs;
    clock.#sinceMoved = sinceMoved;
    clock.#setSeq = setSeq;
    clock.#behindSinceUs = behindSinceUs;
    clock.#promptUs = late.promptUs;
    clock.#promptAtUs = late.promptAtUs;
    clock.#lateUs = late.lateUs;
    return clock;
  }

  save(): SavedClock {
    return {
      lastSkewUs: this.lastSkewUs,
      delay: this.#delay.save(),
      lastEventUs: this.#lastEventUs,
      movedEventUs: this.#movedEventUs,
      movedUs: this.#movedUs,
      sinceMoved: this.#sinceMoved,
      setSeq: this.#setSeq,
      behindSinceUs: this.#behindSinceUs,
      promptUs: this.#promptUs,
      promptAtUs: this.#promptAtUs,
      lateUs: this.#lateUs,
    };
  }

  /** How much later than the promptest of its boot the latest record in sequence came, in µs. */
  get lateUs(): number {
    return this.#lateUs;
  }

  /** Least of ingestion time minus event time seen lately: clock error plus transport, in µs. */
  get offsetUs(): number {
    return this.#delay.us;
  }

  /** Another boot of the drone begins: of its clock nothing is known. */
  begin(): void {
    this.#delay = new LeastDelay();
    this.#lastEventUs = this.#movedEventUs = this.#movedUs = -Infinity;
    this.#sinceMoved = 0;
    this.#setSeq = -1;
    this.#behindSinceUs = this.#promptUs = Infinity;
    this.#lateUs = 0;
  }

  /**
   * A record of the present boot arrived, and with it others, the latest of them measured at `latestUs`.
   * @param inSequence no later record of the boot has arrived before
   * @returns what is wrong with the clock; null: nothing
   */
  observe(eventTimeUs: number, arrival: ClockArrival): ClockFault | null {
    const { nowUs, inSequence } = arrival;
    const fault = this.#judge(eventTimeUs, arrival);
    if (inSequence) this.#lastEventUs = eventTimeUs;
    if (fault) this.lastSkewUs = nowUs;
    return fault;
  }

  /** When a record was measured, by our clock, at the latest now: as if it had come as fast as the fastest lately. */
  measuredUs(eventTimeUs: number, nowUs: number): number {
    return Math.min(nowUs, eventTimeUs + this.#delay.us);
  }

  /** Our own clock was set. */
  shift(stepUs: number): void {
    this.lastSkewUs += stepUs;
    this.#delay.shift(stepUs);
    this.#movedUs += stepUs;
    this.#behindSinceUs += stepUs;
    this.#promptUs += stepUs;
    this.#promptAtUs += stepUs;
  }

  #judge(eventTimeUs: number, { nowUs, latestUs, seq, inSequence }: ClockArrival): ClockFault | null {
    const delayUs = nowUs - eventTimeUs;
    const steppedBack = inSequence && eventTimeUs < this.#lastEventUs - BACK_US_MIN;
    const stopped = inSequence && this.#isStopped(eventTimeUs, nowUs);
    // What contradicts the estimate ends it at once.
    if (inSequence) this.#compare(delayUs, { nowUs, isNew: steppedBack || stopped });
    if (steppedBack || stopped) {
      this.#delay.begin(delayUs, nowUs);
      this.#setSeq = seq;
    } else if (seq >= this.#setSeq) {
      this.#delay.add(isCredible(latestUs, nowUs) ? Math.min(delayUs, nowUs - latestUs) : delayUs, nowUs);
    }
    if (eventTimeUs < SET_SINCE_US) return "unset";
    if (delayUs < -AHEAD_US_MAX) return "ahead";
    if (stopped) return "stopped";
    if (steppedBack) return "back";
    return this.#isBehind(nowUs) ? "behind" : null;
  }

  #compare(delayUs: number, { nowUs, isNew }: { nowUs: number; isNew: boolean }): void {
    const driftedUs = this.#promptUs + DRIFT * (nowUs - this.#promptAtUs);
    this.#promptUs = isNew || !(driftedUs < delayUs) ? delayUs : driftedUs;
    this.#promptAtUs = nowUs;
    this.#lateUs = delayUs - this.#promptUs;
  }

  #isStopped(eventTimeUs: number, nowUs: number): boolean {
    if (Math.abs(eventTimeUs - this.#movedEventUs) > STOPPED_PROGRESS_US) {
      this.#movedEventUs = eventTimeUs;
      this.#movedUs = nowUs;
      this.#sinceMoved = 0;
      return false;
    }
    this.#sinceMoved++;
    return nowUs - this.#movedUs >= STOPPED_US_MIN && this.#sinceMoved >= STOPPED_RECORDS_MIN;
  }

  #isBehind(nowUs: number): boolean {
    if (this.#delay.us <= BEHIND_US_MAX) this.#behindSinceUs = Infinity;
    else if (this.#behindSinceUs === Infinity) this.#behindSinceUs = nowUs;
    return nowUs - this.#behindSinceUs >= BEHIND_FOR_US;
  }
}

/** Whether the event time of a record of an earlier boot, of whose clock nothing is kept, can be believed. */
export function isCredible(eventTimeUs: number, nowUs: number): boolean {
  return eventTimeUs >= SET_SINCE_US && eventTimeUs - nowUs <= AHEAD_US_MAX;
}

/** Faults because of which a record is taken as measured on arrival: its event time says nothing. */
export function isRetimed(fault: ClockFault | null): boolean {
  return fault === "ahead" || fault === "unset" || fault === "stopped";
}
