// Where in the journal to begin: with the newest checkpoint that is not beyond what is published. How far that is stands in a file
// beside the journal, so that little has to be run again; without it the journal's beginning is right as well, only slower.
import { checkpointName, decodeCheckpoint, listCheckpoints } from "../../journal/checkpoints.ts";
import type { ReadOnlyDisk } from "../../journal/disk.ts";
import type { JournalIdentity } from "../../journal/identity.ts";
import { listSegments } from "../../journal/reader.ts";
import type { StatePiece } from "../../pipeline/state/saved.ts";

/** A file in the journal's folder: its id, and the last entry that is with the destination of that name. */
export function progressName(destination: string): string {
  return `${destination}.position`;
}

type Readable = Pick<ReadOnlyDisk, "list" | "read">;

/** Null: nothing is known of that. A journal that began anew goes on with the numbers of the one before. */
export function publishedIndex(
  disk: Readable,
  { name, identity: { id: journalId, firstIndex } }: { name: string; identity: JournalIdentity },
): number | null {
  const file = progressName(name);
  if (!disk.list().some((there) => there.name === file)) return null;
  const [id, text = ""] = new TextDecoder().decode(disk.read(file)).split(" ");
  const index = /^\d+$/.test(text) ? Number(text) : null;
  return index !== null && (id === journalId || firstIndex > 1 && index >= firstIndex - 1) ? index : null;
}

export function progressText(journalId: string, index: number): string {
  return `${journalId} ${index}`;
}

export interface Base {
  /** Entries behind this one are to be run. */
  index: number;
  /** The pipeline's as of then; null: it has seen nothing. */
  state: Iterable<StatePiece> | null;
  /** What will never be published, from entry to entry: the journal has let it go; null: nothing. */
  missing: { firstIndex: number; lastIndex: number } | null;
}

/** @throws {Error} when nothing is left of the journal to begin with */
export function findBase(
  disk: Readable,
  { identity, published }: { identity: JournalIdentity; published: number },
): Base {
  const firstIndex = listSegments(disk)[0]?.firstIndex ?? identity.firstIndex;
  const usable = listCheckpoints(disk).filter((index) => index >= firstIndex - 1);
  for (const index of usable.filter((index) => index <= published).reverse()) {
    const checkpoint = decodeCheckpoint(disk.read(checkpointName(index)));
    if (checkpoint) return { index, state: checkpoint.state, missing: null };
  }
  if (firstIndex <= identity.firstIndex) return { index: firstIndex - 1, state: null, missing: null };
  for (const index of usable.filter((index) => index > published)) {
    const checkpoint = decodeCheckpoint(disk.read(checkpointName(index)));
    if (!checkpoint) continue;
    const missing = { firstIndex: published + 1, lastIndex: index };
    return { index, state: checkpoint.state, missing: published > 0 ? missing : null };
  }
  throw new Error(
    `Cannot begin: the journal begins with entry ${firstIndex}, and no checkpoint stands for what was before`,
  );
}
