// What questions to a database of a million rows, and its expiry, hold up: the longest pause of the event loop while somebody asks
// for everything without end, beside answers on the event loop from the indexes that were enough for a small one.
import { DatabaseSync } from "node:sqlite";
import { answer, type Question } from "../../aggregator/sinks/history.ts";
import { HistoryThread } from "../../aggregator/sinks/history_thread.ts";
import { Retention } from "../../aggregator/sinks/retention.ts";
import { AGE_COLUMNS } from "../../aggregator/sinks/schema.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";

const BEGIN_US = 1_790_000_000_000_000;
const BODY = `'{"body":"' || hex(zeroblob(250)) || '"}'`;
/** `i` counts from 1. */
const ROWS = {
  windows: `SELECT CASE i % 2 WHEN 0 THEN 'tumbling' ELSE 'sliding' END, 'fleet', 'zone-' || (i / 2 % 10),
    ${BEGIN_US} + i / 20 * 1000000, ${BEGIN_US}, 0, 1, ${BODY} FROM counted`,
  alerts: `SELECT 'j', i, 'conflict', 'raise', ${BEGIN_US} + i / 50 * 1000000, ${BEGIN_US}, ${BODY}, i FROM counted`,
  deliveries:
    `SELECT 'j', i / 4, i, 'drone-' || (i % 500), ${BEGIN_US} + i * 1000, 'acknowledged', ${BODY} FROM counted`,
  losses: `SELECT 'edge-1', '5', ${BEGIN_US} + i / 100 * 1000000, 'drone-' || (i % 500), 1, i, i, 'bulk', 'shed', 1
    FROM counted`,
};
const LIMIT = 1000;
const QUESTIONS: Question[] = [
  { what: "windows", kind: "tumbling", limit: LIMIT },
  { what: "windows", kind: "tumbling", zone: "zone-3", limit: LIMIT },
  { what: "windows", kind: "sliding", zone: "nowhere", limit: LIMIT },
  { what: "windows", kind: "sliding", fleet: "nobody", limit: LIMIT },
  { what: "alerts", limit: LIMIT },
  { what: "deliveries", limit: LIMIT },
  { what: "deliveries", alertId: 9, limit: LIMIT },
  { what: "losses", limit: LIMIT },
  { what: "quarantined", limit: LIMIT },
];
/** What it had not, before each question had an index. */
const LATER_INDEXES = ["windows_by_kind", "windows_by_fleet", "windows_by_zone", "deliveries_by_alert"];

/** The event loop's longest pause, in ms. */
export async function compareHistory({ smoke }: BenchSettings): Promise<Comparison[]> {
  const folder = await Deno.makeTempDir();
  const [path, before] = [`${folder}/results.sqlite`, `${folder}/before.sqlite`];
  const rows = smoke ? 5000 : 250_000;
  try {
    fill(path, rows);
    await Deno.copyFile(path, before);
    dropIndexes(before);
    const rounds = smoke ? 1 : 3;
    const thread = new HistoryThread({ path, after, log: (_, message) => console.error(message) });
    // Started with the process, long before anybody asks.
    await thread.ask(QUESTIONS[0]!);
    const pauses = { ours: [] as number[], rival: [] as number[], limit: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      pauses.ours.push(await longestPause(() => askThread(thread)));
      pauses.rival.push(await longestPause(() => askHere(before)));
      pauses.limit.push(await longestPause(() => new Promise((resolve) => setTimeout(resolve, 300))));
    }
    await thread.close();
    const size = `${4 * rows} rows`;
    const comparison = (name: string, of: Record<"ours" | "rival", number>, rival: string): Comparison => ({
      name: `history, ${size}: the event loop's longest pause ${name}`,
      unit: "ms",
      ours: of.ours,
      rival: { name: rival, value: of.rival },
      limit: { name: "nothing to do", value: median(pauses.limit) },
      budget: null,
      note: "",
    });
    const asked = { ours: median(pauses.ours), rival: median(pauses.rival) };
    const expired = { ours: await expireInSteps(path), rival: await expireAtOnce(before) };
    return [
      comparison("while all of it is asked for", asked, "answered on the event loop, from fewer indexes"),
      comparison("while old rows are deleted", expired, "10,000 of each table at once"),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function fill(path: string, rows: number): void {
  const sink = new SqliteSink({ path, queueRowsMax: 1 });
  const counted = `WITH RECURSIVE counted (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < ${rows})`;
  for (const [table, select] of Object.entries(ROWS)) sink.db.exec(`INSERT INTO ${table} ${counted} ${select}`);
  sink.close();
}

function dropIndexes(path: string): void {
  using db = new DatabaseSync(path);
  for (const index of LATER_INDEXES) db.exec(`DROP INDEX ${index}`);
}

async function longestPause(work: () => Promise<void>): Promise<number> {
  let [longestMs, lastMs, done] = [0, performance.now(), false];
  const beat = () => {
    longestMs = Math.max(longestMs, performance.now() - lastMs);
    lastMs = performance.now();
    if (!done) setTimeout(beat, 0);
  };
  beat();
  await work();
  await new Promise((resolve) => setTimeout(resolve, 0));
  done = true;
  beat();
  return longestMs;
}

function after(ms: number, fn: () => void): () => void {
  const timer = setTimeout(fn, ms);
  return () => clearTimeout(timer);
}

async function askThread(thread: HistoryThread): Promise<void> {
  for (const question of QUESTIONS) await thread.ask(question);
}

async function askHere(path: string): Promise<void> {
  using db = new DatabaseSync(path);
  for (const question of QUESTIONS) {
    answer(db, question);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

async function expireInSteps(path: string): Promise<number> {
  const sink = new SqliteSink({ path, queueRowsMax: 1 });
  const ask = () => Promise.resolve({ status: 503 as const, error: "" });
  const retention = new Retention({ retentionUs: 0, retentionRowsMax: 1, keptUs: 0 }, { db: sink.db, ask });
  const pauseMs = await longestPause(async () => {
    for (let step = 0; step < 100 && retention.expireSome(BEGIN_US * 2) > 0; step++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  });
  sink.close();
  return pauseMs;
}

async function expireAtOnce(path: string): Promise<number> {
  using db = new DatabaseSync(path);
  return await longestPause(() => {
    for (const [table, column] of Object.entries(AGE_COLUMNS)) {
      const oldest = `SELECT rowid FROM ${table} WHERE ${column} < ? ORDER BY ${column} LIMIT 10000`;
      db.prepare(`SELECT ${column} FROM ${table} ORDER BY ${column} DESC LIMIT 1 OFFSET 1000000`).get();
      db.prepare(`DELETE FROM ${table} WHERE rowid IN (${oldest})`).run(BEGIN_US * 2);
    }
    return Promise.resolve();
  });
}
