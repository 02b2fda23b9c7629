// What a conflict says as an alert: who, how near, when, and what had to be assumed.
import { u32 } from "../../platform/bounds.ts";
import type { ConflictDetails, ConflictPartner } from "../outputs.ts";
import type { OpenPair } from "./pairs.ts";
import type { SeparationView } from "./separation.ts";

/** What is known of one of the two. */
export interface PartnerView {
  place: ConflictPartner;
  /** Seconds since its last position, and how far it may be from there; null while it is not a ghost. */
  ghost: { silentS: number; withinM: number } | null;
  hasVelocity: boolean;
  hasAltitude: boolean;
  hasAccuracy: boolean;
}

/** The alert's key: one alert for each pair, whoever is named first. Ids may hold any character, and drones any id. */
export function conflictKey(ids: readonly [string, string], withTraffic: boolean): string {
  return `conflict/${withTraffic ? "traffic/" : ""}${JSON.stringify(ids)}`;
}

/** Severity, message and numbers of a pair's alert. */
export function conflictFinding(
  { level }: Pick<OpenPair, "level">,
  { partners, view }: { partners: readonly [PartnerView, PartnerView]; view: SeparationView },
): { severity: "warning" | "critical"; message: string; conflict: ConflictDetails } {
  const { timeToClosestS, closestHorizontalM, closestVerticalM, horizontalM, verticalM, timeToEntryS } = view;
  const names = partners.map(({ place }) => place.id).join(" and ");
  const assumed = partners.flatMap(assumptions);
  if (verticalM === null) assumed.push("heights cannot be compared: same height");
  return {
    severity: level === 2 ? "critical" : "warning",
    message: `${names} ${prospect(view)}`,
    conflict: {
      timeToClosestMs: u32(timeToClosestS * 1000),
      closestHorizontalCm: u32(closestHorizontalM * 100),
      closestVerticalCm: closestVerticalM === null ? null : u32(closestVerticalM * 100),
      horizontalCm: u32(horizontalM * 100),
      verticalCm: verticalM === null ? null : u32(verticalM * 100),
      timeToEntryMs: u32(timeToEntryS * 1000),
      assumed,
      partners: partners.map(({ place }) => place),
    },
  };
}

// What is true now comes first; what is to come is said as far ahead as the volumes look.
function prospect(view: SeparationView): string {
  const { horizontalM, verticalM, closestHorizontalM, closestVerticalM, timeToClosestS, timeToEntryS } = view;
  const when = timeToEntryS > 0 ? `in ${Math.ceil(timeToEntryS)} s` : "now";
  const now = `are ${apart(horizontalM, verticalM)}, too close ${when}`;
  // Two that pass under each other while one climbs away are closer now than at what is closest on the ground.
  const isCloser = Math.hypot(closestHorizontalM, closestVerticalM ?? 0) < Math.hypot(horizontalM, verticalM ?? 0);
  if (timeToClosestS <= 0 || !isCloser) return now;
  return `${now}, ${apart(closestHorizontalM, closestVerticalM)} in ${Math.ceil(timeToClosestS)} s`;
}

function apart(horizontalM: number, verticalM: number | null): string {
  const height = verticalM === null ? "heights unknown" : `${verticalM.toFixed(0)} m in height`;
  return `${horizontalM.toFixed(0)} m apart (${height})`;
}

function assumptions({ place, ghost, hasVelocity, hasAltitude, hasAccuracy }: PartnerView): string[] {
  const { id, crewed } = place;
  const assumed: string[] = [];
  if (crewed) assumed.push(`${id} is crewed: well clear by distance and time`);
  if (ghost) {
    assumed.push(`${id} silent for ${ghost.silentS.toFixed(0)} s: within ${ghost.withinM.toFixed(0)} m`);
  } else if (!hasVelocity) assumed.push(`${id} without velocity: whatever its course`);
  if (!hasAltitude) assumed.push(`${id} without altitude above sea level`);
  if (!hasAccuracy) assumed.push(`${id} without accuracy: that of a common receiver`);
  return assumed;
}
