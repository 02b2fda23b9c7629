// Where each drone in the air was last believed to be: a row of numbers for each track.
import { type SurfacePoint, surfacePoint } from "./earth.ts";

/** What is known of a track. */
export const TrackFlag = { velocity: 1, altitude: 2, crewed: 4, ghost: 8, accuracy: 16, traffic: 32 } as const;

/** North, east and up; all NaN where not measured. */
export interface Velocity {
  vnMps: number;
  veMps: number;
  climbMps: number;
}

/** One position that is believed. */
export interface Fix extends Velocity {
  latDeg: number;
  lonDeg: number;
  /** Above mean sea level, + up; NaN where unknown. */
  altM: number;
  /** One sigma; NaN where the drone does not say. */
  hAccM: number;
  vAccM: number;
  /** Unix µs by the aggregator's clock. */
  timeUs: number;
  /** How long the drone may be silent from then on before it is a ghost, µs: see Reporting. */
  silenceUs: number;
}

/**
 * Words of a row; a row is four lines of the processor's cache, and what is read of each pair that is assessed stands in the
 * first three. Columns instead would cost each pair a line for each number, half of the time with 10,000 drones.
 */
export const Word = {
  /** Of the surface point at the time of the fix, earth-centred, in metres. */
  x: 0,
  y: 1,
  z: 2,
  /** Metres above mean sea level; NaN: unknown. */
  alt: 3,
  /** The track's share of how far apart a pair can be, sideways and in height, and still be in conflict: metres. */
  reach: 4,
  heightReach: 5,
  /** Horizontal velocity, earth-centred, m/s; 0 where unknown, like speed and climb. */
  vx: 6,
  vy: 7,
  vz: 8,
  speed: 9,
  climb: 10,
  /** Unix µs. */
  fixUs: 11,
  /** Bits of TrackFlag. */
  flags: 12,
  /** One sigma, metres. */
  hAcc: 13,
  vAcc: 14,
  /** What is up at the fix, earth-centred. */
  upX: 15,
  upY: 16,
  upZ: 17,
  /** How long it may be silent after the fix, µs. */
  silenceUs: 18,
  latDeg: 19,
  lonDeg: 20,
  /** The formation it was declared to be of, and the crowd that it is in: numbers from 1; 0: none. */
  formation: 21,
  crowd: 22,
  /** Searches made for it: whose turn it is in a crowd. */
  turn: 23,
  /** What it was told to fly at on average, over a longer and a shorter time: north, east and climb of each. See steady.ts. */
  mean: 24,
  soon: 27,
  /** When it was told last, Unix µs: unlike `fixUs` not moved on by who only says that nothing has changed. */
  toldUs: 30,
} as const;

export const ROW_WORDS = 32;

/** Rows of all tracks, one after another. */
export type TrackRows = Float64Array<ArrayBuffer>;

/** The same rows, with room for more or fewer tracks. */
export function resized(rows: TrackRows, count: number): TrackRows {
  const copy = new Float64Array(count * ROW_WORDS);
  copy.set(rows.subarray(0, copy.length));
  return copy;
}

/**
 * Writes a fix to a track's row, and what is known of the track by it: that it flies at `velocity`, whatever the fix says of
 * that, and unknown accuracies become those given. `point` is room for the computation.
 */
export function writeFix(
  rows: TrackRows,
  track: number,
  { fix, velocity, accuracy, point }: {
    fix: Fix;
    velocity: Velocity;
    accuracy: { hAccM: number; vAccM: number };
    point: SurfacePoint;
  },
): void {
  const { latDeg, lonDeg, altM, hAccM, vAccM } = fix;
  const { vnMps, veMps, climbMps } = velocity;
  const row = track * ROW_WORDS;
  surfacePoint(latDeg, lonDeg, point);
  rows[row + Word.x] = point.xM;
  rows[row + Word.y] = point.yM;
  rows[row + Word.z] = point.zM;
  rows[row + Word.alt] = altM;
  const moves = !Number.isNaN(vnMps);
  rows[row + Word.vx] = moves ? vnMps * point.northX + veMps * point.eastX : 0;
  rows[row + Word.vy] = moves ? vnMps * point.northY + veMps * point.eastY : 0;
  rows[row + Word.vz] = moves ? vnMps * point.northZ : 0;
  rows[row + Word.speed] = moves ? Math.sqrt(vnMps * vnMps + veMps * veMps) : 0;
  rows[row + Word.climb] = moves ? climbMps : 0;
  rows[row + Word.fixUs] = fix.timeUs;
  rows[row + Word.flags] = (moves ? TrackFlag.velocity : 0) |
    (Number.isNaN(altM) ? 0 : TrackFlag.altitude) |
    (Number.isNaN(hAccM) ? 0 : TrackFlag.accuracy);
  rows[row + Word.hAcc] = Number.isNaN(hAccM) ? accuracy.hAccM : hAccM;
  rows[row + Word.vAcc] = Number.isNaN(vAccM) ? accuracy.vAccM : vAccM;
  rows[row + Word.upX] = point.upX;
  rows[row + Word.upY] = point.upY;
  rows[row + Word.upZ] = point.upZ;
  rows[row + Word.silenceUs] = fix.silenceUs;
  rows[row + Word.latDeg] = latDeg;
  rows[row + Word.lonDeg] = lonDeg;
}
