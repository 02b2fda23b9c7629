// deno task audit verify: checks the audit records that SQLite keeps, one after the other, and against the journal. Reads
// only; a running aggregator is not disturbed.
import { DatabaseSync } from "node:sqlite";
import { optionsOf } from "../../platform/options.ts";
import type { Values } from "../../platform/kinds.ts";
import { loadDecompress } from "../batch/decompress.ts";
import { readOnlyDisk } from "../journal/disk.ts";
import { compareAudit, readJournalAudit } from "./journal.ts";
import { AUDIT } from "./options.ts";
import { type AuditRow, verifyTable } from "./table.ts";

/** What a running aggregator has journalled is in SQLite some 250 ms later. */
const WRITTEN_AFTER_MS = 1000;
const ROWS = "SELECT id, journal, seq, at_us, body, hash FROM audit ORDER BY journal, seq";

async function main({ sqlite, journal }: Values<typeof AUDIT.options>): Promise<number> {
  const known = journal === null ? null : readJournalAudit(readOnlyDisk(journal), await loadDecompress());
  if (known) await new Promise((resolve) => setTimeout(resolve, WRITTEN_AFTER_MS));
  using db = new DatabaseSync(sqlite, { readOnly: true });
  const chains = verifyTable(db.prepare(ROWS).iterate() as Iterable<unknown> as Iterable<AuditRow>);
  const faults = chains.map(({ fault }) => fault).filter((fault) => fault !== null);
  if (known && faults.length === 0) faults.push(...[compareAudit(known, chains)].filter((fault) => fault !== null));
  for (const { journal, seq, what } of faults) console.log(`record ${seq} of ${journal} ${what}`);
  if (faults.length > 0) return 1;
  for (const { journal, hashes } of chains) console.log(`${journal}: ${hashes.length} records, ${hashes.at(-1)}`);
  if (!known) console.error("without --journal nobody can tell whether records were removed from a chain's end");
  return 0;
}

try {
  Deno.exit(await main(optionsOf(AUDIT)));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message.startsWith("Cannot") ? error.message : `Cannot verify: ${error.message}`);
  Deno.exit(2);
}
