// Loss of well clear: like the protected cylinder, but who closes in fast violates earlier, by modified tau sideways
// and by time to co-altitude in height. The well-clear volume of manned aviation, for drones that share its airspace.
import {
  closestApproach,
  type CylinderResult,
  cylinderResult,
  noConflict,
  type Relative,
  STILL_MPS,
} from "./cylinder.ts";

/** The thresholds of RTCA DO-365 under its names, and the look-ahead. */
export interface WellClearVolume {
  dthrM: number;
  /** Infinity when the vertical separation is unknown: always inside vertically, `sz` and `vz` are not read. */
  zthrM: number;
  /** Of modified tau. */
  tthrS: number;
  /** Of the time to co-altitude. */
  tcoaS: number;
  /** Above 0; Infinity looks ahead for ever. */
  lookAheadS: number;
}

export interface WellClearResult extends CylinderResult {
  /** Modified tau: how long until DTHR is reached, roughly. NaN while diverging, or inside DTHR already. */
  taumodS: number;
  /** Until the heights are the same, negative if that is past; NaN without relative vertical movement. */
  timeCoaltS: number;
}

/** @returns an empty result, to be filled again and again */
export function wellClearResult(): WellClearResult {
  return { ...cylinderResult(), taumodS: NaN, timeCoaltS: NaN };
}

/**
 * Loss of well clear, WCV_TAUMOD (RTCA DO-365; Muñoz et al., "A Family of Well-Clear Boundary Models for the
 * Integration of UAS in the NAS", AIAA 2014-2412; DAIDALUS WCV_TAUMOD, WCV_TCOA). A violation is
 * (|s| ≤ DTHR or (d_cpa ≤ DTHR and 0 ≤ τ_mod ≤ TTHR)) and (|s_z| ≤ ZTHR or 0 ≤ t_coalt ≤ TCOA), with
 * τ_mod = (DTHR² − |s|²) / s·v while s·v < 0, and t_coalt = −s_z / v_z. The volume is closed: its surface counts.
 *
 * Vertically it is entered at max(ZTHR, TCOA·|v_z|) and left at ZTHR. Horizontally, with u = t_cpa − t before the
 * closest approach and k = (DTHR² − d_cpa²) / v·v, τ_mod = u − k/u falls with time: it is TTHR at
 * u = (TTHR + √(TTHR² + 4k)) / 2, and DTHR is left at t_cpa + √k. These are the roots of the quadratic in
 * WCV_TAUMOD.horizontal_WCV_interval, told from the closest approach: they hold on the whole axis of time, so they
 * intersect with the vertical interval without its shift of the state to the vertical entry.
 *
 * @returns `result`, filled
 */
export function detectWellClear(relative: Relative, volume: WellClearVolume, result: WellClearResult): WellClearResult {
  const { sx, sy, sz, vx, vy, vz } = relative;
  const { dthrM, zthrM, tthrS, tcoaS, lookAheadS } = volume;
  const v2 = closestApproach(relative, lookAheadS, result);
  const { tcpaS, dcpaM } = result;
  const outside2 = sx * sx + sy * sy - dthrM * dthrM;
  const sv = sx * vx + sy * vy;
  const taumodS = v2 > 0 && sv < 0 && outside2 >= 0 ? -outside2 / sv : NaN;
  const heightMoves = Math.abs(vz) >= STILL_MPS;
  const timeCoaltS = heightMoves ? -sz / vz : NaN;
  result.taumodS = taumodS;
  result.timeCoaltS = timeCoaltS;
  const passesNear = dcpaM <= dthrM;
  if (!passesNear && !(outside2 <= 0)) return noConflict(result);

  const heightKnown = zthrM !== Infinity;
  const levelNow = !heightKnown || Math.abs(sz) <= zthrM;
  const violationNow = (levelNow || (timeCoaltS >= 0 && timeCoaltS <= tcoaS)) &&
    (outside2 <= 0 || (passesNear && taumodS <= tthrS));
  const k = v2 > 0 ? Math.max(0, (dthrM - dcpaM) * (dthrM + dcpaM)) / v2 : Infinity;
  let inS = Math.max(0, tcpaS - (tthrS + Math.sqrt(tthrS * tthrS + 4 * k)) / 2);
  let outS = Math.min(lookAheadS, tcpaS + Math.sqrt(k));
  if (heightKnown && heightMoves) {
    const entryM = Math.max(zthrM, tcoaS * Math.abs(vz));
    inS = Math.max(inS, ((vz > 0 ? -entryM : entryM) - sz) / vz);
    outS = Math.min(outS, ((vz > 0 ? zthrM : -zthrM) - sz) / vz);
  } else if (!levelNow) return noConflict(result);

  // On the surface rounding may have it that the drones, inside now, have just left.
  if (violationNow) {
    inS = 0;
    outS = Math.max(0, outS);
  } else if (!(inS <= outS)) return noConflict(result);
  result.violationNow = violationNow;
  result.conflict = true;
  result.inS = inS;
  result.outS = outS;
  return result;
}
