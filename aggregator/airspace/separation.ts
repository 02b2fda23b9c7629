// How far two tracks will be apart: both extrapolated to one time, in a local east-north-up frame between them, and
// tested against the volumes of each level, which grow with what is not known.
import { cylinderResult, detectCylinder, type Relative, type Volume } from "./cylinder.ts";
import type { AirspaceSettings } from "./settings.ts";
import { ROW_WORDS, TrackFlag, type TrackRows, Word } from "./track_rows.ts";
import { detectWellClear, wellClearResult, type WellClearVolume } from "./well_clear.ts";

/** 0 clear, 1 warning, 2 critical. */
export type ConflictLevel = 0 | 1 | 2;

/** What was found of a pair; lengths in metres, times in seconds from the time it was assessed for. */
export interface SeparationView {
  timeToClosestS: number;
  /** At the closest approach that is still to come. */
  closestHorizontalM: number;
  /** Null: not both altitudes above mean sea level are known. */
  closestVerticalM: number | null;
  horizontalM: number;
  verticalM: number | null;
  /** Until the warning volume is entered; 0: within. */
  timeToEntryS: number;
}

/** What is farther ahead than any volume looks, with its hysteresis, is not predicted: only now is meant. */
function horizonS({ warning, crewedWarning, hysteresis }: AirspaceSettings): number {
  return Math.max(warning.lookAheadS, crewedWarning.lookAheadS + crewedWarning.tthrS) * hysteresis;
}

/** Who comes nearer does so faster than noise makes it, and to so much of the distance. */
const APPROACH_MPS = 0.5;
const APPROACH_SHARE = 0.5;

/** Points of the surface some kilometres apart are no plane: what that can make of a distance. */
const CURVATURE_M = 2;

/** Assesses pairs at one time. Its numbers are kept between calls: the hot loop allocates nothing. */
export class Separation {
  readonly #settings: AirspaceSettings;
  readonly #relative: Relative = { sx: NaN, sy: NaN, sz: NaN, vx: NaN, vy: NaN, vz: NaN };
  readonly #cylinder: Volume = { radiusM: NaN, halfHeightM: NaN, lookAheadS: NaN };
  readonly #wellClear: WellClearVolume = { dthrM: NaN, zthrM: NaN, tthrS: NaN, tcoaS: NaN, lookAheadS: NaN };
  readonly #result = wellClearResult();
  readonly #warned = cylinderResult();
  #rows: TrackRows = new Float64Array(0);
  #nowUs = 0;
  // The pair's relative state in earth-centred coordinates, m and m/s.
  #x = NaN;
  #y = NaN;
  #z = NaN;
  #vx = NaN;
  #vy = NaN;
  #vz = NaN;
  // What the volumes of the pair grow by.
  #widerM = 0;
  #higherM = 0;
  /** The last assessment looked at the pair: it was not too old for that. */
  isFresh = false;
  /** In it both were within the warning volume already, and none was crewed. */
  isBeside = false;

  constructor(settings: AirspaceSettings) {
    this.#settings = settings;
  }

  /** All that follows is assessed for this time, in Unix µs. */
  at(rows: TrackRows, nowUs: number): void {
    this.#rows = rows;
    this.#nowUs = nowUs;
  }

  /**
   * How bad the pair is. Volumes of levels up to `held` are larger, so that noise does not end a conflict. Of a track that
   * is old and not yet taken for a ghost (nobody listened, or its drone has just fallen silent) nothing new is said.
   */
  assess(a: number, b: number, held: ConflictLevel): ConflictLevel {
    const rows = this.#rows;
    const { sigmas, hysteresis } = this.#settings;
    const rowA = a * ROW_WORDS;
    const rowB = b * ROW_WORDS;
    const some = rows[rowA + Word.flags]! | rows[rowB + Word.flags]!;
    const both = rows[rowA + Word.flags]! & rows[rowB + Word.flags]!;
    if ((both & TrackFlag.crewed) !== 0) return 0;
    this.isFresh = !this.#isStale(rowA) && !this.#isStale(rowB);
    if (!this.isFresh) return held;
    const crewed = (some & TrackFlag.crewed) !== 0;
    const staged = (both & TrackFlag.velocity) === 0;
    const hAccA = rows[rowA + Word.hAcc]!;
    const hAccB = rows[rowB + Word.hAcc]!;
    const grownM = this.#grownM(rowA) + this.#grownM(rowB);
    this.#approach(rowA, rowB);
    if (held === 0 && !crewed && !staged && this.#passesFar(sigmas * (hAccA + hAccB) + grownM)) return 0;
    this.#relate(rowA, rowB);
    this.#widerM = sigmas * Math.sqrt(hAccA * hAccA + hAccB * hAccB) + grownM;
    this.#higherM = (both & TrackFlag.altitude) === 0 ? Infinity : this.#higherOf(rowA, rowB);
    const warns = this.#violates(1, { crewed, staged, slack: held >= 1 ? hysteresis : 1 });
    if (warns || held > 0) this.#keepWarned();
    this.isBeside = warns && !crewed && this.#warned.violationNow;
    if (!warns) return 0;
    // Nobody knows where a ghost is: it warns, and no more.
    if ((some & TrackFlag.ghost) !== 0) return 1;
    return this.#violates(2, { crewed, staged, slack: held >= 2 ? hysteresis : 1 }) ? 2 : 1;
  }

  /**
   * Of the last assessed pair, when it was fresh, and not clear now or before. Two that fly abreast are closest at no time,
   * or in weeks: then it is now.
   */
  view(): SeparationView {
    const { sx, sy, sz, vz } = this.#relative;
    const { tcpaS, dcpaM, inS } = this.#warned;
    const horizontalM = Math.hypot(sx, sy);
    const heightKnown = this.#higherM !== Infinity;
    const aheadS = horizonS(this.#settings);
    const closestS = tcpaS > 0 && tcpaS <= aheadS ? tcpaS : 0;
    return {
      timeToClosestS: closestS,
      closestHorizontalM: closestS > 0 ? dcpaM : horizontalM,
      closestVerticalM: heightKnown ? Math.abs(sz + vz * closestS) : null,
      horizontalM,
      verticalM: heightKnown ? Math.abs(sz) : null,
      timeToEntryS: inS > 0 && inS <= aheadS ? inS : 0,
    };
  }

  /** Of the last assessed pair that warns: until it is closest, in seconds; 0: it is now, or has been. */
  get closestS(): number {
    return Math.max(0, this.#warned.tcpaS);
  }

  /**
   * Whether the last assessed pair, at level 2, comes nearer: to half its distance, sideways or in height, within the look-ahead
   * of level 2. Drones that keep their places among others do not, however near these are.
   */
  get approaches(): boolean {
    const { sx, sy, sz, vx, vy, vz } = this.#relative;
    const aheadS = this.#settings.critical.lookAheadS;
    const horizontalM = Math.sqrt(sx * sx + sy * sy);
    const closingMps = -(sx * vx + sy * vy) / horizontalM;
    if (closingMps > APPROACH_MPS && this.#nearestM(aheadS) <= horizontalM * APPROACH_SHARE) return true;
    if (!(sz * vz < 0) || Math.abs(vz) <= APPROACH_MPS) return false;
    return sz * (sz * (1 - APPROACH_SHARE) + vz * aheadS) <= 0;
  }

  /** Age times speed of a track, in metres: how far from where it is thought to be it may be. See #unsureS. */
  grownM(track: number): number {
    return this.#grownM(track * ROW_WORDS);
  }

  // The smallest horizontal distance within so many seconds.
  #nearestM(aheadS: number): number {
    const { sx, sy, vx, vy } = this.#relative;
    const atS = Math.min(aheadS, this.closestS);
    const [atX, atY] = [sx + vx * atS, sy + vy * atS];
    return Math.sqrt(atX * atX + atY * atY);
  }

  // What view() tells, of the warning volume.
  #keepWarned(): void {
    this.#warned.violationNow = this.#result.violationNow;
    this.#warned.tcpaS = this.#result.tcpaS;
    this.#warned.dcpaM = this.#result.dcpaM;
    this.#warned.inS = this.#result.inS;
  }

  #grownM(row: number): number {
    const { ghostSpeedMps, ghostRadiusMaxM } = this.#settings;
    const flags = this.#rows[row + Word.flags]!;
    const speedMps = this.#rows[row + Word.speed]!;
    const moves = (flags & (TrackFlag.ghost | TrackFlag.velocity)) === TrackFlag.velocity;
    return Math.min(ghostRadiusMaxM, (moves ? speedMps : Math.max(speedMps, ghostSpeedMps)) * this.#unsureS(row));
  }

  #higherOf(rowA: number, rowB: number): number {
    const rows = this.#rows;
    const { sigmas, ghostHeightMaxM } = this.#settings;
    const vAccA = rows[rowA + Word.vAcc]!;
    const vAccB = rows[rowB + Word.vAcc]!;
    const grownA = Math.min(ghostHeightMaxM, Math.abs(rows[rowA + Word.climb]!) * this.#unsureS(rowA));
    const grownB = Math.min(ghostHeightMaxM, Math.abs(rows[rowB + Word.climb]!) * this.#unsureS(rowB));
    return sigmas * Math.sqrt(vAccA * vAccA + vAccB * vAccB) + grownA + grownB;
  }

  #isGhost(row: number): boolean {
    return (this.#rows[row + Word.flags]! & TrackFlag.ghost) !== 0;
  }

  #isStale(row: number): boolean {
    return this.#nowUs - this.#rows[row + Word.fixUs]! > this.#rows[row + Word.silenceUs]! && !this.#isGhost(row);
  }

  #ageS(row: number): number {
    return Math.max(0, this.#nowUs - this.#rows[row + Word.fixUs]!) / 1e6;
  }

  // How old a track is as far as that makes it unsure. One that reports each ten seconds and is on time is thought to fly on:
  // three seconds of its speed are as much as a standard turn (3° a second) takes it off a straight line in ten.
  #unsureS(row: number): number {
    const ageS = this.#ageS(row);
    return this.#isGhost(row) ? ageS : Math.min(ageS, this.#settings.ghostAfterUs / 1e6);
  }

  // Both at the present time, b seen from a, in earth-centred coordinates; a ghost stays where it was.
  #approach(rowA: number, rowB: number): void {
    const rows = this.#rows;
    const movesA = this.#isGhost(rowA) ? 0 : 1;
    const movesB = this.#isGhost(rowB) ? 0 : 1;
    const ageA = movesA * this.#ageS(rowA);
    const ageB = movesB * this.#ageS(rowB);
    const [vxA, vyA, vzA] = [rows[rowA + Word.vx]!, rows[rowA + Word.vy]!, rows[rowA + Word.vz]!];
    const [vxB, vyB, vzB] = [rows[rowB + Word.vx]!, rows[rowB + Word.vy]!, rows[rowB + Word.vz]!];
    this.#x = rows[rowA + Word.x]! - rows[rowB + Word.x]! + vxA * ageA - vxB * ageB;
    this.#y = rows[rowA + Word.y]! - rows[rowB + Word.y]! + vyA * ageA - vyB * ageB;
    this.#z = rows[rowA + Word.z]! - rows[rowB + Word.z]! + vzA * ageA - vzB * ageB;
    this.#vx = movesA * vxA - movesB * vxB;
    this.#vy = movesA * vyA - movesB * vyB;
    this.#vz = movesA * vzA - movesB * vzB;
  }

  // Most pairs in reach: their closest approach, seen in space, is clearly outside the warning volume. Saves the local
  // frame and the detector, two thirds of an update.
  #passesFar(widerM: number): boolean {
    const s2 = this.#x * this.#x + this.#y * this.#y + this.#z * this.#z;
    const v2 = this.#vx * this.#vx + this.#vy * this.#vy + this.#vz * this.#vz;
    const sv = this.#x * this.#vx + this.#y * this.#vy + this.#z * this.#vz;
    const radiusM = this.#settings.warning.radiusM + widerM + CURVATURE_M;
    return s2 > radiusM * radiusM && (sv >= 0 || s2 * v2 - sv * sv > radiusM * radiusM * v2);
  }

  // In the plane whose normal is the mean of theirs, so that a and b can be exchanged. Heights are differences of
  // altitudes, not of points in space.
  #relate(rowA: number, rowB: number): void {
    const rows = this.#rows;
    const relative = this.#relative;
    const ux = rows[rowA + Word.upX]! + rows[rowB + Word.upX]!;
    const uy = rows[rowA + Word.upY]! + rows[rowB + Word.upY]!;
    const uz = rows[rowA + Word.upZ]! + rows[rowB + Word.upZ]!;
    // East is (−uy, ux, 0), north is up × east; at a pole any direction may be east.
    const around = Math.sqrt(ux * ux + uy * uy);
    const eastX = around > 0 ? -uy / around : 1;
    const eastY = around > 0 ? ux / around : 0;
    const up = Math.sqrt(ux * ux + uy * uy + uz * uz);
    const northX = -uz * eastY / up;
    const northY = uz * eastX / up;
    const northZ = (ux * eastY - uy * eastX) / up;
    relative.sx = this.#x * eastX + this.#y * eastY;
    relative.sy = this.#x * northX + this.#y * northY + this.#z * northZ;
    relative.vx = this.#vx * eastX + this.#vy * eastY;
    relative.vy = this.#vx * northX + this.#vy * northY + this.#vz * northZ;
    const climbA = this.#isGhost(rowA) ? 0 : rows[rowA + Word.climb]!;
    const climbB = this.#isGhost(rowB) ? 0 : rows[rowB + Word.climb]!;
    relative.sz = rows[rowA + Word.alt]! - rows[rowB + Word.alt]! +
      climbA * this.#ageS(rowA) - climbB * this.#ageS(rowB);
    relative.vz = climbA - climbB;
  }

  #violates(
    level: 1 | 2,
    { crewed, staged, slack }: { crewed: boolean; staged: boolean; slack: number },
  ): boolean {
    if (crewed) return this.#losesWellClear(level, { staged, slack });
    const { warning, critical, stagedWarningM, stagedCriticalM } = this.#settings;
    const volume = level === 1 ? warning : critical;
    const cylinder = this.#cylinder;
    const stagedM = level === 1 ? stagedWarningM : stagedCriticalM;
    cylinder.radiusM = (staged ? stagedM : volume.radiusM) * slack + this.#widerM;
    cylinder.halfHeightM = volume.halfHeightM * slack + this.#higherM;
    cylinder.lookAheadS = volume.lookAheadS * slack;
    detectCylinder(this.#relative, cylinder, this.#result);
    return staged ? this.#result.violationNow : this.#result.conflict;
  }

  #losesWellClear(level: 1 | 2, { staged, slack }: { staged: boolean; slack: number }): boolean {
    const { crewedWarning, crewedCritical } = this.#settings;
    const volume = level === 1 ? crewedWarning : crewedCritical;
    const wellClear = this.#wellClear;
    wellClear.dthrM = volume.dthrM * slack + this.#widerM;
    wellClear.zthrM = volume.zthrM * slack + this.#higherM;
    wellClear.tthrS = volume.tthrS * slack;
    wellClear.tcoaS = volume.tcoaS;
    wellClear.lookAheadS = volume.lookAheadS * slack;
    detectWellClear(this.#relative, wellClear, this.#result);
    return staged ? this.#result.violationNow : this.#result.conflict;
  }
}
