// What the journal knows of the audit: how far the chain had come at each checkpoint, and each record behind the last one.
import type { AuditHead } from "../audit/chain.ts";
import type { Decompress } from "../batch/decompress.ts";
import { checkpointName, decodeCheckpoint, listCheckpoints } from "../journal/checkpoints.ts";
import type { Disk } from "../journal/disk.ts";
import { apply, decodeArrival } from "../journal/entries.ts";
import { readIdentity } from "../journal/identity.ts";
import { listSegments, readJournal } from "../journal/reader.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../pipeline/pipeline.ts";
import type { Fault, VerifiedChain } from "./table.ts";

/** Records that the journal is sure of, in order; the last one is the chain's. */
export interface JournalAudit {
  journal: string;
  known: AuditHead[];
}

/** @throws {Error} when the journal lacks entries without which nobody knows how the chain goes on */
export function readJournalAudit(disk: Pick<Disk, "list" | "read">, decompress: Decompress): JournalAudit {
  const pipeline = new Pipeline(PIPELINE_DEFAULTS);
  const known: AuditHead[] = [];
  let afterIndex = 0;
  for (const index of listCheckpoints(disk).toSorted((a, b) => a - b)) {
    const checkpoint = decodeCheckpoint(disk.read(checkpointName(index)));
    if (!checkpoint) continue;
    for (const piece of checkpoint.state) if (piece.type === "rest") known.push(piece.audit);
    afterIndex = index;
  }
  if (afterIndex > 0) pipeline.restore(decodeCheckpoint(disk.read(checkpointName(afterIndex)))!.state);
  const first = listSegments(disk)[0]?.firstIndex ?? 1;
  if (first > afterIndex + 1) throw new Error(`Cannot verify: the journal begins with entry ${first}`);
  const onGap = ({ firstIndex, lastIndex }: { firstIndex: number; lastIndex: number }) => {
    throw new Error(`Cannot verify: the journal lacks entries ${firstIndex} to ${lastIndex}`);
  };
  for (const stored of readJournal(disk, { afterIndex, onGap })) {
    const { outputs } = apply(pipeline, { arrival: decodeArrival(stored, decompress), timeUs: stored.timeUs });
    for (const output of outputs) if (output.type === "audit") known.push(output.record);
  }
  known.push(pipeline.operated.auditHead);
  return { journal: readIdentity(disk)?.id ?? "", known: known.filter(({ seq }) => seq > 0) };
}

/** The first record that the journal knows otherwise than the table, whose chains are right; null: none. */
export function compareAudit({ journal, known }: JournalAudit, chains: readonly VerifiedChain[]): Fault | null {
  const hashes = chains.find((chain) => chain.journal === journal)?.hashes ?? [];
  for (const { seq, hash } of known) {
    if (seq > hashes.length) return { journal, seq: hashes.length + 1, what: "was removed, with all behind it" };
    if (hashes[seq - 1] !== hash) return { journal, seq, what: "is another one than the journal has" };
  }
  const last = known.at(-1)?.seq ?? 0;
  return hashes.length > last ? { journal, seq: last + 1, what: "is in no journal" } : null;
}
