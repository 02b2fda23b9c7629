// Changes of alerts as the database has them, for whoever tells them to others: read only, by place.
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Change } from "./change.ts";

/** What couriers read. */
export interface Changes {
  /** The place of the newest there ever was; 0: there was none. */
  newestId: () => number;
  /** Of the oldest that there still is; null: there is none. */
  oldestId: () => number | null;
  /** Some of those behind a place, in order. */
  after: (id: number, limit: number) => Change[];
  /** Null: it is not kept any more. */
  one: (id: number) => Change | null;
}

const COLUMNS = "id, journal, alert_id, revision, at_us, body";

export function changesIn(db: DatabaseSync): Changes {
  const newest = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'alert_changes'");
  const oldest = db.prepare("SELECT min(id) AS id FROM alert_changes");
  const after = db.prepare(`SELECT ${COLUMNS} FROM alert_changes WHERE id > ? ORDER BY id LIMIT ?`);
  const one = db.prepare(`SELECT ${COLUMNS} FROM alert_changes WHERE id = ?`);
  return {
    newestId: () => Number(newest.get()?.seq ?? 0),
    oldestId: () => {
      const id = oldest.get()?.id ?? null;
      return id === null ? null : Number(id);
    },
    after: (id, limit) => after.all(id, limit).map(changeOf),
    one: (id) => {
      const row = one.get(id);
      return row ? changeOf(row) : null;
    },
  };
}

function changeOf(row: Record<string, SQLOutputValue>): Change {
  return {
    id: Number(row.id),
    journal: String(row.journal),
    alertId: Number(row.alert_id),
    revision: Number(row.revision),
    atUs: Number(row.at_us),
    alert: JSON.parse(String(row.body)),
  };
}
