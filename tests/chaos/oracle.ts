// What must hold after a fault: every acknowledged record is in the store exactly once, and nothing else is.
import { readOnlyDisk } from "../../aggregator/journal/disk.ts";
import { journalled } from "../journal/journalled.ts";

/** Counts of records. */
export interface Verdict {
  sent: number;
  acknowledged: number;
  /** Distinct records in the journal. */
  stored: number;
  /** Acknowledged, and not stored. */
  lost: number;
  /** Counted by the pipeline beyond the distinct records that were sent. */
  doubled: number;
  /** Stored, and never sent. */
  invented: number;
}

/** `counted`: what the pipeline counted of the same drones. */
export function judge(
  { sent, acknowledged, stored, counted }: {
    sent: string[];
    acknowledged: string[];
    stored: ReadonlySet<string>;
    counted: number;
  },
): Verdict {
  const known = new Set(sent);
  return {
    sent: known.size,
    acknowledged: acknowledged.length,
    stored: stored.size,
    lost: acknowledged.filter((record) => !stored.has(record)).length,
    doubled: Math.max(0, counted - known.size),
    invented: [...stored].filter((record) => !known.has(record)).length,
  };
}

/** What a journal folder holds of drones whose ids begin so. */
export function storedIn(journalPath: string, name: string): Set<string> {
  return new Set([...journalled(readOnlyDisk(journalPath))].filter((record) => record.startsWith(`${name}-`)));
}
