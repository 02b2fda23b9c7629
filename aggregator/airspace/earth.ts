// Places on the earth as points in space, so that neither poles nor the antimeridian need a special case: WGS84
// earth-centred coordinates of the surface point, and the direction that is up there.

const EQUATOR_M = 6_378_137;
const FLATTENING = 1 / 298.257223563;
const ECCENTRICITY_2 = FLATTENING * (2 - FLATTENING);
const RAD = Math.PI / 180;

/** A point of the ellipsoid (metres) and its geodetic normal, as plain fields to be overwritten. */
export interface SurfacePoint {
  xM: number;
  yM: number;
  zM: number;
  upX: number;
  upY: number;
  upZ: number;
  /** Axes of the local frame: east and north, in the same coordinates; east has no z. */
  eastX: number;
  eastY: number;
  northX: number;
  northY: number;
  northZ: number;
}

/** A point to be filled by `surfacePoint`. */
export function emptyPoint(): SurfacePoint {
  return { xM: 0, yM: 0, zM: 0, upX: 0, upY: 0, upZ: 0, eastX: 0, eastY: 0, northX: 0, northY: 0, northZ: 0 };
}

/**
 * The surface point at a latitude and longitude in degrees (NIMA TR8350.2, 4-14, at height 0). Heights are left out: at
 * an altitude h distances come out short by h / 6.4e6, 0.05 % at 3 km, which errs to the safe side.
 */
export function surfacePoint(latDeg: number, lonDeg: number, point: SurfacePoint): void {
  const sinLat = Math.sin(latDeg * RAD);
  const cosLat = Math.cos(latDeg * RAD);
  const sinLon = Math.sin(lonDeg * RAD);
  const cosLon = Math.cos(lonDeg * RAD);
  const normalM = EQUATOR_M / Math.sqrt(1 - ECCENTRICITY_2 * sinLat * sinLat);
  point.upX = cosLat * cosLon;
  point.upY = cosLat * sinLon;
  point.upZ = sinLat;
  point.xM = normalM * point.upX;
  point.yM = normalM * point.upY;
  point.zM = normalM * (1 - ECCENTRICITY_2) * sinLat;
  point.eastX = -sinLon;
  point.eastY = cosLon;
  point.northX = -sinLat * cosLon;
  point.northY = -sinLat * sinLon;
  point.northZ = cosLat;
}

/** Metres along the ground between places in degrees that are near each other: flat, exact enough to a few kilometres. */
export function groundM(
  a: { latDeg: number; lonDeg: number },
  b: { latDeg: number; lonDeg: number },
): number {
  const northDeg = a.latDeg - b.latDeg;
  const aroundDeg = Math.abs(a.lonDeg - b.lonDeg);
  const eastDeg = Math.min(aroundDeg, 360 - aroundDeg) * Math.cos((a.latDeg + b.latDeg) / 2 * RAD);
  return EQUATOR_M * RAD * Math.sqrt(northDeg * northDeg + eastDeg * eastDeg);
}
