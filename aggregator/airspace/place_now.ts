// Where a track is thought to be: what is said of it to the one that it is in conflict with.
import { bounded, s32, u32 } from "../../platform/bounds.ts";
import type { ConflictPartner } from "../outputs.ts";
import { ROW_WORDS, TrackFlag, type TrackRows, Word } from "./track_rows.ts";

const M_PER_DEG = 111_320;
const DEG = 180 / Math.PI;
const FULL_TURN_CDEG = 36_000;

/** Flown on from its last position until `nowUs`; a ghost stays where it was, and nothing is said of how it moves. */
export function placeNow(
  rows: TrackRows,
  { track, nowUs }: { track: number; nowUs: number },
): Omit<ConflictPartner, "id"> {
  const row = track * ROW_WORDS;
  const flags = rows[row + Word.flags]!;
  const moves = (flags & TrackFlag.velocity) !== 0 && (flags & TrackFlag.ghost) === 0;
  const ageS = Math.max(0, nowUs - rows[row + Word.fixUs]!) / 1e6;
  const flownS = moves ? ageS : 0;
  const { north, east } = overGround(rows, row);
  const climb = rows[row + Word.climb]!;
  const latDeg = rows[row + Word.latDeg]! + north * flownS / M_PER_DEG;
  const lonDeg = rows[row + Word.lonDeg]! + east * flownS / (M_PER_DEG * Math.max(0.01, Math.cos(latDeg / DEG)));
  const trackCdeg = Math.round(Math.atan2(east, north) * DEG * 100 + FULL_TURN_CDEG) % FULL_TURN_CDEG;
  return {
    crewed: (flags & TrackFlag.crewed) !== 0,
    latE7: bounded(latDeg * 1e7, -900_000_000, 900_000_000),
    lonE7: bounded((lonDeg > 180 ? lonDeg - 360 : lonDeg < -180 ? lonDeg + 360 : lonDeg) * 1e7, -1.8e9, 1.8e9),
    altMslMm: (flags & TrackFlag.altitude) === 0 ? null : s32((rows[row + Word.alt]! + climb * flownS) * 1000),
    trackCdeg: moves ? trackCdeg : null,
    speedCms: moves ? u32(rows[row + Word.speed]! * 100) : null,
    climbCms: moves ? s32(climb * 100) : null,
    ageMs: u32(ageS * 1000),
  };
}

/** Metres a second north and east, of an earth-centred velocity along the ground. */
function overGround(rows: TrackRows, row: number): { north: number; east: number } {
  const [upX, upY] = [rows[row + Word.upX]!, rows[row + Word.upY]!];
  const [vx, vy, vz] = [rows[row + Word.vx]!, rows[row + Word.vy]!, rows[row + Word.vz]!];
  // The cosine of the latitude; at a pole any direction may be east.
  const around = Math.hypot(upX, upY);
  if (around < 1e-9) return { north: 0, east: Math.hypot(vx, vy) };
  return { north: vz / around, east: (vy * upX - vx * upY) / around };
}
