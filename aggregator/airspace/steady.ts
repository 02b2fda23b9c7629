// A drone that hovers is told to move by its receiver's noise: 0.3 m/s, seen 30 s ahead, are 9 m. What it flies at on average
// stands for its velocity while that is the slower one; whoever really flies does so from the first report on, or, slower
// than noise can be, within a second.
import { type TrackRows, Word } from "./track_rows.ts";

/** No noise is faster: more than six standard deviations of a common receiver's. */
const FLIES_MPS = 2;
/** Nor is its average over so short a time. */
const FLIES_SOON_MPS = 1;
const SOON_S = 0.5;
/** Over which a hovering drone's velocity is averaged. */
const MEAN_S = 5;
const AXES = 4;

/** Of a row whose velocity is new, `sinceS` after the one before: keeps the averages, and takes the long one where it is slower. */
export function steady(rows: TrackRows, row: number, sinceS: number): void {
  const mps = mpsOf(rows, row + Word.vx, row + Word.climb);
  const soonMps = average(rows, row, { at: Word.soonVx, weight: weightOf(sinceS, SOON_S) });
  if (mps >= FLIES_MPS || soonMps >= FLIES_SOON_MPS) {
    // Who brakes begins to hover from here, not from full speed.
    const share = Math.min(1, FLIES_SOON_MPS / mps);
    for (let axis = 0; axis < AXES; axis++) {
      rows[row + Word.meanVx + axis] = told(rows, row, axis) * share;
      if (mps >= FLIES_MPS) rows[row + Word.soonVx + axis] = told(rows, row, axis) * share;
    }
    return;
  }
  const meanMps = average(rows, row, { at: Word.meanVx, weight: weightOf(sinceS, MEAN_S) });
  if (meanMps >= mps) return;
  rows[row + Word.vx] = rows[row + Word.meanVx]!;
  rows[row + Word.vy] = rows[row + Word.meanVx + 1]!;
  rows[row + Word.vz] = rows[row + Word.meanVx + 2]!;
  rows[row + Word.climb] = rows[row + Word.meanVx + 3]!;
  rows[row + Word.speed] = mpsOf(rows, row + Word.vx, null);
}

/** Takes the row's velocity into an average; its speed. */
function average(rows: TrackRows, row: number, { at, weight }: { at: number; weight: number }): number {
  for (let axis = 0; axis < AXES; axis++) {
    const word = row + at + axis;
    rows[word]! += (told(rows, row, axis) - rows[word]!) * weight;
  }
  return mpsOf(rows, row + at, row + at + 3);
}

function told(rows: TrackRows, row: number, axis: number): number {
  return rows[row + (axis < 3 ? Word.vx + axis : Word.climb)]!;
}

function mpsOf(rows: TrackRows, x: number, climb: number | null): number {
  const [vx, vy, vz] = [rows[x]!, rows[x + 1]!, rows[x + 2]!];
  const up = climb === null ? 0 : rows[climb]!;
  return Math.sqrt(vx * vx + vy * vy + vz * vz + up * up);
}

/** Of what is new; nothing of the past is. */
function weightOf(sinceS: number, overS: number): number {
  return Math.max(0, sinceS) / (Math.max(0, sinceS) + overS);
}
