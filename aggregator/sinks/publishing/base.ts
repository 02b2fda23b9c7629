// Where in the journal to begin: with the newest checkpoint that is not beyond what is published, so that little has to be run again;
// where it is not known how far that is, the journal's beginning is right as well, only slower.
import { checkpointName, decodeCheckpoint, listCheckpoints } from "../../journal/checkpoints.ts";
import type { ReadOnlyDisk } from "../../journal/disk.ts";
import type { JournalIdentity } from "../../journal/identity.ts";
import { listSegments } from "../../journal/reader.ts";
import type { StatePiece } from "../../pipeline/state/saved.ts";

type Readable = Pick<ReadOnlyDisk, "list" | "read">;

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
  const read = (index: number) => decodeCheckpoint(disk.read(checkpointName(index)));
  // What is from before a drone was erased is about to go.
  const erasedIndex = usable.reduceRight<number | null>(
    (known, index) => known ?? read(index)?.erasedIndex ?? null,
    null,
  );
  const mustGo = erasedIndex !== null && erasedIndex > published;
  for (const index of mustGo ? [] : usable.filter((index) => index <= published).reverse()) {
    const checkpoint = read(index);
    if (checkpoint) return { index, state: checkpoint.state, missing: null };
  }
  if (!mustGo && firstIndex <= identity.firstIndex) return { index: firstIndex - 1, state: null, missing: null };
  for (const index of usable.filter((index) => index > published && (!mustGo || index >= erasedIndex))) {
    const checkpoint = read(index);
    if (!checkpoint) continue;
    const missing = { firstIndex: published + 1, lastIndex: index };
    return { index, state: checkpoint.state, missing: published > 0 ? missing : null };
  }
  throw new Error(
    `Cannot begin: the journal begins with entry ${firstIndex}, and no checkpoint stands for what was before`,
  );
}
