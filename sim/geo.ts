// Local metres around an origin → WGS84, flat over the few kilometres of a simulated fleet.

export interface Origin {
  latDeg: number;
  lonDeg: number;
  altMslM: number;
}

/** East, north and up in metres. */
export interface Point {
  eastM: number;
  northM: number;
  upM: number;
}

/** Metres per degree of latitude on a sphere of the mean Earth radius, 6,371,008.8 m (IUGG). */
const M_PER_DEG = 6_371_008.8 * Math.PI / 180;

export function toLatE7(point: Point, origin: Origin): number {
  return Math.round((origin.latDeg + point.northM / M_PER_DEG) * 1e7);
}

export function toLonE7(point: Point, origin: Origin): number {
  const scale = M_PER_DEG * Math.cos(origin.latDeg * Math.PI / 180);
  return Math.round((origin.lonDeg + point.eastM / scale) * 1e7);
}
