// deno task export: everything that is kept of a drone, as JSON lines. Reads only; a running aggregator is not disturbed.
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { text } from "../../../platform/kinds.ts";
import { optionsOf } from "../../../platform/options.ts";
import { loadDecompress } from "../../batch/decompress.ts";
import { readOnlyDisk } from "../../journal/disk.ts";
import { objectOf, rowsNaming, tablesOf } from "../../sinks/forgetting/naming.ts";
import { journalledOf } from "../journalled.ts";
import { configOf, DRONE, needsDrone, PLACES, run } from "../places.ts";

const options = optionsOf({
  name: "deno task export",
  about: "Writes all that is kept of a drone, an object of JSON a line; a running aggregator is not disturbed.",
  options: {
    drone: DRONE,
    out: text({
      fallback: null,
      shown: "prints it",
      placeholder: "FILE",
      about: "writes it there, for its owner alone",
    }),
    ...PLACES,
  },
  rules: needsDrone,
});

const encoder = new TextEncoder();

await run(async () => {
  const { drone, out } = options;
  const { sqlitePath, journalPath } = configOf(Deno.env.toObject(), options);
  using file = out === null ? null : Deno.openSync(out, { create: true, write: true, truncate: true, mode: 0o600 });
  const to = file ?? Deno.stdout;
  const counts = new Map<string, number>();
  const write = (where: string, what: Record<string, unknown>) => {
    const bytes = encoder.encode(`${JSON.stringify({ where, ...what })}\n`);
    for (let written = 0; written < bytes.length;) written += to.writeSync(bytes.subarray(written));
    counts.set(where, (counts.get(where) ?? 0) + 1);
  };
  if (sqlitePath !== ":memory:") {
    using db = new DatabaseSync(sqlitePath, { readOnly: true });
    const doubles = [2, 3, 4, 5, 6, 7].map((number) => `${drone}~${number}`);
    for (const table of tablesOf(db)) {
      for (const { row } of rowsNaming(db, table, [drone ?? "", ...doubles])) write(table, opened(row));
    }
  }
  if (journalPath !== ":memory:") {
    const parts = { disk: readOnlyDisk(journalPath), decompress: await loadDecompress() };
    for (const journalled of journalledOf(drone ?? "", parts)) write("journal", journalled);
  }
  const summary = Array.from(counts, ([where, count]) => `${count} of ${where}`).join(", ");
  console.error(`${out ?? "exported"}: ${summary || "nothing is kept of it"}`);
});

/** With what is JSON in it as objects. */
function opened(row: Record<string, SQLOutputValue>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, objectOf(value) ?? value]));
}
