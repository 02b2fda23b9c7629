// What a crowd says as an alert: how many, where, and how bad.
import { u32 } from "../../platform/bounds.ts";
import type { CrowdDetails } from "../outputs.ts";
import { ROW_WORDS, type TrackRows, Word } from "./track_rows.ts";

const DEG = 180 / Math.PI;

/** The alert's key. */
export function crowdKey(id: number): string {
  return `crowd/${id}`;
}

/** Severity, message and numbers of a crowd of these tracks; one at least. */
export function crowdFinding(
  rows: TrackRows,
  { members, isCritical }: { members: readonly number[]; isCritical: boolean },
): { severity: "warning" | "critical"; message: string; crowd: CrowdDetails } {
  const meanOf = (word: number) =>
    members.reduce((sum, track) => sum + rows[track * ROW_WORDS + word]!, 0) / members.length;
  const [x, y, z] = [meanOf(Word.x), meanOf(Word.y), meanOf(Word.z)];
  const [upX, upY, upZ] = [meanOf(Word.upX), meanOf(Word.upY), meanOf(Word.upZ)];
  const radiusM = members.reduce((most, track) => {
    const row = track * ROW_WORDS;
    return Math.max(most, Math.hypot(rows[row + Word.x]! - x, rows[row + Word.y]! - y, rows[row + Word.z]! - z));
  }, 0);
  const latDeg = Math.atan2(upZ, Math.hypot(upX, upY)) * DEG;
  const lonDeg = Math.atan2(upY, upX) * DEG;
  return {
    severity: isCritical ? "critical" : "warning",
    message: `${members.length} drones crowd within ${radiusM.toFixed(0)} m of ` +
      `${latDeg.toFixed(5)}°, ${lonDeg.toFixed(5)}°, and belong to no declared formation`,
    crowd: {
      drones: members.length,
      latE7: Math.round(latDeg * 1e7),
      lonE7: Math.round(lonDeg * 1e7),
      radiusCm: u32(radiusM * 100),
    },
  };
}
