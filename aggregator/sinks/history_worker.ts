// The thread that reads the history: what SQLite takes to answer, or to bring its log into order, holds up nobody else. It is told
// the database's path, then one thing after the other; what it throws is the error of its Worker.
/// <reference lib="deno.worker" />
import { DatabaseSync } from "node:sqlite";
import { answer } from "./history.ts";
import type { Telling, Told } from "./history_thread.ts";

/** While another connection brings the log into order, a reader may have to wait so long. */
const BUSY_MS_MAX = 200;

self.onmessage = ({ data: path }: MessageEvent<string>) => {
  const db = new DatabaseSync(path);
  // It changes no row, and yet may do checkpoints: a connection that is opened read-only may not.
  db.exec(`PRAGMA query_only = 1; PRAGMA busy_timeout = ${BUSY_MS_MAX};`);
  self.onmessage = ({ data }: MessageEvent<Telling>) => {
    const told = obey(db, data);
    // The bytes change hands, nobody copies them.
    const moved = told.of === "question" && "json" in told.answer ? [told.answer.json.buffer] : [];
    self.postMessage(told, moved);
  };
};

function obey(db: DatabaseSync, telling: Telling): Told {
  switch (telling.what) {
    case "close":
      db.close();
      return { of: "close" };
    case "checkpoint":
      try {
        db.exec("PRAGMA wal_checkpoint(PASSIVE)");
        return { of: "checkpoint", error: null };
      } catch (error) {
        // A full disk: the next one may succeed, and the log holds everything until then.
        return { of: "checkpoint", error: error instanceof Error ? error.message : String(error) };
      }
    default:
      return { of: "question", answer: answer(db, telling) };
  }
}
