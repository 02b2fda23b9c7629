// How close two drones come if both fly straight on: for the map. What is warned of, the aggregator decides.
import { offsetM, placeAt } from "./camera.js";

/** Farther ahead nobody flies straight on. */
const HORIZON_S = 60;

/**
 * Their distance now in metres, and the closest approach that is still to come: when, how far apart, and where each is
 * then, as [latDeg, lonDeg]. A ghost, or a drone without velocity, stays where it was heard of.
 */
export function encounterOf(a, b) {
  const { east, north } = offsetM(a, b.latDeg, b.lonDeg);
  const [va, vb] = [velocityOf(a), velocityOf(b)];
  const [ve, vn] = [vb.east - va.east, vb.north - va.north];
  const speed2 = ve * ve + vn * vn;
  const wanted = speed2 > 0.01 ? -(east * ve + north * vn) / speed2 : 0;
  const inS = wanted > 0 && wanted <= HORIZON_S ? wanted : 0;
  const ahead = (drone, { east, north }) => placeAt(drone, { east: east * inS, north: north * inS });
  return {
    distanceM: Math.hypot(east, north),
    inS,
    closestM: Math.hypot(east + ve * inS, north + vn * inS),
    at: [ahead(a, va), ahead(b, vb)],
  };
}

function velocityOf({ vnMps, veMps, ghostM }) {
  if (ghostM !== null || vnMps === null || veMps === null) return { east: 0, north: 0 };
  return { east: veMps, north: vnMps };
}
