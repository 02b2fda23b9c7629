// Conflict by the protected cylinder: two drones that keep their velocities come nearer than D sideways and H in height
// at the same time, within the look-ahead. Closed form over primitives, into the caller's result: this is the hot loop.

/** Own minus intruder, in a local east-north-up frame: metres and metres a second. */
export interface Relative {
  sx: number;
  sy: number;
  sz: number;
  vx: number;
  vy: number;
  vz: number;
}

/** The protected cylinder: D, H and T. */
export interface Volume {
  radiusM: number;
  /** Infinity when the vertical separation is unknown: always inside vertically, `sz` and `vz` are not read. */
  halfHeightM: number;
  /** Above 0; Infinity looks ahead for ever. */
  lookAheadS: number;
}

export interface CylinderResult {
  /** At t = 0. A violation is a conflict with `inS` 0. */
  violationNow: boolean;
  /** At some moment within the look-ahead. */
  conflict: boolean;
  /** First and last moment of it, within [0, look-ahead]; NaN without a conflict. */
  inS: number;
  outS: number;
  /** Closest horizontal approach: negative if past, may be beyond the look-ahead, 0 without relative movement. */
  tcpaS: number;
  /** Horizontal distance then. */
  dcpaM: number;
  /** Horizontal miss distance: the smallest distance within the look-ahead. */
  hmdM: number;
}

/**
 * Relative speeds below this, horizontal or vertical, count as none: 0.2 mm over the longest look-ahead, and no
 * division by next to nothing. Any drone's velocity is coarser (1 cm/s on the wire); statebased.py has a limit as well.
 */
export const STILL_MPS = 1e-6;

/** @returns an empty result, to be filled again and again. NaN, not 0, has V8 keep the numbers as doubles in place. */
export function cylinderResult(): CylinderResult {
  return { violationNow: false, conflict: false, inS: NaN, outS: NaN, tcpaS: NaN, dcpaM: NaN, hmdM: NaN };
}

/**
 * Fills `tcpaS`, `dcpaM` and `hmdM`. With horizontal s and v: t_cpa = −s·v / v·v (BlueSky statebased.py; DAIDALUS
 * Horizontal.tcpa), d_cpa = |s × v| / |v|.
 *
 * @returns v·v in m²/s²; 0 without relative movement
 */
export function closestApproach(relative: Relative, lookAheadS: number, result: CylinderResult): number {
  const { sx, sy, vx, vy } = relative;
  const v2 = vx * vx + vy * vy;
  if (v2 < STILL_MPS * STILL_MPS) {
    result.tcpaS = 0;
    result.dcpaM = result.hmdM = Math.sqrt(sx * sx + sy * sy);
    return 0;
  }
  const tcpaS = -(sx * vx + sy * vy) / v2;
  const dcpaM = Math.abs(sx * vy - sy * vx) / Math.sqrt(v2);
  result.tcpaS = tcpaS;
  result.dcpaM = dcpaM;
  if (tcpaS < 0) result.hmdM = Math.sqrt(sx * sx + sy * sy);
  else if (tcpaS > lookAheadS) {
    const endX = sx + lookAheadS * vx;
    const endY = sy + lookAheadS * vy;
    result.hmdM = Math.sqrt(endX * endX + endY * endY);
  } else result.hmdM = dcpaM;
  return v2;
}

/** Says in `result` that there is no conflict. */
export function noConflict<R extends CylinderResult>(result: R): R {
  result.violationNow = result.conflict = false;
  result.inS = result.outS = NaN;
  return result;
}

/**
 * Conflict with the protected cylinder: inside the circle at t_cpa ∓ √(D² − d_cpa²) / |v|, inside the band between
 * (∓sign(v_z)·H − s_z) / v_z; the two and [0, T] intersect (BlueSky statebased.py; DAIDALUS CD3D.detection). The
 * cylinder is open, as in both: touching its surface is no conflict.
 *
 * @returns `result`, filled
 */
export function detectCylinder(relative: Relative, volume: Volume, result: CylinderResult): CylinderResult {
  const { sx, sy, sz, vz } = relative;
  const { radiusM, halfHeightM, lookAheadS } = volume;
  const v2 = closestApproach(relative, lookAheadS, result);
  const { tcpaS, dcpaM } = result;
  const heightKnown = halfHeightM !== Infinity;
  const violationNow = sx * sx + sy * sy < radiusM * radiusM && (!heightKnown || Math.abs(sz) < halfHeightM);
  if (!violationNow && !(dcpaM < radiusM)) return noConflict(result);

  // Half the time in the circle.
  const halfS = v2 > 0 ? Math.sqrt(Math.max(0, (radiusM - dcpaM) * (radiusM + dcpaM)) / v2) : Infinity;
  let inS = Math.max(0, tcpaS - halfS);
  let outS = Math.min(lookAheadS, tcpaS + halfS);
  if (heightKnown && Math.abs(vz) >= STILL_MPS) {
    const farM = vz > 0 ? halfHeightM : -halfHeightM;
    inS = Math.max(inS, (-farM - sz) / vz);
    outS = Math.min(outS, (farM - sz) / vz);
  } else if (heightKnown && !(Math.abs(sz) < halfHeightM)) return noConflict(result);

  // On the surface rounding may have it that the drones, inside now, have just left.
  if (violationNow) {
    inS = 0;
    outS = Math.max(0, outS);
  } else if (!(inS < outS)) return noConflict(result);
  result.violationNow = violationNow;
  result.conflict = true;
  result.inS = inS;
  result.outS = outS;
  return result;
}
