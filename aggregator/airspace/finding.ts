// Conflicts that a search has found and nobody was told of.
import type { ConflictLevel } from "./separation.ts";

/** A conflict that is not open yet. */
export interface Finding {
  other: number;
  level: ConflictLevel;
  closestS: number;
  /** They are on a collision course now: each of a crowd is told of that as well. */
  isPressing: boolean;
}

/** In place: the worst and soonest first, for there may not be room for all. */
export function mostUrgentFirst(found: Finding[]): Finding[] {
  return found.sort((a, b) => b.level - a.level || a.closestS - b.closestS || a.other - b.other);
}
