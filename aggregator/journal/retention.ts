// What of the journal can go: segments beyond the age and the bytes to keep, as long as a checkpoint stands for them;
// and checkpoints, of which one a segment is kept, so that the past can be replayed from its beginning. What was before a
// drone was erased goes as soon as one checkpoint stands for it.
import { checkpointName, listCheckpoints, ownCheckpoints } from "./checkpoints.ts";
import type { Disk } from "./disk.ts";
import { scanSegment, type StoredEntry } from "./format.ts";
import { listSegments } from "./reader.ts";

export interface RetentionSettings {
  bytesMax: number;
  ageUs: number;
  /** Nothing is kept for longer, however little comes after it. */
  keptUs: number;
  /** Who reads on from there still needs what is behind this entry; null or absent: nobody does. */
  neededAfter?: (() => number | null) | undefined;
  /** The journal grows for that to no more than this. */
  neededBytesMax?: number | undefined;
}

/** When it is, and the entry with which a drone was erased last: see Checkpoint. */
export interface Expiry extends RetentionSettings {
  nowUs: number;
  erasedIndex: number;
}

/** The newest checkpoints are kept in any case: one may turn out to be damaged. */
const CHECKPOINTS_MIN = 2;
/** Most entries are shorter. */
const START_BYTES = 16_384;

/** @returns names of the files that were removed */
export function expireJournal(disk: Disk, expiry: Expiry): string[] {
  const { bytesMax, ageUs, keptUs, nowUs, erasedIndex } = expiry;
  const segments = listSegments(disk);
  const checkpoints = ownCheckpoints(disk);
  const safeIndex = checkpoints.at(-CHECKPOINTS_MIN) ?? 0;
  const newestIndex = checkpoints.at(-1) ?? 0;
  const beforeIndex = newestIndex >= erasedIndex ? erasedIndex : 0;
  const needed = neededFrom(checkpoints, expiry);
  const firstUs = firstTimes(disk);
  const removed: string[] = [];
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  for (const [i, segment] of segments.entries()) {
    const next = segments[i + 1];
    // The entries in front of the next segment's first must all be in a checkpoint.
    const isErased = segment.firstIndex <= beforeIndex;
    const isOverdue = () => firstUs(segment.name) < nowUs - keptUs;
    const mayStay = () => bytes <= (expiry.neededBytesMax ?? Infinity) && !isErased && !isOverdue();
    if (next && next.firstIndex > needed && mayStay()) break;
    if (!next || next.firstIndex - 1 > (isErased ? newestIndex : safeIndex)) break;
    const isOld = () => firstUs(next.name) < nowUs - ageUs || isOverdue();
    if (!isErased && bytes <= bytesMax && !isOld()) break;
    removed.push(segment.name);
    bytes -= segment.bytes;
  }
  const firstIndex = segments[removed.length]?.firstIndex ?? 1;
  const starts = segments.map((segment) => segment.firstIndex);
  const read = checkpoints.findLast((index) => index < needed);
  removed.push(...superfluous(checkpoints, { firstIndex, starts, beforeIndex, read }));
  // With those of other versions they may go on, as long as the journal is there behind them.
  const others = listCheckpoints(disk).filter((index) => !checkpoints.includes(index));
  removed.push(...others.filter((index) => index < Math.max(firstIndex - 1, beforeIndex)).map(checkpointName));
  for (const name of removed) disk.remove(name);
  return removed;
}

/** The first entry that somebody must still read: behind the checkpoint from which he would begin. Infinity: none. */
function neededFrom(checkpoints: number[], { neededAfter }: RetentionSettings): number {
  const after = neededAfter?.() ?? null;
  return after === null ? Infinity : (checkpoints.findLast((index) => index <= after) ?? 0) + 1;
}

/** When a segment's first entry came; Infinity where it has none. Each is read once. */
function firstTimes(disk: Disk): (name: string) => number {
  const times = new Map<string, number>();
  return (name) => {
    const timeUs = times.get(name) ?? firstEntry(disk, name)?.timeUs ?? Infinity;
    times.set(name, timeUs);
    return timeUs;
  };
}

// Reads no more of it than it must: a segment is megabytes, and the event loop waits meanwhile.
function firstEntry(disk: Disk, name: string): StoredEntry | undefined {
  for (let bytesMax = START_BYTES;; bytesMax *= 16) {
    const start = disk.read(name, bytesMax);
    const first = scanSegment(start).entries[0];
    if (first || start.length < bytesMax) return first;
  }
}

/** Whether anything is left of what was before a drone was erased. */
export function holdsErased(disk: Pick<Disk, "list">, erasedIndex: number): boolean {
  const [oldest = 0] = listCheckpoints(disk);
  return erasedIndex > 0 && (oldest < erasedIndex || (listSegments(disk)[0]?.firstIndex ?? Infinity) <= erasedIndex);
}

/** Keeps the newest, and for each segment the first checkpoint from which its entries can be replayed on. */
function superfluous(
  checkpoints: number[],
  { firstIndex, starts, beforeIndex, read = 0 }: {
    firstIndex: number;
    starts: number[];
    beforeIndex: number;
    read?: number | undefined;
  },
): string[] {
  const kept = new Set([...checkpoints.slice(-CHECKPOINTS_MIN), read]);
  for (const start of starts) {
    const first = checkpoints.find((index) => index >= Math.max(start, firstIndex) - 1);
    if (first !== undefined) kept.add(first);
  }
  return checkpoints.filter((index) => index < beforeIndex || !kept.has(index)).map(checkpointName);
}
