// The plain way to predict conflicts: both drones go straight on, and every tenth of a second is looked at.
import { RecordFlag } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { Fleet } from "../../sim/fleet.ts";
import { M_PER_DEG } from "../../sim/geo.ts";
import { sentRecords } from "../e2e/window_reference.ts";

/** A position as it was measured. */
export interface Fix {
  timeUs: number;
  inAir: boolean;
  latDeg: number;
  lonDeg: number;
  upM: number;
  eastMps: number;
  northMps: number;
  upMps: number;
  /** One sigma. */
  hAccM: number;
  vAccM: number;
}

/** 50 m × 15 m: "bare", as much larger as what is not known of both drones: "warned", and a fifth more: "inflated". */
export type Volume = "bare" | "warned" | "inflated";

const LOOK_AHEAD_S = 30;
const STEP_S = 0.1;
const SAMPLE_US = 200_000;
const RADIUS_M = 50;
const HALF_HEIGHT_M = 15;
const SIGMAS = 2;
const HYSTERESIS = 1.2;
/** After so much silence a drone is not taken to have gone straight on, only to be within its speed times the silence. */
const GHOST_AFTER_S = 3;

/** The fixes that an edge forwards of each drone, in order of time; near-duplicates and glitches are left out. */
export function forwardedFixes(fleet: Fleet, toUs: number): Map<string, Fix[]> {
  const sent = sentRecords(fleet.advance(toUs));
  const glitches = new Set(fleet.truth().glitches.map(({ droneId, atUs }) => `${droneId} ${Math.floor(atUs)}`));
  const fixes = new Map<string, Fix[]>();
  for (const { droneId, record: { body, flags }, eventTimeUs, fate } of sent) {
    if (body.case !== "position" || fate === "near-duplicate" || glitches.has(`${droneId} ${eventTimeUs}`)) continue;
    const { latE7, lonE7, altMslMm = NaN, vnCms, veCms, vdCms, hAccMm = NaN, vAccMm = NaN } = body.value;
    const list = fixes.get(droneId) ?? [];
    fixes.set(droneId, list);
    list.push({
      timeUs: eventTimeUs,
      inAir: (flags & RecordFlag.IN_AIR) !== 0,
      latDeg: latE7 / 1e7,
      lonDeg: lonE7 / 1e7,
      upM: altMslMm / 1000,
      eastMps: veCms / 100,
      northMps: vnCms / 100,
      upMps: -vdCms / 100,
      hAccM: hAccMm / 1000,
      vAccM: vAccMm / 1000,
    });
  }
  for (const list of fixes.values()) list.sort((a, b) => a.timeUs - b.timeUs);
  return fixes;
}

/** Every 0.2 s the pairs of drones in the air, by their ids, with the latest fix of each. */
export function* pairsInAir(
  fixes: Map<string, Fix[]>,
  { fromUs, toUs }: { fromUs: number; toUs: number },
): Generator<{ atUs: number; droneIds: [string, string]; a: Fix; b: Fix }> {
  const lists = [...fixes].sort(([a], [b]) => a < b ? -1 : 1).map(([droneId, list]) => ({ droneId, list, next: 0 }));
  for (let atUs = fromUs; atUs <= toUs; atUs += SAMPLE_US) {
    for (const drone of lists) while ((drone.list[drone.next]?.timeUs ?? Infinity) <= atUs) drone.next++;
    for (const [i, first] of lists.entries()) {
      for (const second of lists.slice(i + 1)) {
        const [a, b] = [first.list[first.next - 1], second.list[second.next - 1]];
        if (a?.inAir && b?.inAir) yield { atUs, droneIds: [first.droneId, second.droneId], a, b };
      }
    }
  }
}

/** Whether, as of `atUs`, both are within the volume at one moment of the next 30 s. */
export function predictsConflict(a: Fix, b: Fix, { atUs, volume }: { atUs: number; volume: Volume }): boolean {
  const [first, second] = [motionOf(a, atUs), motionOf(b, atUs)];
  const fixesNorthM = (b.latDeg - a.latDeg) * M_PER_DEG;
  const fixesEastM = (b.lonDeg - a.lonDeg) * M_PER_DEG * Math.cos(a.latDeg * Math.PI / 180);
  const grown = volume === "bare" ? 0 : 1;
  const scale = volume === "inflated" ? HYSTERESIS : 1;
  const accuracyM = SIGMAS * Math.hypot(a.hAccM, b.hAccM) + first.driftM + second.driftM;
  const radiusM = (RADIUS_M + grown * accuracyM) * scale;
  const halfHeightM = (HALF_HEIGHT_M + grown * SIGMAS * Math.hypot(a.vAccM, b.vAccM)) * scale;
  for (let s = 0; s <= LOOK_AHEAD_S; s += STEP_S) {
    const eastM = fixesEastM + second.eastMps * (second.ageS + s) - first.eastMps * (first.ageS + s);
    const northM = fixesNorthM + second.northMps * (second.ageS + s) - first.northMps * (first.ageS + s);
    const upM = b.upM - a.upM + second.upMps * (second.ageS + s) - first.upMps * (first.ageS + s);
    if (eastM * eastM + northM * northM <= radiusM * radiusM && Math.abs(upM) <= halfHeightM) return true;
  }
  return false;
}

// How it moves since its fix, and how far off that it may be by now.
function motionOf({ timeUs, eastMps, northMps, upMps }: Fix, atUs: number) {
  const ageS = (atUs - timeUs) / 1e6;
  const driftM = Math.hypot(eastMps, northMps) * ageS;
  return ageS > GHOST_AFTER_S
    ? { ageS, driftM, eastMps: 0, northMps: 0, upMps: 0 }
    : { ageS, driftM, eastMps, northMps, upMps };
}
