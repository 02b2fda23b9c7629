// The journal from one entry on, through all segments, in order. Says what is missing; never makes anything up.
import type { Disk } from "./disk.ts";
import { scanSegment, SEGMENT_SUFFIX, type StoredEntry } from "./format.ts";

/** Entries that the journal should hold and does not. */
export interface Gap {
  firstIndex: number;
  lastIndex: number;
}

export interface Segment {
  name: string;
  firstIndex: number;
  bytes: number;
}

type ReadableDisk = Pick<Disk, "list" | "read">;

/** Oldest first. */
export function listSegments(disk: Pick<Disk, "list">): Segment[] {
  return disk.list()
    .filter(({ name }) => name.endsWith(SEGMENT_SUFFIX))
    .map(({ name, bytes }) => ({ name, bytes, firstIndex: Number(name.slice(0, -SEGMENT_SUFFIX.length)) }))
    .filter(({ firstIndex }) => Number.isSafeInteger(firstIndex));
}

/** Entries with an index above `afterIndex`, each once, ascending. */
export function* readJournal(
  disk: ReadableDisk,
  { afterIndex, onGap }: { afterIndex: number; onGap: (gap: Gap) => void },
): Generator<StoredEntry> {
  const segments = listSegments(disk);
  let expected = afterIndex + 1;
  for (const [i, { name }] of segments.entries()) {
    const next = segments[i + 1];
    if (next && next.firstIndex <= expected) continue;
    for (const entry of scanSegment(disk.read(name)).entries) {
      // A group whose write failed half way was written again into the next segment.
      if (entry.index < expected) continue;
      if (entry.index > expected) onGap({ firstIndex: expected, lastIndex: entry.index - 1 });
      expected = entry.index + 1;
      yield entry;
    }
  }
}

/**
 * Cuts what a crash tore off in the middle of a write: of the last segment everything behind its last good entry.
 * @returns bytes cut; nothing acknowledged is among them, as only whole, durable entries are acknowledged
 */
export function cutTornTail(disk: Pick<Disk, "list" | "read" | "cut">): number {
  const last = listSegments(disk).at(-1);
  if (!last) return 0;
  const { goodBytes } = scanSegment(disk.read(last.name));
  if (goodBytes < last.bytes) disk.cut(last.name, goodBytes);
  return last.bytes - goodBytes;
}
