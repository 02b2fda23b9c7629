// The aggregator's settings, from environment variables. All problems are reported at once, before anything starts.
import { z } from "zod";
import { isHost, listHosts } from "../platform/hosts.ts";

const loopback = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|localhost)$/;
const count = (fallback: number, { min = 1, max = 1e9 } = {}) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error }).default(fallback);
};

const schema = z.object({
  SLIPSTREAM_AGGREGATOR_HOST: z.string().regex(
    loopback,
    "must be a loopback address such as 127.0.0.1: without identities nobody else may connect",
  ).default("127.0.0.1"),
  SLIPSTREAM_AGGREGATOR_PORT: count(8788, { min: 0, max: 65535 }),
  SLIPSTREAM_HOSTS: z.string().default("").transform(listHosts).refine(
    (hosts) => hosts.every(isHost),
    "must be names such as ops.example.com, without ports, with commas between",
  ),
  SLIPSTREAM_SQLITE: z.string().default("data/slipstream.sqlite"),
  SLIPSTREAM_SQLITE_QUEUE_ROWS: count(50_000),
  SLIPSTREAM_RETENTION_HOURS: count(168, { max: 87_600 }),
  SLIPSTREAM_RETENTION_ROWS: count(1_000_000),
  SLIPSTREAM_JOURNAL: z.string().default("data/journal"),
  SLIPSTREAM_JOURNAL_MIB: count(4096, { min: 32, max: 1_000_000 }),
  SLIPSTREAM_JOURNAL_HOURS: count(24, { max: 87_600 }),
  SLIPSTREAM_CHECKPOINT_S: count(30, { max: 3600 }),
  SLIPSTREAM_EDGES_MAX: count(256, { max: 65_536 }),
  SLIPSTREAM_EVENT_CLIENTS_MAX: count(64, { max: 65_536 }),
});

/** The aggregator's settings; units stand in the names. */
export interface AggregatorConfig {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Names besides those of loopback by which the aggregator may be asked. */
  hosts: ReadonlySet<string>;
  /** Path of the database; ":memory:" keeps it in memory. */
  sqlitePath: string;
  /** Rows that may wait for the database; more are dropped and counted. */
  sqliteQueueRowsMax: number;
  /** Rows older than this, and rows of one table beyond that many, are deleted. */
  retentionUs: number;
  retentionRowsMax: number;
  /** The journal's folder; ":memory:" keeps none, and what was acknowledged is lost with the process. */
  journalPath: string;
  /** The journal keeps so much, as far as checkpoints allow. */
  journalBytesMax: number;
  journalAgeUs: number;
  checkpointMs: number;
  /** Connections of edges, and of readers of /v1/events, at once. */
  edgesMax: number;
  eventClientsMax: number;
}

/** @throws {TypeError} naming every variable that is wrong, and what it must be. */
export function readAggregatorConfig(env: Record<string, string | undefined>): AggregatorConfig {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const { success, data, error } = schema.safeParse(set);
  if (!success) {
    const problems = error.issues.map(({ path, message }) => `  ${path.join(".")}=${set[String(path[0])]}: ${message}`);
    throw new TypeError(`Cannot start the aggregator: ${problems.length} setting(s) are wrong\n${problems.join("\n")}`);
  }
  return {
    host: data.SLIPSTREAM_AGGREGATOR_HOST,
    port: data.SLIPSTREAM_AGGREGATOR_PORT,
    hosts: new Set(data.SLIPSTREAM_HOSTS),
    sqlitePath: data.SLIPSTREAM_SQLITE,
    sqliteQueueRowsMax: data.SLIPSTREAM_SQLITE_QUEUE_ROWS,
    retentionUs: data.SLIPSTREAM_RETENTION_HOURS * 3_600_000_000,
    retentionRowsMax: data.SLIPSTREAM_RETENTION_ROWS,
    journalPath: data.SLIPSTREAM_JOURNAL,
    journalBytesMax: data.SLIPSTREAM_JOURNAL_MIB * (1 << 20),
    journalAgeUs: data.SLIPSTREAM_JOURNAL_HOURS * 3_600_000_000,
    checkpointMs: data.SLIPSTREAM_CHECKPOINT_S * 1000,
    edgesMax: data.SLIPSTREAM_EDGES_MAX,
    eventClientsMax: data.SLIPSTREAM_EVENT_CLIENTS_MAX,
  };
}
