// Where the probes fly: toward each other about Point Nemo, farther from land than any other place, so slowly that they are still
// apart when they land, and that they may begin there again. Each pair has a place of its own: doctors are not in each other's way.
import { RecordFlag } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { Measurement } from "../../clients/typescript/src/measurement.ts";

const LAT_E7 = -488_766_670;
const LON_E7 = -1_233_933_330;
const ALT_MM = 1_000_000;
/** Between both, at the beginning; they would meet ten seconds later. */
const APART_M = 60;
const SPEED_MPS = 3;
/** Of the equator: a degree is 111,320 m. */
const E7_PER_M = 1e7 / 111_320;
/** Places are so far apart that nobody is warned of the next, so many in a row from west to east, in as many rows. */
const PLACE_M = 500;
const ROW = 256;

interface Moment {
  /** The first of the two. */
  of: string;
  flownS: number;
  isLanded: boolean;
}

/** What one of the two measures; after the landing it stands still where it is, motors off. */
export function measured(probe: 0 | 1, { of, flownS, isLanded }: Moment): Measurement {
  const toEast = probe === 0 ? 1 : -1;
  const place = placeOf(of);
  const northM = (Math.floor(place / ROW) - ROW / 2) * PLACE_M;
  const eastM = (place % ROW - ROW / 2) * PLACE_M + toEast * (SPEED_MPS * flownS - APART_M / 2);
  const latE7 = LAT_E7 + Math.round(northM * E7_PER_M);
  const lonE7 = LON_E7 + Math.round(eastM * E7_PER_M / Math.cos(latE7 / 1e7 * Math.PI / 180));
  const accuracy = { hAccMm: 500, vAccMm: 800, fixType: 3, satellites: 12 };
  const veCms = isLanded ? 0 : toEast * SPEED_MPS * 100;
  return {
    position: { latE7, lonE7, altMslMm: ALT_MM, vnCms: 0, veCms, vdCms: 0, ...accuracy },
    flags: isLanded ? 0 : RecordFlag.ARMED | RecordFlag.IN_AIR,
  };
}

/** Always the same of one id. */
function placeOf(droneId: string): number {
  let hash = 0;
  for (const char of droneId) hash = (Math.imul(hash, 31) + char.codePointAt(0)!) >>> 0;
  return hash % (ROW * ROW);
}
