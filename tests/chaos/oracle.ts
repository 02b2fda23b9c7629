// What must hold after a fault: every acknowledged record is in the store exactly once, nothing else is, and what an
// overloaded edge gave up is in the ledger.
import { DatabaseSync } from "node:sqlite";
import { readOnlyDisk } from "../../aggregator/journal/disk.ts";
import { journalled } from "../journal/journalled.ts";

/** Counts of records. */
export interface Verdict {
  sent: number;
  acknowledged: number;
  /** Given up by an overloaded edge, and said so to their drones. */
  shed: number;
  /** Distinct records in the journal. */
  stored: number;
  /** Acknowledged, and not stored. */
  lost: number;
  /** Stored, and not counted by the pipeline. */
  uncounted: number;
  /** Counted by the pipeline beyond what is stored. */
  doubled: number;
  /** Stored, and never sent. */
  invented: number;
  /** Shed, and not in the loss ledger. */
  unreported: number;
}

export interface Evidence {
  sent: string[];
  acknowledged: string[];
  shed: string[];
  stored: ReadonlySet<string>;
  /** What the pipeline counted of the same drones. */
  counted: number;
  /** Records of theirs that the loss ledger calls shed. */
  reported: number;
}

export function judge({ sent, acknowledged, shed, stored, counted, reported }: Evidence): Verdict {
  const known = new Set(sent);
  return {
    sent: known.size,
    acknowledged: acknowledged.length,
    shed: shed.length,
    stored: stored.size,
    lost: acknowledged.filter((record) => !stored.has(record)).length,
    uncounted: Math.max(0, stored.size - counted),
    doubled: Math.max(0, counted - stored.size),
    invented: [...stored].filter((record) => !known.has(record)).length,
    unreported: Math.max(0, shed.length - reported),
  };
}

/** Nothing that was promised is broken. */
export function isKept({ lost, uncounted, doubled, invented, unreported }: Verdict): boolean {
  return lost + uncounted + doubled + invented + unreported === 0;
}

/** Records of drones whose ids begin so that the loss ledger of these results calls lost for good. */
export function reportedShed(sqlitePath: string, name: string): number {
  using db = new DatabaseSync(sqlitePath, { readOnly: true, timeout: 5000 });
  const query =
    "SELECT sum(records) AS records FROM losses WHERE reason IN ('shed', 'expired', 'rejected', 'invalid') AND drone_id LIKE ?";
  return Number(db.prepare(query).get(`${name}-%`)?.records ?? 0);
}

/** What a journal folder holds of drones whose ids begin so. */
export function storedIn(journalPath: string, name: string): Set<string> {
  return new Set([...journalled(readOnlyDisk(journalPath))].filter((record) => record.startsWith(`${name}-`)));
}
