// Deletes what is older than the retention, or beyond its number of rows: a few rows at a time, since each deletion holds up
// everything else.
import type { DatabaseSync } from "node:sqlite";
import type { Ask } from "./history.ts";
import { AGE_COLUMNS, type AgingTable } from "./schema.ts";

/** How much of each table stays. */
export interface RetentionSettings {
  retentionUs: number;
  retentionRowsMax: number;
  /** Rows that name a drone go after this, if that is sooner; windows stay, and name none any more. */
  keptUs: number;
}

/** Of one table, which takes some 3 ms. */
const STEP_ROWS_MAX = 250;

const TABLES = Object.keys(AGE_COLUMNS) as AgingTable[];

/** Expires the sink's rows. */
export class Retention {
  readonly #settings: RetentionSettings;
  readonly #db: DatabaseSync;
  readonly #ask: Ask;
  /** Of each table, the age of the newest row that is beyond the number. */
  readonly #beyondUs = new Map<AgingTable, number>();
  /** Windows that begin before this name no drone any more. */
  #namelessUs = 0;
  #turn = 0;
  #failed = false;

  constructor(settings: RetentionSettings, { db, ask }: { db: DatabaseSync; ask: Ask }) {
    this.#settings = settings;
    this.#db = db;
    this.#ask = ask;
  }

  /** Once a minute: finds out which rows are beyond the number. It counts a table's rows, so it is asked of the history's thread. */
  async measure(): Promise<void> {
    this.#failed = false;
    for (const table of TABLES) {
      const answer = await this.#ask({ what: "age", table, newerRows: this.#settings.retentionRowsMax });
      if (!("json" in answer)) continue;
      const ageUs: unknown = JSON.parse(new TextDecoder().decode(answer.json));
      if (typeof ageUs === "number") this.#beyondUs.set(table, ageUs);
    }
  }

  /**
   * Some times a second: deletes some rows of the next table that has any to delete. After it threw, as it does while the database is
   * locked, it does nothing until the next `measure`.
   * @returns how many
   */
  expireSome(nowUs: number): number {
    if (this.#failed) return 0;
    this.#failed = true;
    let deleted = 0;
    for (let tried = 0; tried < TABLES.length && deleted === 0; tried++) {
      deleted = this.#expire(TABLES[this.#turn++ % TABLES.length]!, nowUs);
    }
    if (deleted === 0) this.#unname(nowUs);
    this.#failed = false;
    return deleted;
  }

  #expire(table: AgingTable, nowUs: number): number {
    const column = AGE_COLUMNS[table];
    const { retentionUs, keptUs } = this.#settings;
    const ageUs = table === "windows" ? retentionUs : Math.min(retentionUs, keptUs);
    const oldestUs = Math.max(nowUs - ageUs, (this.#beyondUs.get(table) ?? -1) + 1);
    const expired = `SELECT rowid FROM ${table} WHERE ${column} < ? ORDER BY ${column} LIMIT ${STEP_ROWS_MAX}`;
    return Number(this.#db.prepare(`DELETE FROM ${table} WHERE rowid IN (${expired})`).run(oldestUs).changes);
  }

  // Of the windows that are too old to name whose sensor drifted most, the next ones. Begins anew with each process.
  #unname(nowUs: number): void {
    const beforeUs = nowUs - this.#settings.keptUs;
    const next = `SELECT max(start_us) AS lastUs FROM (SELECT start_us FROM windows WHERE start_us >= ? AND start_us < ?
      ORDER BY start_us LIMIT ${STEP_ROWS_MAX})`;
    const lastUs = this.#db.prepare(next).get(this.#namelessUs, beforeUs)?.lastUs;
    if (typeof lastUs !== "number") return;
    const worst = "'$.drift.worstDroneId'";
    this.#db.prepare(`UPDATE windows SET body = json_set(body, ${worst}, '') WHERE start_us >= ? AND start_us <= ?
      AND json_extract(body, ${worst}) <> ''`).run(this.#namelessUs, lastUs);
    this.#namelessUs = lastUs + 1;
  }
}
