// A drone that hovers is told to move by its receiver's noise: 0.3 m/s, seen 30 s ahead, are 9 m. What it flies at on average
// stands for its velocity while that is the slower one; whoever really flies does so from the first report on, or, slower
// than noise can be, within a second.
import { type Fix, type TrackRows, type Velocity, Word } from "./track_rows.ts";

/** No noise is faster: more than six standard deviations of a common receiver's. */
const FLIES_MPS = 2;
/** Nor is its average over so short a time. */
const FLIES_SOON_MPS = 1;
const SOON_S = 0.5;
/** Over which a hovering drone's velocity is averaged. */
const MEAN_S = 5;

/** Of a fix with a velocity: takes that into the row's averages, and says what the drone flies at, the long one where it is slower. */
export function steady(rows: TrackRows, row: number, { fix, into }: { fix: Fix; into: Velocity }): void {
  const sinceS = Math.max(0, (fix.timeUs - rows[row + Word.toldUs]!) / 1e6);
  rows[row + Word.toldUs] = fix.timeUs;
  const mps = norm(fix.vnMps, fix.veMps, fix.climbMps);
  const soonMps = average(rows, row + Word.soon, { fix, weight: sinceS / (sinceS + SOON_S) });
  const flies = mps >= FLIES_MPS || soonMps >= FLIES_SOON_MPS;
  // Who brakes begins to hover from here, not from full speed.
  if (flies) write(rows, row + Word.mean, { velocity: fix, share: Math.min(1, FLIES_SOON_MPS / mps) });
  if (mps >= FLIES_MPS) write(rows, row + Word.soon, { velocity: fix, share: FLIES_SOON_MPS / mps });
  const meanMps = flies ? mps : average(rows, row + Word.mean, { fix, weight: sinceS / (sinceS + MEAN_S) });
  const hovers = meanMps < mps;
  into.vnMps = hovers ? rows[row + Word.mean]! : fix.vnMps;
  into.veMps = hovers ? rows[row + Word.mean + 1]! : fix.veMps;
  into.climbMps = hovers ? rows[row + Word.mean + 2]! : fix.climbMps;
}

/** Takes a fix into the average that stands at a word; its speed. */
function average(rows: TrackRows, word: number, { fix, weight }: { fix: Fix; weight: number }): number {
  rows[word]! += (fix.vnMps - rows[word]!) * weight;
  rows[word + 1]! += (fix.veMps - rows[word + 1]!) * weight;
  rows[word + 2]! += (fix.climbMps - rows[word + 2]!) * weight;
  return norm(rows[word]!, rows[word + 1]!, rows[word + 2]!);
}

function write(rows: TrackRows, word: number, { velocity, share }: { velocity: Velocity; share: number }): void {
  rows[word] = velocity.vnMps * share;
  rows[word + 1] = velocity.veMps * share;
  rows[word + 2] = velocity.climbMps * share;
}

/** Math.hypot is many times slower. */
function norm(x: number, y: number, z: number): number {
  return Math.sqrt(x * x + y * y + z * z);
}
