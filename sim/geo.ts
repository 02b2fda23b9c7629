// Local metres around an origin, and from there to WGS84: flat over the kilometres that one drone, or one pair, flies.

export interface Origin {
  latDeg: number;
  lonDeg: number;
  altMslM: number;
}

/** East, north and up in metres; as a velocity, in metres a second. */
export interface Point {
  eastM: number;
  northM: number;
  upM: number;
}

/** Metres per degree of latitude on a sphere of the mean Earth radius, 6,371,008.8 m (IUGG). */
export const M_PER_DEG = 6_371_008.8 * Math.PI / 180;

export function toLatE7(point: Point, origin: Origin): number {
  return Math.round((origin.latDeg + point.northM / M_PER_DEG) * 1e7);
}

export function toLonE7(point: Point, origin: Origin): number {
  const scale = M_PER_DEG * Math.cos(origin.latDeg * Math.PI / 180);
  return Math.round((origin.lonDeg + point.eastM / scale) * 1e7);
}

/** Level, `length` along a course that is clockwise from true north. */
export function toward(courseRad: number, length: number): Point {
  return { eastM: length * Math.sin(courseRad), northM: length * Math.cos(courseRad), upM: 0 };
}

/** Their sum. */
export function plus(a: Point, b: Point): Point {
  return { eastM: a.eastM + b.eastM, northM: a.northM + b.northM, upM: a.upM + b.upM };
}

/** From `b` to `a`. */
export function minus(a: Point, b: Point): Point {
  return { eastM: a.eastM - b.eastM, northM: a.northM - b.northM, upM: a.upM - b.upM };
}

/** `factor` times as far in the same direction; a velocity, over so many seconds. */
export function times({ eastM, northM, upM }: Point, factor: number): Point {
  return { eastM: eastM * factor, northM: northM * factor, upM: upM * factor };
}

/** Length of a point's level part. */
export function horizontalM({ eastM, northM }: Point): number {
  return Math.hypot(eastM, northM);
}

/** Scalar product of the level parts: positive while a velocity leads farther along a position. */
export function horizontalDot(a: Point, b: Point): number {
  return a.eastM * b.eastM + a.northM * b.northM;
}

/** Radians clockwise from true north, 0 up to 2π. */
export function courseOf({ eastM, northM }: Point): number {
  return (Math.atan2(eastM, northM) + 2 * Math.PI) % (2 * Math.PI);
}
