// How far two tracks will be apart: both extrapolated to one time, in a local east-north-up frame between them, and
// tested against the volumes of each level, which grow with what is not known.
import { cylinderResult, detectCylinder, type Relative, type Volume } from "./cylinder.ts";
import type { AirspaceSettings } from "./settings.ts";
import { type TrackColumns, trackColumns, TrackFlag } from "./track_columns.ts";
import { detectWellClear, wellClearResult, type WellClearVolume } from "./well_clear.ts";

/** 0 clear, 1 warn, 2 alert. */
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
  #columns: TrackColumns = trackColumns(0);
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
  /** The last assessment looked at the pair: it was not too old for that. */
  isFresh = false;
  #higherM = 0;

  constructor(settings: AirspaceSettings) {
    this.#settings = settings;
  }

  /** All that follows is assessed for this time, in Unix µs. */
  at(columns: TrackColumns, nowUs: number): void {
    this.#columns = columns;
    this.#nowUs = nowUs;
  }

  /**
   * How bad the pair is. Volumes of levels up to `held` are larger, so that noise does not end a conflict. Of a track that
   * is old and not yet taken for a ghost (nobody listened, or its drone has just fallen silent) nothing new is said.
   */
  assess(a: number, b: number, held: ConflictLevel): ConflictLevel {
    const { flags, hAccM, vAccM } = this.#columns;
    const { sigmas, hysteresis } = this.#settings;
    const some = flags[a]! | flags[b]!;
    const both = flags[a]! & flags[b]!;
    if ((both & TrackFlag.crewed) !== 0) return 0;
    this.isFresh = !this.#isStale(a) && !this.#isStale(b);
    if (!this.isFresh) return held;
    const crewed = (some & TrackFlag.crewed) !== 0;
    const staged = (both & TrackFlag.velocity) === 0;
    const grownM = this.grownM(a) + this.grownM(b);
    this.#approach(a, b);
    if (held === 0 && !crewed && !staged && this.#passesFar(sigmas * (hAccM[a]! + hAccM[b]!) + grownM)) return 0;
    this.#relate(a, b);
    this.#widerM = sigmas * Math.sqrt(hAccM[a]! * hAccM[a]! + hAccM[b]! * hAccM[b]!) + grownM;
    this.#higherM = (both & TrackFlag.altitude) === 0
      ? Infinity
      : sigmas * Math.sqrt(vAccM[a]! * vAccM[a]! + vAccM[b]! * vAccM[b]!) + this.#grownHeightM(a) +
        this.#grownHeightM(b);
    const warns = this.#violates(1, { crewed, staged, slack: held >= 1 ? hysteresis : 1 });
    if (warns || held > 0) Object.assign(this.#warned, this.#result);
    if (!warns) return 0;
    // Nobody knows where a ghost is: it warns, and no more.
    if ((some & TrackFlag.ghost) !== 0) return 1;
    return this.#violates(2, { crewed, staged, slack: held >= 2 ? hysteresis : 1 }) ? 2 : 1;
  }

  /** Of the last assessed pair, when it was fresh, and not clear now or before. */
  view(): SeparationView {
    const { sx, sy, sz, vz } = this.#relative;
    const { tcpaS, dcpaM, inS } = this.#warned;
    const horizontalM = Math.hypot(sx, sy);
    const heightKnown = this.#higherM !== Infinity;
    return {
      timeToClosestS: Math.max(0, tcpaS),
      closestHorizontalM: tcpaS > 0 ? dcpaM : horizontalM,
      closestVerticalM: heightKnown ? Math.abs(sz + vz * Math.max(0, tcpaS)) : null,
      horizontalM,
      verticalM: heightKnown ? Math.abs(sz) : null,
      timeToEntryS: inS > 0 ? inS : 0,
    };
  }

  /** Age times speed of a track, in metres: how far from where it is thought to be it may be. */
  grownM(slot: number): number {
    const { speedMps, flags } = this.#columns;
    const { ghostSpeedMps, ghostRadiusMaxM } = this.#settings;
    const moves = (flags[slot]! & (TrackFlag.ghost | TrackFlag.velocity)) === TrackFlag.velocity;
    const mps = moves ? speedMps[slot]! : Math.max(speedMps[slot]!, ghostSpeedMps);
    return Math.min(ghostRadiusMaxM, mps * this.#ageS(slot));
  }

  #grownHeightM(slot: number): number {
    const { climbMps } = this.#columns;
    return Math.min(this.#settings.ghostHeightMaxM, Math.abs(climbMps[slot]!) * this.#ageS(slot));
  }

  #isStale(slot: number): boolean {
    const { fixUs, flags } = this.#columns;
    return this.#nowUs - fixUs[slot]! > this.#settings.ghostAfterUs && (flags[slot]! & TrackFlag.ghost) === 0;
  }

  #ageS(slot: number): number {
    return Math.max(0, this.#nowUs - this.#columns.fixUs[slot]!) / 1e6;
  }

  // Both at the present time, b seen from a, in earth-centred coordinates.
  #approach(a: number, b: number): void {
    const { xM, yM, zM, vxMps, vyMps, vzMps, flags } = this.#columns;
    const aMoves = (flags[a]! & TrackFlag.ghost) === 0 ? 1 : 0;
    const bMoves = (flags[b]! & TrackFlag.ghost) === 0 ? 1 : 0;
    const aS = aMoves * this.#ageS(a);
    const bS = bMoves * this.#ageS(b);
    this.#x = xM[a]! - xM[b]! + vxMps[a]! * aS - vxMps[b]! * bS;
    this.#y = yM[a]! - yM[b]! + vyMps[a]! * aS - vyMps[b]! * bS;
    this.#z = zM[a]! - zM[b]! + vzMps[a]! * aS - vzMps[b]! * bS;
    this.#vx = aMoves * vxMps[a]! - bMoves * vxMps[b]!;
    this.#vy = aMoves * vyMps[a]! - bMoves * vyMps[b]!;
    this.#vz = aMoves * vzMps[a]! - bMoves * vzMps[b]!;
  }

  // Most pairs in reach: their closest approach, seen in space, is clearly outside the warning volume. Saves the local
  // frame and the detector, two thirds of an update.
  #passesFar(widerM: number): boolean {
    const s2 = this.#x * this.#x + this.#y * this.#y + this.#z * this.#z;
    const v2 = this.#vx * this.#vx + this.#vy * this.#vy + this.#vz * this.#vz;
    const sv = this.#x * this.#vx + this.#y * this.#vy + this.#z * this.#vz;
    const radiusM = this.#settings.warn.radiusM + widerM + CURVATURE_M;
    return s2 > radiusM * radiusM && (sv >= 0 || s2 * v2 - sv * sv > radiusM * radiusM * v2);
  }

  // In the plane whose normal is the mean of theirs, so that a and b can be exchanged. Heights are differences of
  // altitudes, not of points in space.
  #relate(a: number, b: number): void {
    const { upX, upY, upZ, altM, climbMps, flags } = this.#columns;
    const relative = this.#relative;
    const ux = upX[a]! + upX[b]!;
    const uy = upY[a]! + upY[b]!;
    const uz = upZ[a]! + upZ[b]!;
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
    const aClimb = (flags[a]! & TrackFlag.ghost) === 0 ? climbMps[a]! : 0;
    const bClimb = (flags[b]! & TrackFlag.ghost) === 0 ? climbMps[b]! : 0;
    relative.sz = altM[a]! - altM[b]! + aClimb * this.#ageS(a) - bClimb * this.#ageS(b);
    relative.vz = aClimb - bClimb;
  }

  #violates(
    level: 1 | 2,
    { crewed, staged, slack }: { crewed: boolean; staged: boolean; slack: number },
  ): boolean {
    if (crewed) return this.#losesWellClear(level, { staged, slack });
    const { warn, alert, stagedWarnM, stagedAlertM } = this.#settings;
    const volume = level === 1 ? warn : alert;
    const cylinder = this.#cylinder;
    const stagedM = level === 1 ? stagedWarnM : stagedAlertM;
    cylinder.radiusM = (staged ? stagedM : volume.radiusM) * slack + this.#widerM;
    cylinder.halfHeightM = volume.halfHeightM * slack + this.#higherM;
    cylinder.lookAheadS = volume.lookAheadS * slack;
    detectCylinder(this.#relative, cylinder, this.#result);
    return staged ? this.#result.violationNow : this.#result.conflict;
  }

  #losesWellClear(level: 1 | 2, { staged, slack }: { staged: boolean; slack: number }): boolean {
    const { crewedWarn, crewedAlert } = this.#settings;
    const volume = level === 1 ? crewedWarn : crewedAlert;
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
