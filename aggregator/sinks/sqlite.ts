// Keeps windows, alerts, drones, losses and late records in SQLite.
// Guarantee: at least once, idempotent: a result waits in memory for up to a flush, and recovery delivers it again. When
// the database is locked or full, rows wait; when the queue is full, they are dropped and counted: a slow disk never
// stalls the pipeline.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { AGE_COLUMNS, MIGRATIONS, type Row, SCHEMA, type TableName, WRITES } from "./schema.ts";

/** Where the database is, and its limits. */
export interface SqliteSinkSettings {
  /** ":memory:" keeps the database in memory. Its folder must exist. */
  path: string;
  queueRowsMax: number;
  retentionUs: number;
  retentionRowsMax: number;
}

/** Rows by fate since the start. */
export interface SqliteSinkView {
  queuedRows: number;
  writtenRows: number;
  droppedRows: number;
  /** Flushes that failed; their rows wait for the next, or were dropped and counted when no flush could write them. */
  failures: number;
}

/** A flush blocks the thread for about 10 µs a row. */
const FLUSH_ROWS_MAX = 500;
const EXPIRE_ROWS_MAX = 10_000;

/** What SQLite says when another try may succeed; its codes do not reach us. */
const PASSING = /locked|busy|full|I\/O error|unable to open|readonly/i;

/** Queues rows and writes them in transactions. */
export class SqliteSink {
  readonly db: DatabaseSync;
  readonly #settings: SqliteSinkSettings;
  readonly #writes: Record<TableName, StatementSync>;
  #queue: [TableName, Row][] = [];
  #writtenRows = 0;
  #droppedRows = 0;
  #failures = 0;

  constructor(settings: SqliteSinkSettings) {
    this.#settings = settings;
    this.db = new DatabaseSync(settings.path);
    this.db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 20;");
    for (const { table, lacks, sql } of MIGRATIONS) {
      const columns = this.db.prepare("SELECT name FROM pragma_table_info(?)").all(table).map(({ name }) => name);
      if (columns.length > 0 && !columns.includes(lacks)) this.db.exec(sql);
    }
    this.db.exec(SCHEMA);
    const writes = Object.entries(WRITES).map(([table, sql]) => [table, this.db.prepare(sql)]);
    this.#writes = Object.fromEntries(writes);
  }

  get view(): SqliteSinkView {
    const [writtenRows, droppedRows, failures] = [this.#writtenRows, this.#droppedRows, this.#failures];
    return { queuedRows: this.#queue.length, writtenRows, droppedRows, failures };
  }

  /** Queues a row; false when the queue is full and the row was dropped. */
  take(table: TableName, row: Row): boolean {
    if (this.#queue.length >= this.#settings.queueRowsMax) {
      this.#droppedRows++;
      return false;
    }
    this.#queue.push([table, row]);
    return true;
  }

  /** Writes at most `rowsMax` queued rows in one transaction. */
  flush(rowsMax = FLUSH_ROWS_MAX): void {
    if (this.#queue.length === 0) return;
    const rows = this.#queue.length <= rowsMax ? this.#queue : this.#queue.slice(0, rowsMax);
    this.#queue = this.#queue.slice(rows.length);
    try {
      this.db.exec("BEGIN IMMEDIATE");
      for (const [table, row] of rows) this.#writes[table].run(...row);
      this.db.exec("COMMIT");
      this.#writtenRows += rows.length;
    } catch (error) {
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
      this.#failures++;
      const passing = error instanceof Error && PASSING.test(error.message);
      if (passing) this.#queue = rows.concat(this.#queue);
      else this.#droppedRows += rows.length;
      const outcome = passing ? "they wait" : "dropped";
      throw new Error(`Cannot write ${rows.length} rows to ${this.#settings.path}: ${outcome}`, { cause: error });
    }
  }

  /** Deletes rows beyond the retention, a bounded number of them. */
  expire(nowUs: number): void {
    for (const [table, column] of Object.entries(AGE_COLUMNS)) {
      const newest = `SELECT ${column} FROM ${table} ORDER BY ${column} DESC LIMIT 1 OFFSET ?`;
      const limit = this.db.prepare(newest).get(this.#settings.retentionRowsMax);
      const byRows = Number(limit?.[column] ?? -1);
      const oldestUs = Math.max(nowUs - this.#settings.retentionUs, byRows + 1);
      const expired = `SELECT rowid FROM ${table} WHERE ${column} < ? ORDER BY ${column} LIMIT ${EXPIRE_ROWS_MAX}`;
      this.db.prepare(`DELETE FROM ${table} WHERE rowid IN (${expired})`).run(oldestUs);
    }
  }

  /** Writes everything queued, and has the disk keep it. Throws when it cannot: then nothing queued is lost. */
  flushDurably(): void {
    while (this.#queue.length > 0) this.flush(FLUSH_ROWS_MAX);
    this.db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  }

  /** Writes everything queued and closes the database. */
  close(): void {
    try {
      this.flush(Infinity);
    } finally {
      this.db.close();
    }
  }
}
