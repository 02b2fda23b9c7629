// How near two drones come to each other where they are nearest: well inside the protected cylinder of 50 m × 15 m, or
// well outside of it, sideways or in height.
import type { Random } from "../random.ts";

/** At the closest horizontal approach. */
export interface Miss {
  horizontalM: number;
  verticalM: number;
}

const WITHIN_M = [2, 20] as const;
const LEVEL_M = [0, 8] as const;
const BESIDE_M = [90, 160] as const;
const ABOVE_M = [30, 45] as const;

/** What may be drawn. */
export interface MissSettings {
  conflict: boolean;
  /** Of a near-miss: chance that the drones pass above each other and not beside. */
  aboveChance: number;
  /** Of a near-miss beside; 90 m at least. */
  horizontalMMax: number;
}

/** A conflict is inside the cylinder in both directions, a near-miss in one. */
export function drawMiss(random: Random, { conflict, aboveChance, horizontalMMax }: MissSettings): Miss {
  if (conflict) return { horizontalM: random.between(...WITHIN_M), verticalM: random.between(...LEVEL_M) };
  if (random.chance(aboveChance)) {
    return { horizontalM: random.between(...WITHIN_M), verticalM: random.between(...ABOVE_M) };
  }
  return { horizontalM: drawBeside(random, horizontalMMax), verticalM: random.between(...LEVEL_M) };
}

/** Of drones that pass through each other's altitude: only the distance sideways can tell a conflict. */
export function drawLevelMiss(random: Random, conflict: boolean): Miss {
  return { horizontalM: conflict ? random.between(...WITHIN_M) : drawBeside(random, Infinity), verticalM: 0 };
}

function drawBeside(random: Random, horizontalMMax: number): number {
  const [low, high] = BESIDE_M;
  return random.between(low, Math.min(high, horizontalMMax));
}
