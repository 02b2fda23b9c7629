// One aircraft that is nobody's here, as it was heard last: what its report says, as far as that can be.
import { AltitudeDatum, type TrafficReport } from "../../../proto/gen/slipstream/v1/traffic_pb.ts";
import type { Fix } from "../../airspace/track_rows.ts";
import type { TrafficView } from "../../views.ts";

/** What is unknown is null. */
export interface Sighting {
  id: string;
  name: string;
  crewed: boolean;
  latE7: number;
  lonE7: number;
  altMm: number | null;
  altDatum: TrafficView["altDatum"];
  /** All three, or none. */
  motion: { trackCdeg: number; speedCms: number; climbCms: number } | null;
  airborne: boolean;
  /** Unix µs by the aggregator's clock. */
  fixUs: number;
  edgeId: string;
}

const ID = /^(?:adsb|rid):[0-9a-f]{1,40}$/;
const NAME_LETTERS_MAX = 20;
const ALT_MM = { min: -1_000_000, max: 100_000_000 } as const;
const FULL_TURN_CDEG = 36_000;
/** Nothing that flies here is faster, nor climbs so. */
const SPEED_CMS_MAX = 70_000;
const CLIMB_CMS_MAX = 15_000;

const DATUMS: Partial<Record<AltitudeDatum, TrafficView["altDatum"]>> = {
  [AltitudeDatum.MEAN_SEA_LEVEL]: "sea",
  [AltitudeDatum.ELLIPSOID]: "ellipsoid",
  [AltitudeDatum.PRESSURE]: "pressure",
};

/**
 * One sigma in height, m, of what an altitude may be off from one above the sea. By pressure: the sea's is some 10 hPa off the
 * standard's, 8.3 m each. The ellipsoid: the geoid's undulation (EGM96: 30.6 m RMS).
 */
const DATUM_ACC_M = { sea: 23, ellipsoid: 31, pressure: 85 } as const;
/**
 * One sigma sideways, m. ADS-B: 14 CFR 91.227, 92.6 m at 95 %. Remote ID: 14 CFR 89.310, 100 ft at 95 %; its altitude
 * above is of 150 ft at 95 %.
 */
const ADSB_ACC_M = 38;
const REMOTE_ID_ACC_M = 12.5;

/** Null: there can be no such report. */
export function sightingOf(
  report: TrafficReport,
  { edgeId, nowUs }: { edgeId: string; nowUs: number },
): Sighting | null {
  const { id, crewed, latE7, lonE7, airborne = true } = report;
  if (!ID.test(id) || Math.abs(latE7) > 900_000_000 || Math.abs(lonE7) > 1_800_000_000) return null;
  const altDatum = DATUMS[report.altDatum] ?? null;
  const { altMm = NaN } = report;
  const knowsAlt = altDatum !== null && altMm >= ALT_MM.min && altMm <= ALT_MM.max;
  return {
    ...{ id, crewed, latE7, lonE7, airborne, edgeId },
    name: report.name.slice(0, NAME_LETTERS_MAX).replace(/[^\x20-\x7e]/g, "?"),
    altMm: knowsAlt ? altMm : null,
    altDatum: knowsAlt ? altDatum : null,
    motion: motionOf(report),
    fixUs: nowUs - report.ageMs * 1000,
  };
}

function motionOf({ trackCdeg, speedCms, climbCms = 0 }: TrafficReport): Sighting["motion"] {
  if (trackCdeg === undefined || speedCms === undefined) return null;
  const isPossible = trackCdeg < FULL_TURN_CDEG && speedCms <= SPEED_CMS_MAX && Math.abs(climbCms) <= CLIMB_CMS_MAX;
  return isPossible ? { trackCdeg, speedCms, climbCms } : null;
}

/** As the airspace takes it; `silenceUs`: how long it is thought to fly on. */
export function fixOf({ id, latE7, lonE7, altMm, altDatum, motion, fixUs }: Sighting, silenceUs: number): Fix {
  const [speedMps, track] = [(motion?.speedCms ?? NaN) / 100, (motion?.trackCdeg ?? 0) / 18_000 * Math.PI];
  return {
    ...{ latDeg: latE7 / 1e7, lonDeg: lonE7 / 1e7, altM: (altMm ?? NaN) / 1000 },
    ...{ vnMps: speedMps * Math.cos(track), veMps: speedMps * Math.sin(track) },
    climbMps: (motion?.climbCms ?? NaN) / 100,
    hAccM: id.startsWith("adsb:") ? ADSB_ACC_M : REMOTE_ID_ACC_M,
    vAccM: DATUM_ACC_M[altDatum ?? "sea"],
    ...{ timeUs: fixUs, silenceUs },
  };
}

export function trafficView({ latE7, lonE7, altMm, altDatum, motion, ...known }: Sighting): TrafficView {
  const { id, name, crewed, airborne, edgeId, fixUs } = known;
  return {
    ...{ id, name, crewed, airborne, edgeId, lastHeardUs: fixUs },
    ...{ latDeg: latE7 / 1e7, lonDeg: lonE7 / 1e7 },
    altM: altMm === null ? null : altMm / 1000,
    altDatum,
    trackDeg: motion ? motion.trackCdeg / 100 : null,
    speedMps: motion ? motion.speedCms / 100 : null,
    climbMps: motion ? motion.climbCms / 100 : null,
  };
}
