// What a database has of alerts from before this process: by it a journal that is read again is held to the numbers that were
// told already.
import type { DatabaseSync } from "node:sqlite";
import type { AlertEvent, AlertKindName } from "../outputs.ts";

/** The latest of an alert. */
export interface ToldAlert {
  kind: AlertKindName;
  droneIds: string[];
  /** The journal's entry that changed it last. */
  entry: number;
}

export interface ToldAlerts {
  alert: (journalId: string, alertId: number) => ToldAlert | null;
  /** Of that journal, or of all there were; 0: none was. */
  highestId: (journalId?: string) => number;
}

export function toldAlerts(db: DatabaseSync): ToldAlerts {
  const one = db.prepare("SELECT kind, body, entry FROM alerts WHERE journal = ? AND alert_id = ?");
  const highest = db.prepare("SELECT max(alert_id) AS id FROM alerts WHERE journal = ?");
  // What is told of the system itself has numbers of its own.
  const highestOfAll = db.prepare("SELECT max(alert_id) AS id FROM alerts WHERE journal != 'operations'");
  return {
    alert: (journalId, alertId) => {
      const row = one.get(journalId, alertId);
      if (!row) return null;
      const { droneIds } = JSON.parse(String(row.body)) as AlertEvent;
      return { kind: row.kind as AlertKindName, droneIds, entry: Number(row.entry) };
    },
    highestId: (journalId) => Number((journalId === undefined ? highestOfAll.get() : highest.get(journalId))?.id ?? 0),
  };
}
