// The tables of the SQLite sink, with an index in the order of each question (history.ts), and the one statement that writes
// each: keyed so that writing a row again, or an older state of it after a newer one, changes nothing.

/** Tables of the sink. */
export type TableName =
  | "windows"
  | "alerts"
  | "alert_changes"
  | "webhooks"
  | "dead_letters"
  | "deliveries"
  | "drones"
  | "losses"
  | "late"
  | "quarantine"
  | "audit";
/** Tables whose rows grow old: no audit record does, and how far a webhook was told holds until it is told more. */
export type AgingTable = Exclude<TableName, "audit" | "webhooks">;
/** Values in the order of the table's columns. */
export type Row = (string | number | null)[];

/** Creates the tables where they are missing. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS windows (
  kind TEXT NOT NULL, fleet TEXT NOT NULL, zone TEXT NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL,
  revision INTEGER NOT NULL, final INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (kind, fleet, zone, start_us));
CREATE INDEX IF NOT EXISTS windows_by_time ON windows (start_us);
CREATE INDEX IF NOT EXISTS windows_by_kind ON windows (kind, start_us DESC, fleet, zone);
CREATE INDEX IF NOT EXISTS windows_by_fleet ON windows (kind, fleet, start_us DESC, zone);
CREATE INDEX IF NOT EXISTS windows_by_zone ON windows (kind, zone, start_us DESC, fleet);
CREATE TABLE IF NOT EXISTS alerts (
  journal TEXT NOT NULL, alert_id INTEGER NOT NULL, kind TEXT NOT NULL, transition TEXT NOT NULL,
  changed_us INTEGER NOT NULL, written_us INTEGER NOT NULL, body TEXT NOT NULL, entry INTEGER NOT NULL,
  PRIMARY KEY (journal, alert_id));
CREATE INDEX IF NOT EXISTS alerts_by_change ON alerts (changed_us, alert_id);
CREATE INDEX IF NOT EXISTS alerts_open ON alerts (journal, alert_id) WHERE transition <> 'resolve';
DROP INDEX IF EXISTS alerts_by_time;
CREATE TABLE IF NOT EXISTS alert_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, journal TEXT NOT NULL, alert_id INTEGER NOT NULL, revision INTEGER NOT NULL,
  at_us INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (journal, alert_id, revision));
CREATE INDEX IF NOT EXISTS alert_changes_by_time ON alert_changes (at_us);
CREATE TABLE IF NOT EXISTS webhooks (name TEXT PRIMARY KEY, seen_id INTEGER NOT NULL, open_ids TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dead_letters (
  webhook TEXT NOT NULL, change_id INTEGER NOT NULL, at_us INTEGER NOT NULL, changes INTEGER NOT NULL,
  reason TEXT NOT NULL, change_key TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (webhook, change_id));
CREATE INDEX IF NOT EXISTS dead_letters_by_time ON dead_letters (at_us);
CREATE TABLE IF NOT EXISTS deliveries (
  journal TEXT NOT NULL, alert_id INTEGER NOT NULL, revision INTEGER NOT NULL, drone_id TEXT NOT NULL,
  at_us INTEGER NOT NULL, outcome TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (journal, alert_id, revision, drone_id, at_us));
CREATE INDEX IF NOT EXISTS deliveries_by_time ON deliveries (at_us);
CREATE INDEX IF NOT EXISTS deliveries_by_alert ON deliveries (alert_id, at_us);
CREATE TABLE IF NOT EXISTS drones (
  drone_id TEXT PRIMARY KEY, fleet TEXT NOT NULL, zone TEXT NOT NULL, seen_us INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS drones_by_time ON drones (seen_us);
CREATE TABLE IF NOT EXISTS losses (
  edge_id TEXT NOT NULL, session TEXT NOT NULL, time_us INTEGER NOT NULL, drone_id TEXT NOT NULL,
  boot_id INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, lane TEXT NOT NULL,
  reason TEXT NOT NULL, records INTEGER NOT NULL,
  PRIMARY KEY (edge_id, session, time_us, drone_id, boot_id, first_seq, last_seq, lane, reason));
CREATE INDEX IF NOT EXISTS losses_by_time ON losses (time_us);
CREATE TABLE IF NOT EXISTS late (
  journal TEXT NOT NULL, entry INTEGER NOT NULL, ordinal INTEGER NOT NULL, at_us INTEGER NOT NULL,
  edge_id TEXT NOT NULL, drone_id TEXT NOT NULL, records INTEGER NOT NULL, first_event_us INTEGER NOT NULL,
  last_event_us INTEGER NOT NULL,
  PRIMARY KEY (journal, entry, ordinal));
CREATE INDEX IF NOT EXISTS late_by_time ON late (at_us);
CREATE TABLE IF NOT EXISTS quarantine (
  journal TEXT NOT NULL, entry INTEGER NOT NULL, ordinal INTEGER NOT NULL, at_us INTEGER NOT NULL,
  what TEXT NOT NULL, edge_id TEXT NOT NULL, batch_id TEXT NOT NULL, records INTEGER NOT NULL, error TEXT NOT NULL,
  PRIMARY KEY (journal, entry, ordinal));
CREATE INDEX IF NOT EXISTS quarantine_by_entry ON quarantine (at_us, entry);
DROP INDEX IF EXISTS quarantine_by_time;
CREATE TABLE IF NOT EXISTS audit (
  id INTEGER PRIMARY KEY, journal TEXT NOT NULL, seq INTEGER NOT NULL, at_us INTEGER NOT NULL, body TEXT NOT NULL,
  hash TEXT NOT NULL, UNIQUE (journal, seq));
`;

/**
 * Names what tables of an earlier version lack, and how they get it: one whose rows cannot be told apart any more is kept
 * under another name.
 */
export const MIGRATIONS: { table: TableName; lacks: string; sql: string }[] = [
  { table: "alerts", lacks: "entry", sql: "ALTER TABLE alerts ADD COLUMN entry INTEGER NOT NULL DEFAULT 0" },
  {
    table: "late",
    lacks: "entry",
    sql: "DROP INDEX IF EXISTS late_by_time; ALTER TABLE late RENAME TO late_before_entries",
  },
];

/** The statement that writes a row of each table. */
export const WRITES: Record<TableName, string> = {
  windows: `INSERT INTO windows VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET end_us = excluded.end_us, revision = excluded.revision, final = excluded.final,
      body = excluded.body
    WHERE (excluded.revision, excluded.final) > (windows.revision, windows.final)`,
  // By the journal's entries: two transitions can have the same event time, and the host's clock may be set back.
  alerts: `INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET kind = excluded.kind, transition = excluded.transition, changed_us = excluded.changed_us,
      written_us = excluded.written_us, body = excluded.body, entry = excluded.entry
    WHERE excluded.entry >= alerts.entry`,
  // A place that is given is a row: who reads by places knows by a gap that some are gone.
  alert_changes: `INSERT INTO alert_changes SELECT NULL, ?1, ?2, ?3, ?4, ?5
    WHERE NOT EXISTS (SELECT 1 FROM alert_changes WHERE journal = ?1 AND alert_id = ?2 AND revision = ?3)`,
  webhooks: `INSERT INTO webhooks VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET seen_id = excluded.seen_id, open_ids = excluded.open_ids`,
  dead_letters: `INSERT OR IGNORE INTO dead_letters VALUES (?, ?, ?, ?, ?, ?, ?)`,
  deliveries: `INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?)`,
  drones: `INSERT INTO drones VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET fleet = excluded.fleet, zone = excluded.zone, seen_us = excluded.seen_us,
      body = excluded.body
    WHERE excluded.seen_us >= drones.seen_us`,
  losses: `INSERT OR IGNORE INTO losses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  late: `INSERT OR IGNORE INTO late VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  quarantine: `INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  audit: `INSERT OR IGNORE INTO audit VALUES (NULL, ?, ?, ?, ?, ?)`,
};

/** The column by which rows grow old. */
export const AGE_COLUMNS: Record<AgingTable, string> = {
  windows: "start_us",
  alerts: "changed_us",
  alert_changes: "at_us",
  dead_letters: "at_us",
  deliveries: "at_us",
  drones: "seen_us",
  losses: "time_us",
  late: "at_us",
  quarantine: "at_us",
};
