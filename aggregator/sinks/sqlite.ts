// Keeps windows, alerts, drones, losses and late records in SQLite.
// Guarantee: at least once, idempotent: a result waits in memory for up to a flush, and recovery delivers it again. When
// the database is locked or full, rows wait; when the queue is full, they are dropped and counted: a slow disk never
// stalls the pipeline.
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { DeliveryPlace, Output } from "../outputs.ts";
import type { DroneView } from "../views.ts";
import { droneRow, outputRow } from "./rows.ts";
import { MIGRATIONS, type Row, SCHEMA, type TableName, WRITES } from "./schema.ts";
import type { Sink } from "./sink.ts";

/** Where the database is, and its limits. */
export interface SqliteSinkSettings {
  /** ":memory:" keeps the database in memory. Its folder must exist. */
  path: string;
  queueRowsMax: number;
  /** Resolves when the disk has a file and its name. */
  sync?: (path: string) => Promise<void>;
}

/** Rows by fate since the start. */
export interface SqliteSinkView {
  queuedRows: number;
  writtenRows: number;
  droppedRows: number;
  /** Flushes that failed; their rows wait for the next, or were dropped and counted when no flush could write them. */
  failures: number;
}

/** The path of a database that no disk has. */
const MEMORY = ":memory:";
/** A flush does a checkpoint itself, for tens of milliseconds, if the history's thread does none: 64 MiB. */
const CHECKPOINT_PAGES = 16_384;
/** Of one transaction, which holds up everything else for 10 to 20 µs a row. */
const FLUSH_ROWS_MAX = 100;

/** What SQLite says when another try may succeed; its codes do not reach us. */
const PASSING = /locked|busy|full|I\/O error|unable to open|readonly/i;

/** Queues rows and writes them in transactions. */
export class SqliteSink implements Sink {
  readonly guarantee = "at least once, keyed; rows that find the queue full are dropped and counted";
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
    this.db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 20; PRAGMA secure_delete = ON;
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};`,
    );
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

  deliver(outputs: readonly Output[], place: DeliveryPlace): void {
    for (const [ordinal, output] of outputs.entries()) {
      const row = outputRow(output, { ...place, ordinal });
      if (row) this.take(...row);
    }
  }

  /** Keeps the drones that were heard of after `sinceUs`. */
  keepDrones(drones: Iterable<DroneView>, sinceUs: number): void {
    for (const drone of drones) if (drone.lastIngestionTimeUs > sinceUs) this.take("drones", droneRow(drone));
  }

  /**
   * Queues a row; false when the queue is full and the row was dropped. An audit record never is: people make few. Changes of
   * alerts, which somebody is still to be told, have as much room again.
   */
  take(table: TableName, row: Row): boolean {
    const rowsMax = this.#settings.queueRowsMax * (table === "alert_changes" ? 2 : 1);
    if (this.#queue.length >= rowsMax && table !== "audit") {
      this.#droppedRows++;
      return false;
    }
    this.#queue.push([table, row]);
    return true;
  }

  /** Writes some of the queued rows, in one transaction. */
  flush(): void {
    if (this.#queue.length === 0) return;
    const rows = this.#queue.length <= FLUSH_ROWS_MAX ? this.#queue : this.#queue.slice(0, FLUSH_ROWS_MAX);
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

  /** Writes what is queued by now, `rowsMax` at most, with a pause between two transactions. Rejects when it cannot. */
  async flushInTurns({ rowsMax, pause }: { rowsMax: number; pause: () => Promise<void> }): Promise<void> {
    for (let left = Math.min(this.#queue.length, rowsMax); left > 0; left -= FLUSH_ROWS_MAX) {
      this.flush();
      await pause();
    }
  }

  /** Writes everything queued; throws when it cannot. */
  drain(): void {
    while (this.#queue.length > 0) this.flush();
  }

  /** Writes everything that is queued by now, and resolves when the disk has it. Rejects when it cannot: then nothing queued is lost. */
  async flushDurably({ pause }: { pause: () => Promise<void> }): Promise<void> {
    await this.flushInTurns({ rowsMax: Infinity, pause });
    // Not by a checkpoint of SQLite's, which a reader of the database can keep from doing anything, and which nobody can wait for.
    const { path, sync = syncFile } = this.#settings;
    if (path !== MEMORY) await sync(`${path}-wal`);
  }

  /** Writes everything queued and closes the database. */
  close(): void {
    try {
      this.drain();
    } finally {
      this.db.close();
    }
  }
}

async function syncFile(path: string): Promise<void> {
  for (const name of [path, dirname(path)]) {
    using file = await Deno.open(name);
    await file.sync();
  }
}
