// When something is too near, or comes too fast, for one sensor of one drone. A level must be seen in two scans running, so
// that clutter says nothing, and ends after a while without.
import type { ObstacleColumns } from "../../batch/columns.ts";
import { s32 } from "../../../platform/bounds.ts";
import type { ObstacleDetails } from "../../outputs.ts";

export interface ObstacleSettings {
  warnRangeCm: number;
  criticalRangeCm: number;
  /** Range divided by closing speed. */
  warnTimeS: number;
  criticalTimeS: number;
  /** A level ends after so long without it. */
  clearUs: number;
}

export const OBSTACLE_DEFAULTS: ObstacleSettings = {
  warnRangeCm: 1000,
  criticalRangeCm: 500,
  warnTimeS: 5,
  criticalTimeS: 2.5,
  clearUs: 1_000_000,
};

/** 0 nothing near, 1 warning, 2 critical. */
export type ObstacleLevel = 0 | 1 | 2;

/** One scan's worst hit. */
export interface WorstHit extends ObstacleDetails {
  level: ObstacleLevel;
}

export interface SavedObstacleRule {
  level: ObstacleLevel;
  seq: number;
  measuredUs: number;
  heardUs: number;
  before: ObstacleLevel;
  seenUs: [number, number];
  nearestCm: number | null;
}

/** Steeper hits are the ground below. */
const ELEVATION_CDEG_MIN = -6000;
const FRAME_NORTH = 0;
const TURN_CDEG = 36_000;
const RATE_PRESENT = 1;
/** Scans farther apart say nothing about a closing speed, and are not two running. */
const RUNNING_US_MAX = 1_000_000;

/** The state of one sensor. */
export class ObstacleRule {
  level: ObstacleLevel = 0;
  /** Of the last scan: its number, and when it was measured by our clock. */
  #seq = -1;
  #measuredUs = -Infinity;
  /** When the last scan arrived. */
  #heardUs = -Infinity;
  /** Of the last scan: its level, and its nearest range where no hit told its rate. */
  #before: ObstacleLevel = 0;
  #nearestCm: number | null = null;
  /** When levels 1 and 2 were last seen. */
  #seenUs: [number, number] = [-Infinity, -Infinity];

  static restore({ level, seq, measuredUs, heardUs, before, seenUs, nearestCm }: SavedObstacleRule): ObstacleRule {
    const rule = new ObstacleRule();
    rule.level = level;
    rule.#seq = seq;
    rule.#measuredUs = measuredUs;
    rule.#heardUs = heardUs;
    rule.#before = before;
    rule.#seenUs = seenUs;
    rule.#nearestCm = nearestCm;
    return rule;
  }

  save(): SavedObstacleRule {
    const [seq, measuredUs, heardUs] = [this.#seq, this.#measuredUs, this.#heardUs];
    const [before, nearestCm] = [this.#before, this.#nearestCm];
    const [level1Us, level2Us] = this.#seenUs;
    return { level: this.level, seq, measuredUs, heardUs, before, seenUs: [level1Us, level2Us], nearestCm };
  }

  /**
   * Scan `i`, whose hits begin at `firstHit`, of the present boot; measured and arrived by our clock.
   * @param headingCdeg of the drone, null when unknown
   * @returns its worst hit; null for none, or when a later scan is known
   */
  assess(
    o: ObstacleColumns,
    { i, firstHit, measuredUs, nowUs, headingCdeg }: {
      i: number;
      firstHit: number;
      measuredUs: number;
      nowUs: number;
      headingCdeg: number | null;
    },
    settings: ObstacleSettings,
  ): WorstHit | null {
    if (o.seq[i]! < this.#seq) return null;
    const running = measuredUs - this.#measuredUs <= RUNNING_US_MAX;
    const worst = this.#worst(o, { i, firstHit, headingCdeg }, running ? measuredUs : NaN, settings);
    const seen = worst?.level ?? 0;
    const held = Math.min(seen, running ? this.#before : 0) as ObstacleLevel;
    this.#before = seen;
    this.#seq = o.seq[i]!;
    this.#measuredUs = measuredUs;
    this.#heardUs = nowUs;
    for (const level of [1, 2] as const) if (held >= level) this.#seenUs[level - 1] = measuredUs;
    if (held > this.level) this.level = held;
    else this.#fall(measuredUs, settings);
    return worst;
  }

  /** The drone has booted: scans are numbered anew. */
  begin(): void {
    this.#seq = -1;
  }

  /** Our own clock was set. */
  shift(stepUs: number): void {
    this.#measuredUs += stepUs;
    this.#heardUs += stepUs;
    this.#seenUs = [this.#seenUs[0] + stepUs, this.#seenUs[1] + stepUs];
  }

  /** When the last scan arrived. */
  get heardUs(): number {
    return this.#heardUs;
  }

  /** How long no scan has arrived, in µs. */
  silentUs(nowUs: number): number {
    return nowUs - this.#heardUs;
  }

  #fall(measuredUs: number, { clearUs }: ObstacleSettings): void {
    const [warnedUs, criticalUs] = this.#seenUs;
    if (this.level === 2 && measuredUs - criticalUs >= clearUs) this.level = 1;
    if (this.level === 1 && measuredUs - warnedUs >= clearUs) this.level = 0;
  }

  #worst(
    o: ObstacleColumns,
    { i, firstHit, headingCdeg }: { i: number; firstHit: number; headingCdeg: number | null },
    runningUs: number,
    settings: ObstacleSettings,
  ): WorstHit | null {
    let worst: WorstHit | null = null;
    let nearestCm: number | null = null;
    for (let hit = firstHit; hit < firstHit + o.hitCount[i]!; hit++) {
      if (o.elevationCdeg[hit]! < ELEVATION_CDEG_MIN) continue;
      const rangeCm = o.rangeCm[hit]!;
      const told = (o.hitPresence[hit]! & RATE_PRESENT) !== 0;
      const closingCms = told ? s32(-o.rangeRateCms[hit]!) : this.#closingCms(rangeCm, runningUs);
      if (!told) nearestCm = Math.min(nearestCm ?? Infinity, rangeCm);
      const level = grade({ rangeCm, closingCms }, settings);
      if (worst && (level < worst.level || (level === worst.level && rangeCm >= worst.rangeCm))) continue;
      const [bearingCdeg, frame] = [o.bearingCdeg[hit]!, o.frame[i]!];
      const fromCdeg = frame === FRAME_NORTH ? 0 : headingCdeg;
      const trueBearingCdeg = fromCdeg === null ? null : ((bearingCdeg + fromCdeg) % TURN_CDEG + TURN_CDEG) % TURN_CDEG;
      worst = { level, sensorId: o.sensorId[i]!, rangeCm, closingCms, bearingCdeg, frame, trueBearingCdeg };
    }
    this.#nearestCm = nearestCm;
    return worst;
  }

  // Of a sensor that tells no rates: how much nearer this hit is than the nearest of the scan before.
  #closingCms(rangeCm: number, nowUs: number): number | null {
    const seconds = (nowUs - this.#measuredUs) / 1e6;
    return this.#nearestCm === null || !(seconds > 0) ? null : s32((this.#nearestCm - rangeCm) / seconds);
  }
}

function grade(
  { rangeCm, closingCms }: { rangeCm: number; closingCms: number | null },
  { warnRangeCm, criticalRangeCm, warnTimeS, criticalTimeS }: ObstacleSettings,
): ObstacleLevel {
  const timeS = closingCms !== null && closingCms > 0 ? rangeCm / closingCms : Infinity;
  if (rangeCm <= criticalRangeCm || timeS <= criticalTimeS) return 2;
  return rangeCm <= warnRangeCm || timeS <= warnTimeS ? 1 : 0;
}
