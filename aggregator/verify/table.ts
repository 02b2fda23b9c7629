// Whether the table of audit records is as it was written: one chain for each journal, each record at its place.
import { type AuditRecord, canonical, GENESIS, hashOf } from "../audit/record.ts";

/** A row of the table, as SQLite has it: somebody may have put anything into it. */
export interface AuditRow {
  id: unknown;
  journal: unknown;
  seq: unknown;
  at_us: unknown;
  body: unknown;
  hash: unknown;
}

/** What is wrong with a chain, and with which record. */
export interface Fault {
  journal: string;
  seq: number;
  what: string;
}

/** One chain, as far as it is right. */
export interface VerifiedChain {
  journal: string;
  /** Of the records in order, from the first one on. */
  hashes: string[];
  /** Null: it is right. */
  fault: Fault | null;
}

/** @param rows sorted by their journal and seq */
export function verifyTable(rows: Iterable<AuditRow>): VerifiedChain[] {
  const chains = new Map<string, VerifiedChain & { lastId: number }>();
  for (const row of rows) {
    const journal = `${row.journal}`;
    let chain = chains.get(journal);
    if (!chain) chains.set(journal, chain = { journal, hashes: [], fault: null, lastId: 0 });
    if (chain.fault) continue;
    const seq = chain.hashes.length + 1;
    const what = faultOf(row, { seq, previous: chain.hashes.at(-1) ?? GENESIS, lastId: chain.lastId });
    if (what !== null) chain.fault = { journal, seq, what };
    else {
      chain.hashes.push(`${row.hash}`);
      chain.lastId = Number(row.id);
    }
  }
  return Array.from(chains.values(), ({ journal, hashes, fault }) => ({ journal, hashes, fault }));
}

/** What is wrong with the row that stands where record `seq` should; null: nothing. */
function faultOf(
  { id, seq: stated, at_us: atUs, body, hash }: AuditRow,
  { seq, previous, lastId }: { seq: number; previous: string; lastId: number },
): string | null {
  if (Number.isInteger(stated) && Number(stated) > seq) return "was removed";
  const record = recordIn(body);
  if (record && Number.isInteger(record.seq) && record.seq !== seq) return "was reordered: another one stands there";
  const isItself = record && stated === seq && record.atUs === atUs && canonical(record) === body;
  if (!isItself || hashOf(body, previous) !== hash) return "was altered, or what was before it";
  return Number(id) > lastId ? null : "was reordered: it was written before the one before it";
}

function recordIn(body: unknown): AuditRecord | null {
  try {
    const value: unknown = JSON.parse(`${body}`);
    return typeof value === "object" && value !== null ? value as AuditRecord : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
