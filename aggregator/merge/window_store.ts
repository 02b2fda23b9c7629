// Windows of all regions in a database of their own, and who answers questions to it.
import type { Platform } from "../../platform/system.ts";
import { type Ask, askHere } from "../sinks/history.ts";
import { HistoryThread } from "../sinks/history_thread.ts";
import { Retention } from "../sinks/retention.ts";
import { SqliteSink, type SqliteSinkView } from "../sinks/sqlite.ts";
import type { MergerConfig } from "./config.ts";
import type { GlobalOutput } from "./global_window.ts";

export interface WindowStore {
  askHistory: Ask;
  /** Resolves once they are written, or the disk does not take them: what is published says that they are. */
  keep: (outputs: readonly GlobalOutput[]) => Promise<void>;
  readonly view: SqliteSinkView;
  /** Begins to write, and to delete what is old. @returns what ends it */
  keepUp: (every: Platform["every"]) => () => void;
  /** Writes what waits, and closes the database. */
  close: () => Promise<void>;
}

const FLUSH_INTERVAL_MS = 250;
const EXPIRE_INTERVAL_MS = 100;
const MEASURE_INTERVAL_MS = 60_000;
const CHECKPOINT_INTERVAL_MS = 10_000;
const FLUSH_ROWS_MAX = 5000;
const SLICE_ROWS_MAX = 1000;
/** Windows are of no journal, and are keyed by what they are of. */
const NO_PLACE = { journalId: "", index: 0, atUs: 0 };

/** @throws {Error} when the database cannot be opened */
export function openWindowStore(
  config: Pick<MergerConfig, "sqlitePath" | "sqliteQueueRowsMax" | "keptUs" | "retentionUs" | "retentionRowsMax">,
  { after, log, now }: Pick<Platform, "after" | "log" | "now">,
): WindowStore {
  const { sqlitePath: path, sqliteQueueRowsMax: queueRowsMax } = config;
  const sqlite = new SqliteSink({ path, queueRowsMax });
  // What is in memory only, only its own thread can read.
  const thread = path === ":memory:" ? null : new HistoryThread({ path, after, log });
  const askHistory: Ask = thread ? (question) => thread.ask(question) : askHere(sqlite.db);
  const retention = new Retention(config, { db: sqlite.db, ask: askHistory });
  const pause = () => new Promise<void>((resolve) => void after(0, resolve));
  const attempted = (what: string, fn: () => void | Promise<unknown>) => async () => {
    try {
      await fn();
    } catch (error) {
      log("warn", `Cannot ${what}: ${error instanceof Error ? error.message : error}`);
    }
  };
  const flushAll = attempted("write windows", () => sqlite.flushInTurns({ rowsMax: queueRowsMax, pause }));
  return {
    askHistory,
    keep: async (outputs) => {
      const sliceRows = Math.min(SLICE_ROWS_MAX, queueRowsMax);
      for (let from = 0; from < outputs.length; from += sliceRows) {
        if (sqlite.view.queuedRows + sliceRows > queueRowsMax) await flushAll();
        sqlite.deliver(outputs.slice(from, from + sliceRows), NO_PLACE);
      }
      if (outputs.length > 0) await flushAll();
    },
    get view() {
      return sqlite.view;
    },
    keepUp: (every) => {
      const flush = () => sqlite.flushInTurns({ rowsMax: FLUSH_ROWS_MAX, pause });
      const timers = [
        every(FLUSH_INTERVAL_MS, attempted("write windows", flush)),
        every(CHECKPOINT_INTERVAL_MS, () => thread?.checkpoint()),
        every(MEASURE_INTERVAL_MS, attempted("find rows beyond the retention", () => retention.measure())),
        every(EXPIRE_INTERVAL_MS, attempted("expire old rows", () => void retention.expireSome(now() * 1000))),
      ];
      return () => timers.forEach((cancel) => cancel());
    },
    close: async () => {
      await thread?.close();
      sqlite.close();
    },
  };
}
