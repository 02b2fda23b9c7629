// Windows as plain values, for a snapshot.
import type { SavedFirings } from "./firings.ts";
import type { SavedPanes } from "./panes_image.ts";

/** All but the panes and what is frozen, which a snapshot reads. */
export interface SavedWindows {
  firings: SavedFirings;
  windowsWatermarkUs: number;
  expiredS: number;
  byWall: number[];
  forgetting: number[];
}

/** More panes of a second, in order. */
export interface SavedSecond {
  type: "panes";
  second: number;
  panes: SavedPanes;
}
