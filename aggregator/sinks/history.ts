// Questions to what the SQLite sink has written. Rows still in its queue are not seen.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { AlertEvent, SlidingWindow, TumblingWindow } from "../pipeline/outputs.ts";
import type { DeliveryReport } from "../warnings/delivery_report.ts";
import type { DroneView } from "../pipeline/views.ts";

/** Which windows are asked for. */
export interface WindowQuery {
  kind: "tumbling" | "sliding";
  fleet?: string;
  zone?: string;
  /** Unix µs of a window's start: from inclusive, to exclusive. */
  fromUs?: number;
  toUs?: number;
  limit: number;
}

/** One row of the loss ledger. */
export interface LossView {
  edgeId: string;
  session: string;
  timeUs: number;
  droneId: string;
  bootId: number;
  firstSeq: number;
  lastSeq: number;
  lane: string;
  reason: string;
  records: number;
}

/** One entry of the journal that made the pipeline throw; of a batch also whose. */
export interface QuarantinedView {
  entry: number;
  atUs: number;
  what: string;
  edgeId: string;
  batchId: string;
  records: number;
  error: string;
}

/** Reads what the SQLite sink wrote. */
export class History {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Latest revision of each window, newest first. */
  windows({ kind, fleet, zone, fromUs, toUs, limit }: WindowQuery): (TumblingWindow | SlidingWindow)[] {
    const conditions: [string, SQLInputValue | undefined][] = [
      ["kind = ?", kind],
      ["fleet = ?", fleet],
      ["zone = ?", zone],
      ["start_us >= ?", fromUs],
      ["start_us < ?", toUs],
    ];
    const given = conditions.filter((condition): condition is [string, SQLInputValue] => condition[1] !== undefined);
    const where = given.map(([sql]) => sql).join(" AND ");
    return this.#bodies(
      `SELECT body FROM windows WHERE ${where} ORDER BY start_us DESC, fleet, zone LIMIT ?`,
      [...given.map(([, value]) => value), limit],
    );
  }

  /** Latest state of each alert of every run, newest change first. */
  alerts(limit: number): AlertEvent[] {
    return this.#bodies("SELECT body FROM alerts ORDER BY changed_us DESC, alert_id DESC LIMIT ?", [limit]);
  }

  /** What became of warnings, the latest first; of one alert if that is given. */
  deliveries({ alertId, limit }: { alertId?: number; limit: number }): DeliveryReport[] {
    if (alertId === undefined) return this.#bodies("SELECT body FROM deliveries ORDER BY at_us DESC LIMIT ?", [limit]);
    return this.#bodies("SELECT body FROM deliveries WHERE alert_id = ? ORDER BY at_us DESC LIMIT ?", [alertId, limit]);
  }

  /** The drone as last written; undefined when never seen. */
  drone(droneId: string): DroneView | undefined {
    return this.#bodies<DroneView>("SELECT body FROM drones WHERE drone_id = ?", [droneId])[0];
  }

  /** Newest first. */
  losses(limit: number): LossView[] {
    const rows = this.#db.prepare("SELECT * FROM losses ORDER BY time_us DESC, rowid DESC LIMIT ?").all(limit);
    return rows.map((row) => ({
      edgeId: String(row.edge_id),
      session: String(row.session),
      timeUs: Number(row.time_us),
      droneId: String(row.drone_id),
      bootId: Number(row.boot_id),
      firstSeq: Number(row.first_seq),
      lastSeq: Number(row.last_seq),
      lane: String(row.lane),
      reason: String(row.reason),
      records: Number(row.records),
    }));
  }

  /** Entries that made the pipeline throw, newest first. */
  quarantined(limit: number): QuarantinedView[] {
    const rows = this.#db.prepare("SELECT * FROM quarantine ORDER BY at_us DESC, entry DESC LIMIT ?").all(limit);
    return rows.map((row) => ({
      entry: Number(row.entry),
      atUs: Number(row.at_us),
      what: String(row.what),
      edgeId: String(row.edge_id),
      batchId: String(row.batch_id),
      records: Number(row.records),
      error: String(row.error),
    }));
  }

  // `body` holds what this process wrote: its type is the caller's word.
  #bodies<T>(sql: string, values: SQLInputValue[]): T[] {
    return this.#db.prepare(sql).all(...values).map(({ body }) => JSON.parse(String(body)) as T);
  }
}
