// The airspace as others have it: the API, and checkpoints.
import type { SavedCrowds } from "./crowds.ts";
import type { OpenPair } from "./pairs.ts";
import type { SavedTracks } from "./tracks.ts";

/** The airspace as the API shows it. */
export interface AirspaceView {
  /** Drones in the air, and those of them that are ghosts. */
  tracks: number;
  ghosts: number;
  conflicts: number;
  crowds: number;
  /** Since the aggregator started: pairs that were in reach of each other, and those that were tested. */
  candidates: number;
  tested: number;
  /** Since the pipeline began, because there were too many: conflicts without an alert, and drones without a track. */
  conflictsNotOpened: number;
  dronesNotTracked: number;
}

export interface SavedAirspace {
  tracks: SavedTracks;
  pairs: OpenPair[];
  crowds: SavedCrowds;
  notOpened: number;
  ghostTurn: number;
}
