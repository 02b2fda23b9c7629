// Great-circle distance on the mean sphere.

/** Mean Earth radius R1 of the IUGG, in metres. */
const EARTH_RADIUS_M: f64 = 6371008.8;
const RAD_PER_E7: f64 = Math.PI / 1800000000;

/** cos of an angle in degrees scaled by 1e7. */
export function cosE7(angleE7: i32): f64 {
  return Math.cos(<f64> angleE7 * RAD_PER_E7);
}

/**
 * Metres between two points. R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984) 159: exact for small
 * distances, where the law of cosines is not.
 */
export function haversine(dLatE7: i64, dLonE7: i64, cosLatA: f64, cosLatB: f64): f64 {
  const sinLat = Math.sin(<f64> dLatE7 * RAD_PER_E7 / 2);
  const sinLon = Math.sin(<f64> dLonE7 * RAD_PER_E7 / 2);
  const h = sinLat * sinLat + cosLatA * cosLatB * sinLon * sinLon;
  const root = Math.sqrt(h);
  return 2 * EARTH_RADIUS_M * Math.asin(root < 1 ? root : 1);
}
