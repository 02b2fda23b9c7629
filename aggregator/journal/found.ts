// What a journal's folder holds when somebody comes to read it: which checkpoint to begin with, and whether the rest is whole.
import { STATE_VERSION } from "../pipeline/state/saved.ts";
import { type Checkpoint, checkpointName, decodeCheckpoint, listCheckpoints, otherVersion } from "./checkpoints.ts";
import type { Disk } from "./disk.ts";
import { formatOf, JOURNAL_FORMAT, SEGMENT_HEADER_BYTES } from "./format.ts";
import { listSegments } from "./reader.ts";

export interface Found {
  /** The newest that can be read. */
  checkpoint: Checkpoint | null;
  /** Newer ones that cannot; `version`: of the state, null of one that is damaged. */
  unreadable: { index: number; version: number | null }[];
  /** The first entry that the journal may have: 1 where nothing was cut off. */
  firstIndex: number;
  /** It lacks entries between that checkpoint, or its beginning, and the first one. */
  isCut: boolean;
  /** The last entry that anything here is about. */
  lastIndex: number;
  /** Nothing was ever journalled here. */
  isEmpty: boolean;
}

/** @throws {Error} when a newer version wrote it, and there is no way to have all of it without that version */
export function lookAt(disk: Pick<Disk, "list" | "read">): Found {
  const segments = listSegments(disk);
  for (const { name } of segments) {
    const format = formatOf(disk.read(name, SEGMENT_HEADER_BYTES));
    if (format === null || format === JOURNAL_FORMAT) continue;
    throw new Error(
      `Cannot read the journal: ${name} is of format ${format}, this version reads ${JOURNAL_FORMAT}; start the version that wrote it`,
    );
  }
  const [indexes, unreadable]: [number[], Found["unreadable"]] = [listCheckpoints(disk), []];
  let checkpoint: Checkpoint | null = null;
  for (const index of indexes.toReversed()) {
    const bytes = disk.read(checkpointName(index));
    checkpoint = decodeCheckpoint(bytes);
    if (checkpoint) break;
    unreadable.push({ index, version: otherVersion(bytes) });
  }
  const newest = indexes.at(-1) ?? 0;
  // Without a segment the journal goes on behind the newest checkpoint there is.
  const firstIndex = segments[0]?.firstIndex ?? newest + 1;
  const isCut = firstIndex > (checkpoint?.index ?? 0) + 1;
  const newer = unreadable.find(({ version }) => (version ?? 0) > STATE_VERSION);
  if (newer && isCut) {
    throw new Error(
      `Cannot read checkpoint ${newer.index}: it is of version ${newer.version}, this version reads ${STATE_VERSION}, and the journal begins with entry ${firstIndex}; start the version that wrote it, or remove the checkpoint to begin anew`,
    );
  }
  const lastIndex = Math.max(newest, (segments.at(-1)?.firstIndex ?? 1) - 1);
  return { checkpoint, unreadable, firstIndex, isCut, lastIndex, isEmpty: segments.length === 0 && newest === 0 };
}
