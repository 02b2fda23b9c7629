// All alerts of a run, however many: from the aggregator's own database, as its API tells the latest 1,000 only.
import { DatabaseSync } from "node:sqlite";
import type { AlertLine } from "./observer.ts";

/** Latest state of each, oldest first. */
export function alertsIn(sqlitePath: string): AlertLine[] {
  using db = new DatabaseSync(sqlitePath, { readOnly: true, timeout: 5000 });
  const rows = db.prepare("SELECT body FROM alerts ORDER BY alert_id").all();
  // The shape is the aggregator's word: see aggregator/outputs.ts.
  return rows.map(({ body }) => JSON.parse(String(body)) as AlertLine);
}
