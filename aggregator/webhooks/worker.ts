// The thread that tells receivers: whatever they take, it holds up nobody else. It reads the database, and writes nothing: how far
// each has been told, and what was given up, it tells whoever writes.
/// <reference lib="deno.worker" />
import { DatabaseSync } from "node:sqlite";
import { hostClock, systemPlatform } from "../../platform/system.ts";
import { changesIn } from "./changes.ts";
import { Courier } from "./courier.ts";
import { Couriers } from "./couriers.ts";
import { poster } from "./post.ts";
import type { Progress, Report } from "./progress.ts";
import type { WebhookSettings, WebhooksFile } from "./settings.ts";
import type { Telling, Told } from "./thread.ts";

const TURN_MS = 100;
const CLOCK_CHECK_MS = 1000;
/** While another connection brings the log into order, a reader may have to wait so long. */
const BUSY_MS_MAX = 200;

const wallClock = hostClock();
const platform = systemPlatform("aggregator", { now: () => wallClock.now() });

self.onmessage = ({ data }: MessageEvent<Telling>) => {
  if (data.what === "begin") begin(data);
};

function begin({ path, file }: Extract<Telling, { what: "begin" }>): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA query_only = 1; PRAGMA busy_timeout = ${BUSY_MS_MAX};`);
  const changes = changesIn(db);
  const couriers = new Couriers({
    kept: (name) => progressOf(db, name),
    open: (settings, from) => {
      const client = clientOf(settings);
      const post = poster(platform, client);
      return { courier: new Courier({ ...platform, ...from, settings, changes, post }), end: () => client.close() };
    },
  });
  const use = (file: WebhooksFile) => void couriers.use(file);
  use(file);
  const endTimers = [
    platform.every(CLOCK_CHECK_MS, () => wallClock.check()),
    platform.every(TURN_MS, () => {
      couriers.turn();
      tell({ of: "reports", reports: reportsOf(couriers) });
    }),
  ];
  self.onmessage = async ({ data }: MessageEvent<Telling>) => {
    if (data.what === "use") return use(data.file);
    for (const end of endTimers) end();
    await couriers.close();
    tell({ of: "close", reports: reportsOf(couriers) });
    db.close();
  };
}

function tell(told: Told): void {
  self.postMessage(told);
}

// What cannot be looked up is told the next time: nothing of it is lost.
function reportsOf(couriers: Couriers): Report[] {
  try {
    return couriers.reports();
  } catch (error) {
    platform.log("warn", `Cannot look up what webhooks are to be told: ${error}`);
    return [];
  }
}

function clientOf({ caPem, concurrency }: WebhookSettings): Deno.HttpClient {
  return Deno.createHttpClient({ ...caPem !== null && { caCerts: [caPem] }, poolMaxIdlePerHost: concurrency });
}

function progressOf(db: DatabaseSync, name: string): Progress | null {
  const row = db.prepare("SELECT seen_id, open_ids FROM webhooks WHERE name = ?").get(name);
  return row ? { seenId: Number(row.seen_id), openIds: JSON.parse(String(row.open_ids)) } : null;
}
