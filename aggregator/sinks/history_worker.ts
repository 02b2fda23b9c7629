// The thread that reads the history: what SQLite takes to answer holds up nobody else. It is told the database's path, then one
// question after the other, then to close; what it throws is the error of its Worker.
/// <reference lib="deno.worker" />
import { DatabaseSync } from "node:sqlite";
import { answer } from "./history.ts";
import type { Telling, Told } from "./history_thread.ts";

/** While the writer brings its log into order, a reader may have to wait so long. */
const BUSY_MS_MAX = 200;

self.onmessage = ({ data: path }: MessageEvent<string>) => {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS_MAX });
  self.onmessage = ({ data }: MessageEvent<Telling>) => {
    if (data === "close") {
      db.close();
      self.postMessage("closed" satisfies Told);
      return;
    }
    const told = answer(db, data);
    // The bytes change hands, nobody copies them.
    self.postMessage(told satisfies Told, "json" in told ? [told.json.buffer] : []);
  };
};
