// Which of a drone's positions can be believed. A single jump is a receiver's mistake, and moves nothing; a new place that
// is told again and again is where the drone is.
import { groundM } from "./earth.ts";

/** Why a position is not used: no fix, 0° and 0° or no place on earth, too far away to have flown there, or a repeat. */
export type FixFault = "no-fix" | "no-place" | "jump" | "frozen";

/** A position as it was sent. */
export interface SentFix {
  /** As MAVLink GPS_FIX_TYPE; below 2 there is none. */
  fixType: number;
  latDeg: number;
  lonDeg: number;
  /** NaN where not measured. */
  speedMps: number;
  /** One sigma; NaN where not said. */
  hAccM: number;
  /** Unix µs by the aggregator's clock. */
  measuredUs: number;
}

interface Believed {
  latDeg: number;
  lonDeg: number;
  speedMps: number;
  hAccM: number;
  measuredUs: number;
}

/** A place told by jumps only. */
interface Claimed extends Believed {
  sinceUs: number;
  times: number;
}

export interface SavedFixGate {
  believed: Believed | null;
  claimed: Claimed | null;
}

const FIX_2D = 2;
const NO_PLACE_DEG = 1e-6;
/** Over less time than this nothing is said of a speed: a receiver's noise would be. */
const JUMP_S_MIN = 0.2;
/** What a drone may do beyond its reported speed, and what a receiver may be off: never a jump. */
const EXTRA_MPS = 25;
const EXTRA_SPEED = 1.5;
const NOISE_M = 15;
const NOISE_SIGMAS = 3;
/** A place claimed so often and for so long is believed. */
const CLAIMS_MIN = 5;
const CLAIM_US_MIN = 500_000;
/** A drone that moves faster than this is not in the same place to the centimetre. */
const FROZEN_MPS = 1;

/** Judges the positions of one drone, in order. */
export class FixGate {
  #believed: Believed | null = null;
  #claimed: Claimed | null = null;

  static restore({ believed, claimed }: SavedFixGate): FixGate {
    const gate = new FixGate();
    gate.#believed = believed;
    gate.#claimed = claimed;
    return gate;
  }

  save(): SavedFixGate {
    return { believed: this.#believed && { ...this.#believed }, claimed: this.#claimed };
  }

  /** Our clock was set. */
  shift(stepUs: number): void {
    if (this.#believed) this.#believed.measuredUs += stepUs;
    if (!this.#claimed) return;
    const { measuredUs, sinceUs } = this.#claimed;
    this.#claimed = { ...this.#claimed, measuredUs: measuredUs + stepUs, sinceUs: sinceUs + stepUs };
  }

  /** Null: it can be believed. */
  judge(fix: SentFix): FixFault | null {
    const { fixType, latDeg, lonDeg } = fix;
    if (fixType < FIX_2D) return "no-fix";
    const nowhere = Math.abs(latDeg) < NO_PLACE_DEG && Math.abs(lonDeg) < NO_PLACE_DEG;
    if (nowhere || Math.abs(latDeg) > 90 || Math.abs(lonDeg) > 180) return "no-place";
    const { speedMps, hAccM, measuredUs } = fix;
    const sent: Believed = {
      latDeg,
      lonDeg,
      speedMps: Number.isNaN(speedMps) ? 0 : speedMps,
      hAccM: Number.isNaN(hAccM) ? 0 : hAccM,
      measuredUs,
    };
    const believed = this.#believed;
    if (!believed || isPlausible(believed, sent)) {
      if (believed && isFrozen(believed, sent)) return "frozen";
      this.#believe(sent);
      return null;
    }
    return this.#claim(sent) ? null : "jump";
  }

  // In place: an object for each position of a fleet would outlive the young generation.
  #believe({ latDeg, lonDeg, speedMps, hAccM, measuredUs }: Believed): void {
    const believed = this.#believed ??= { latDeg, lonDeg, speedMps, hAccM, measuredUs };
    believed.latDeg = latDeg;
    believed.lonDeg = lonDeg;
    believed.speedMps = speedMps;
    believed.hAccM = hAccM;
    believed.measuredUs = measuredUs;
    this.#claimed = null;
  }

  #claim(sent: Believed): boolean {
    const claimed = this.#claimed;
    const again = claimed !== null && isPlausible(claimed, sent);
    const sinceUs = again ? claimed.sinceUs : sent.measuredUs;
    const times = again ? claimed.times + 1 : 1;
    if (times >= CLAIMS_MIN && sent.measuredUs - sinceUs >= CLAIM_US_MIN) {
      this.#believe(sent);
      return true;
    }
    this.#claimed = { ...sent, sinceUs, times };
    return false;
  }
}

function isPlausible(from: Believed, to: Believed): boolean {
  const seconds = Math.max(JUMP_S_MIN, (to.measuredUs - from.measuredUs) / 1e6);
  const mps = EXTRA_SPEED * Math.max(from.speedMps, to.speedMps) + EXTRA_MPS;
  return groundM(from, to) <= mps * seconds + Math.max(NOISE_M, NOISE_SIGMAS * (from.hAccM + to.hAccM));
}

function isFrozen(from: Believed, to: Believed): boolean {
  return to.speedMps > FROZEN_MPS && from.latDeg === to.latDeg && from.lonDeg === to.lonDeg;
}
