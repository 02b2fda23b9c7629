// Erases a drone from the database: its rows go, what another drone is concerned in as well, or counts a fleet, stays under a
// name. SQLite leaves nothing of it in free pages or in its log.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { AlertEvent, Erased, SlidingWindow } from "../outputs.ts";
import { alertWithout, windowWithout } from "./forgetting/forgetting.ts";
import { columnsOf, objectOf, renamedIn, rowsNaming, tablesOf } from "./forgetting/naming.ts";

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
      const left = alertWithout(objectOf(row.body ?? null) as AlertEvent, { droneIds, name });
      const values = [JSON.stringify(left), rowid];
      yield left === null ? gone : { sql: `UPDATE ${table} SET body = ? WHERE rowid = ?`, values };
    } else if (table === "windows") {
      const window = objectOf(row.body ?? null) as SlidingWindow;
      const left = windowWithout(window, { droneIds, name });
      const values = [JSON.stringify(left), rowid];
      if (left !== window) yield { sql: "UPDATE windows SET body = ? WHERE rowid = ?", values };
    } else if (table === "quarantine") {
      const error = renamedIn(String(row.error), droneIds, () => name);
      yield { sql: "UPDATE quarantine SET error = ? WHERE rowid = ?", values: [error, rowid] };
    }
  }
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
