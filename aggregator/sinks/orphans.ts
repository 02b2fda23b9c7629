// Alerts that the database has as open, and that no process can end any more: of the system itself before it was started again,
// and of a journal behind which another began. Whoever was told of them is told that they are over.
import type { DatabaseSync } from "node:sqlite";
import type { AlertEvent, Output } from "../outputs.ts";

/** An alert that was open when the database was opened. */
export interface OpenBefore {
  journalId: string;
  /** The entry that changed it last. */
  index: number;
  alert: AlertEvent;
}

export function openAlerts(db: DatabaseSync): OpenBefore[] {
  const rows = db.prepare(
    "SELECT journal, entry, body FROM alerts WHERE transition <> 'resolve' AND CASE WHEN json_valid(body) THEN json_extract(body, '$.alertId') END = alert_id",
  ).all();
  return rows.map(({ journal, entry, body }) => {
    return { journalId: String(journal), index: Number(entry), alert: JSON.parse(String(body)) };
  });
}

/** Its end, the same whenever it is said again. */
export function endOf({ alert }: OpenBefore, { atUs }: { atUs: number }): Output {
  const { revision } = alert;
  const end = { transition: "resolve", changedTimeUs: atUs, revision: revision + 1, path: null } as const;
  return { type: "alert", alert: { ...alert, ...end } };
}
