// Where each drone in the air was last believed to be, in columns of numbers: a search reads a few numbers of many tracks.
import { type SurfacePoint, surfacePoint } from "./earth.ts";

/** What is known of a track. */
export const TrackFlag = { velocity: 1, altitude: 2, crewed: 4, ghost: 8, accuracy: 16 } as const;

/** One position that is believed. */
export interface Fix {
  latDeg: number;
  lonDeg: number;
  /** Above mean sea level, + up; NaN where unknown. */
  altM: number;
  /** North, east and up; all NaN where not measured. */
  vnMps: number;
  veMps: number;
  climbMps: number;
  /** One sigma; NaN where the drone does not say. */
  hAccM: number;
  vAccM: number;
  /** Unix µs by the aggregator's clock. */
  timeUs: number;
}

/** The columns, each of one number for each slot. */
export interface TrackColumns {
  latDeg: Float64Array<ArrayBuffer>;
  lonDeg: Float64Array<ArrayBuffer>;
  /** Earth-centred, of the surface point at the time of the fix. */
  xM: Float64Array<ArrayBuffer>;
  yM: Float64Array<ArrayBuffer>;
  zM: Float64Array<ArrayBuffer>;
  upX: Float64Array<ArrayBuffer>;
  upY: Float64Array<ArrayBuffer>;
  upZ: Float64Array<ArrayBuffer>;
  /** Horizontal velocity in the same coordinates; 0 where unknown. */
  vxMps: Float64Array<ArrayBuffer>;
  vyMps: Float64Array<ArrayBuffer>;
  vzMps: Float64Array<ArrayBuffer>;
  speedMps: Float64Array<ArrayBuffer>;
  altM: Float64Array<ArrayBuffer>;
  climbMps: Float64Array<ArrayBuffer>;
  hAccM: Float64Array<ArrayBuffer>;
  vAccM: Float64Array<ArrayBuffer>;
  fixUs: Float64Array<ArrayBuffer>;
  /** This track's share of how far apart a pair can be, sideways and in height, and still be in conflict. */
  reachM: Float64Array<ArrayBuffer>;
  heightReachM: Float64Array<ArrayBuffer>;
  /** Bits of TrackFlag. */
  flags: Float64Array<ArrayBuffer>;
  /** Searches made for it, and of how many the last one would have had to test: whose turn it is in a crowd. */
  turn: Float64Array<ArrayBuffer>;
  crowd: Float64Array<ArrayBuffer>;
}

const COLUMN_NAMES = [
  ...["latDeg", "lonDeg", "xM", "yM", "zM", "upX", "upY", "upZ", "vxMps", "vyMps", "vzMps", "speedMps", "altM"],
  ...["climbMps", "hAccM", "vAccM", "fixUs", "reachM", "heightReachM", "flags", "turn", "crowd"],
] as (keyof TrackColumns)[];

/** Columns for so many slots, all 0. */
export function trackColumns(capacity: number): TrackColumns {
  return Object.fromEntries(COLUMN_NAMES.map((name) => [name, new Float64Array(capacity)])) as unknown as TrackColumns;
}

/** The same tracks, with room for more or fewer. */
export function resized(columns: TrackColumns, capacity: number): TrackColumns {
  const copy = trackColumns(capacity);
  for (const name of COLUMN_NAMES) copy[name].set(columns[name].subarray(0, capacity));
  return copy;
}

/**
 * Writes a fix to a slot, and what is known of the track by it; unknown accuracies become those given. `point` is room
 * for the computation.
 */
export function writeFix(
  columns: TrackColumns,
  slot: number,
  { fix, accuracy, point }: { fix: Fix; accuracy: { hAccM: number; vAccM: number }; point: SurfacePoint },
): void {
  const { latDeg, lonDeg, altM, vnMps, veMps, climbMps, hAccM, vAccM } = fix;
  surfacePoint(latDeg, lonDeg, point);
  columns.latDeg[slot] = latDeg;
  columns.lonDeg[slot] = lonDeg;
  columns.xM[slot] = point.xM;
  columns.yM[slot] = point.yM;
  columns.zM[slot] = point.zM;
  columns.upX[slot] = point.upX;
  columns.upY[slot] = point.upY;
  columns.upZ[slot] = point.upZ;
  const moves = !Number.isNaN(vnMps);
  columns.vxMps[slot] = moves ? vnMps * point.northX + veMps * point.eastX : 0;
  columns.vyMps[slot] = moves ? vnMps * point.northY + veMps * point.eastY : 0;
  columns.vzMps[slot] = moves ? vnMps * point.northZ : 0;
  columns.speedMps[slot] = moves ? Math.sqrt(vnMps * vnMps + veMps * veMps) : 0;
  columns.altM[slot] = altM;
  columns.climbMps[slot] = moves ? climbMps : 0;
  columns.hAccM[slot] = Number.isNaN(hAccM) ? accuracy.hAccM : hAccM;
  columns.vAccM[slot] = Number.isNaN(vAccM) ? accuracy.vAccM : vAccM;
  columns.fixUs[slot] = fix.timeUs;
  columns.flags[slot] = (moves ? TrackFlag.velocity : 0) |
    (Number.isNaN(altM) ? 0 : TrackFlag.altitude) |
    (Number.isNaN(hAccM) ? 0 : TrackFlag.accuracy);
}
