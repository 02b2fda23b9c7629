// The thread that erases drones from the database, which takes as long as the database is large. It is told where that is and
// whom to erase, does that, tells how it went, and ends.
/// <reference lib="deno.worker" />
import { DatabaseSync } from "node:sqlite";
import { eraseRows, scrub } from "./erasing.ts";
import type { Erased } from "../outputs.ts";

/** Whoever reads or writes is soon done. */
const BUSY_MS_MAX = 5000;

self.onmessage = ({ data: { path, erased } }: MessageEvent<{ path: string; erased: Erased[] }>) => {
  self.postMessage(erase(path, erased));
  self.close();
};

/** @returns why it could not be done; null: it is */
function erase(path: string, erased: readonly Erased[]): string | null {
  try {
    using db = new DatabaseSync(path);
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS_MAX}`);
    for (const drone of erased) eraseRows(db, drone);
    scrub(db);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
