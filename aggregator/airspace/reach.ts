// How far to look: each track's share of the distance within which a pair of tracks can be in conflict at all. Two tracks
// farther apart than both shares together are not tested.
import type { AirspaceSettings } from "./settings.ts";
import { ROW_WORDS, TrackFlag, type TrackRows, Word } from "./track_rows.ts";

/** Small unmanned aircraft do not fly faster (14 CFR 107.51): what comes at a crewed aircraft while its tau lasts. */
const DRONE_MPS = 45;

/** Writes both shares of a track; `grownM`: what its volume has grown by as a ghost. */
export function writeReach(rows: TrackRows, track: number, { settings, grownM }: {
  settings: AirspaceSettings;
  grownM: number;
}): void {
  const { warning, crewedWarning, stagedWarningM, sigmas, ghostAfterUs } = settings;
  const row = track * ROW_WORDS;
  const flags = rows[row + Word.flags]!;
  // Before it is a ghost its position may be so much older than now: it moves, and its volume grows for a part of that.
  const ageS = (rows[row + Word.silenceUs]! + ghostAfterUs) / 1e6;
  const aheadS = warning.lookAheadS + ageS;
  const speedMps = rows[row + Word.speed]!;
  let ownM = warning.radiusM / 2 + speedMps * aheadS;
  if ((flags & TrackFlag.crewed) !== 0) {
    const tauS = crewedWarning.lookAheadS + crewedWarning.tthrS + ageS;
    ownM = crewedWarning.dthrM + speedMps * tauS + DRONE_MPS * crewedWarning.tthrS;
  } else if ((flags & TrackFlag.ghost) !== 0) ownM = warning.radiusM / 2 + grownM;
  else if ((flags & TrackFlag.velocity) === 0) ownM = stagedWarningM;
  rows[row + Word.reach] = ownM + sigmas * rows[row + Word.hAcc]!;
  rows[row + Word.heightReach] = (flags & TrackFlag.crewed) !== 0
    ? Infinity
    : warning.halfHeightM / 2 + Math.abs(rows[row + Word.climb]!) * (aheadS + ghostAfterUs / 1e6) +
      sigmas * rows[row + Word.vAcc]! + ((flags & TrackFlag.ghost) !== 0 ? settings.ghostHeightMaxM : 0);
}
