// Erases a drone from the database: its rows go, what another drone is concerned in as well, or counts a fleet, stays under a
// name. SQLite leaves nothing of it in free pages or in its log.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { AlertEvent, Erased, SlidingWindow } from "../outputs.ts";
import { columnsOf, objectOf, renamedIn, rowsNaming, tablesOf } from "./naming.ts";

/** In one transaction: nobody else writes meanwhile. */
const ROWS_MAX = 250;

interface Change {
  sql: string;
  values: SQLInputValue[];
}

/** @throws {Error} when it cannot do all of it; it may be done again */
export function eraseRows(db: DatabaseSync, erased: Erased): void {
  db.exec("PRAGMA secure_delete = ON");
  for (const table of tablesOf(db)) {
    const changes = Array.from(changesOf(db, table, erased));
    for (let from = 0; from < changes.length; from += ROWS_MAX) change(db, changes.slice(from, from + ROWS_MAX));
  }
}

/** Has the file hold nothing but its rows. @throws {Error} when others keep it from that */
export function scrub(db: DatabaseSync): void {
  db.exec("VACUUM");
  const busy = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy;
  if (busy) throw new Error("Cannot empty the database's log: somebody reads it");
}

function* changesOf(db: DatabaseSync, table: string, { droneIds, name }: Erased): Generator<Change> {
  const columns = columnsOf(db, table);
  for (const { rowid, row } of rowsNaming(db, table, droneIds)) {
    const gone = { sql: `DELETE FROM "${table}" WHERE rowid = ?`, values: [rowid] };
    if (columns.includes("drone_id")) {
      if (droneIds.includes(String(row.drone_id))) yield gone;
    } else if (table === "alerts" || table === "alert_changes") {
      const alert = objectOf(row.body ?? null) as AlertEvent;
      const left = alert.droneIds.filter((droneId) => !droneIds.includes(droneId));
      const body = left.length === 0 ? null : JSON.stringify(alertWithout(alert, { droneIds, name }));
      yield body === null ? gone : { sql: `UPDATE ${table} SET body = ? WHERE rowid = ?`, values: [body, rowid] };
    } else if (table === "windows") {
      // A fleet or zone may be called as the drone is.
      const { drift } = objectOf(row.body ?? null) as SlidingWindow;
      if (!droneIds.includes(drift?.worstDroneId ?? "")) continue;
      const worst = "'$.drift.worstDroneId'";
      yield { sql: `UPDATE windows SET body = json_replace(body, ${worst}, ?) WHERE rowid = ?`, values: [name, rowid] };
    } else if (table === "quarantine") {
      const error = renamedIn(String(row.error), droneIds, () => name);
      yield { sql: "UPDATE quarantine SET error = ? WHERE rowid = ?", values: [error, rowid] };
    }
  }
}

/** What the others of an alert are still concerned in. */
function alertWithout(alert: AlertEvent, { droneIds, name }: Erased): AlertEvent {
  const renamed = (droneId: string) => droneIds.includes(droneId) ? name : droneId;
  const said = (text: string) => renamedIn(text, alert.droneIds, renamed);
  const { conflict, path } = alert;
  return {
    ...alert,
    droneIds: alert.droneIds.map(renamed),
    message: said(alert.message),
    path: path && { ...path, droneId: renamed(path.droneId) },
    conflict: conflict && {
      ...conflict,
      assumed: conflict.assumed.map(said),
      // Alerts of releases before do not have them.
      partners: conflict.partners?.filter(({ id }) => !droneIds.includes(id)),
    },
  };
}

function change(db: DatabaseSync, changes: readonly Change[]): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const { sql, values } of changes) db.prepare(sql).run(...values);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
