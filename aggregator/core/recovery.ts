// What the journal knows, into a fresh pipeline: its newest checkpoint, and every entry behind it. Outputs are
// delivered again; sinks that are keyed show each of them once.
import type { Decompress } from "../batch/decompress.ts";
import type { Place } from "./sequencer.ts";
import type { Disk } from "../journal/disk.ts";
import { apply, type Arrival, decodeArrival, type GapReport, type PipelineInput } from "../journal/entries.ts";
import type { Found } from "../journal/found.ts";
import { cutTornTail, type Gap, readJournal } from "../journal/reader.ts";
import type { Output } from "../outputs.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";

export interface RecoveryParts {
  disk: Pick<Disk, "list" | "read" | "cut">;
  found: Pick<Found, "checkpoint" | "unreadable" | "lastIndex">;
  pipeline: PipelineInput & Pick<Pipeline, "restore">;
  /** New alerts get numbers above this one. */
  alertsAfter: number;
  /** Whether an entry's outputs cannot be those that were delivered when it came. */
  contradicts: (outputs: readonly Output[], index: number) => boolean;
  decompress: Decompress;
  deliver: (outputs: Output[], place: Place) => void;
  onLosses: (losses: Extract<Arrival, { type: "losses" }>) => void;
  /** Now and then: sinks whose queues are bounded must write. */
  onProgress: () => void;
}

const PROGRESS_ENTRIES = 5000;

/** What recovery found. */
export interface Recovered {
  /** The journal's last entry; index 0 for an empty journal. */
  applied: Place;
  /** The checkpoint it began with; null: the journal's beginning. */
  checkpointIndex: number | null;
  /** The entry with which a drone was erased last; 0: none was. */
  erasedIndex: number;
  /** Entries behind the checkpoint. */
  entries: number;
  /** Bytes of an entry that a crash left unfinished; it was not acknowledged. */
  tornBytes: number;
  /** Entries that are missing: acknowledged, and lost with the disk's bytes. */
  gaps: Gap[];
  /** What was judged behind the checkpoint without being journalled: this process does not know of it. */
  unjournalled: GapReport[];
  /** Checkpoints that could not be read. */
  unreadable: Found["unreadable"];
  /** The journal has another name since, and gives alerts other numbers. */
  isNamedAnew: boolean;
}

/**
 * Null: it is not the history that was told, and ends where that showed.
 * @throws {Error} when an entry is whole but not of this journal's making
 */
export function recover(parts: RecoveryParts): Omit<Recovered, "isNamedAnew"> | null {
  const { disk, found: { checkpoint, unreadable, lastIndex }, pipeline, decompress, deliver, onLosses } = parts;
  const [gaps, unjournalled]: [Gap[], GapReport[]] = [[], []];
  const tornBytes = cutTornTail(disk);
  if (checkpoint) pipeline.restore(checkpoint.state);
  pipeline.skipAlertIds(parts.alertsAfter);
  let applied: Place = { index: checkpoint?.index ?? 0, timeUs: checkpoint?.timeUs ?? 0 };
  let [entries, erasedIndex] = [0, checkpoint?.erasedIndex ?? 0];
  for (const stored of readJournal(disk, { afterIndex: applied.index, onGap: (gap) => gaps.push(gap) })) {
    const arrival = decodeArrival(stored, decompress);
    const { outputs } = apply(pipeline, { arrival, timeUs: stored.timeUs });
    if (parts.contradicts(outputs, stored.index)) return null;
    deliver(outputs, stored);
    if (outputs.some(({ type }) => type === "erased")) erasedIndex = stored.index;
    if (arrival.type === "losses") onLosses(arrival);
    else if (arrival.type === "gap") unjournalled.push(arrival.gap);
    applied = { index: stored.index, timeUs: stored.timeUs };
    if (++entries % PROGRESS_ENTRIES === 0) parts.onProgress();
  }
  // No number is given twice, though nothing of those entries is left.
  applied = { ...applied, index: Math.max(applied.index, lastIndex) };
  const checkpointIndex = checkpoint?.index ?? null;
  return { applied, checkpointIndex, erasedIndex, entries, tornBytes, gaps, unjournalled, unreadable };
}
