// The aggregator's settings, from environment variables.
import { join } from "node:path";
import { IDENTITY_SETTINGS, type IdentityConfig, identityConfig, identityRules } from "../identity/settings.ts";
import { hostName, type Kind, name, port, text, whole } from "../platform/kinds.ts";
import { type Level, LOG_SETTINGS, type LogFormat } from "../platform/log.ts";
import { connectionsWithin } from "../platform/open_files.ts";
import { serverSettings } from "../platform/server/settings.ts";
import { readSettings, type SettingsTable } from "../platform/settings.ts";
import { publishedTo, PUBLISHING_SETTINGS, publishingRules } from "./sinks/destinations/settings.ts";
import type { Destined } from "./sinks/publishing/publishers.ts";

/** In the journal's folder. */
const KEY_NAME = "pseudonym.key";

/** By variable. */
export const AGGREGATOR_SETTINGS = {
  SLIPSTREAM_AGGREGATOR_HOST: hostName({
    fallback: "127.0.0.1",
    about: "where it listens; beyond loopback only with proofs",
  }),
  SLIPSTREAM_AGGREGATOR_PORT: port({ fallback: 8788, about: "and on which port; 0: one that is free" }),
  SLIPSTREAM_REGION: name({
    ...{ fallback: null, shown: "none" },
    about: "where it runs: its windows are published in parts as well",
  }),
  ...serverSettings({ perAddressMax: 128 }),
  SLIPSTREAM_JOURNAL: text({ fallback: "data/journal", about: "the journal's folder; :memory: keeps none" }),
  SLIPSTREAM_JOURNAL_MIB: whole({
    ...{ fallback: 4096, min: 32, max: 1_000_000 },
    about: "the journal keeps so much, as far as checkpoints allow",
  }),
  SLIPSTREAM_JOURNAL_HOURS: whole({ fallback: 24, max: 87_600, about: "and for so long" }),
  SLIPSTREAM_JOURNAL_QUEUE_MIB: whole({
    ...{ fallback: 64, max: 65_536 },
    about: "entries that wait for a disk that fails; further ones are not journalled",
  }),
  SLIPSTREAM_CHECKPOINT_S: whole({ fallback: 30, max: 3600, about: "between two checkpoints" }),
  SLIPSTREAM_SQLITE: text({ fallback: "data/slipstream.sqlite", about: "the database; :memory: keeps nothing" }),
  SLIPSTREAM_SQLITE_QUEUE_ROWS: whole({
    fallback: 50_000,
    about: "rows that may wait for it; more are dropped and counted",
  }),
  SLIPSTREAM_RETENTION_DAYS: whole({ fallback: 30, max: 3650, about: "nothing that names a drone is kept for longer" }),
  SLIPSTREAM_RETENTION_HOURS: whole({ fallback: 168, max: 87_600, about: "older rows are deleted" }),
  SLIPSTREAM_RETENTION_ROWS: whole({ fallback: 1_000_000, about: "further rows of a table are deleted" }),
  SLIPSTREAM_LATENESS_S: whole({
    ...{ fallback: 900, max: 86_400 },
    about: "after a window's end, in which late records revise it",
  }),
  SLIPSTREAM_EDGES_MAX: whole({ fallback: 256, max: 65_536, about: "edges at a time" }),
  SLIPSTREAM_EVENT_CLIENTS_MAX: whole({ fallback: 64, max: 65_536, about: "readers of /v1/events at a time" }),
  SLIPSTREAM_WEBHOOKS: text({
    ...{ fallback: null, shown: "none", placeholder: "FILE" },
    about: "JSON that says whom alerts are told to",
  }),
  ...PUBLISHING_SETTINGS,
  SLIPSTREAM_PSEUDONYM_KEY: text({
    ...{ fallback: undefined, shown: "one in the journal's folder", placeholder: "FILE" },
    about: "the key by which the log names drones",
  }),
  ...LOG_SETTINGS,
  ...IDENTITY_SETTINGS,
} satisfies SettingsTable<"aggregator">;

/** The aggregator's settings; units stand in the names. */
export interface AggregatorConfig {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Where it runs, whose windows others add to theirs; null: nobody does. */
  region: string | null;
  /** Names besides those of loopback by which the aggregator may be asked; null: any. */
  hosts: ReadonlySet<string> | null;
  /** How edges and people prove who they are; null: they need not. */
  identity: IdentityConfig | null;
  /** Path of the database; ":memory:" keeps it in memory. */
  sqlitePath: string;
  /** Rows that may wait for the database; more are dropped and counted. */
  sqliteQueueRowsMax: number;
  /** What names a drone is kept for no longer, wherever it is. */
  keptUs: number;
  /** Rows older than this, and rows of one table beyond that many, are deleted. */
  retentionUs: number;
  retentionRowsMax: number;
  /** The journal's folder; ":memory:" keeps none, and what was acknowledged is lost with the process. */
  journalPath: string;
  /** The journal keeps so much, as far as checkpoints allow. */
  journalBytesMax: number;
  journalAgeUs: number;
  /** Of memory, for what waits while the journal cannot be written; beyond it batches are judged without being journalled. */
  journalQueueBytesMax: number;
  /** To whom the journal is published. */
  publishedTo: Destined[];
  /** The journal keeps what is not published everywhere yet, until it has so much. */
  publishJournalBytesMax: number;
  checkpointMs: number;
  /** All settings as they were read, by variable, but for secret ones: recorded when they are others than the last time. */
  environment: [name: string, value: string][];
  /** Connections of edges, and of readers of /v1/events, at once. */
  edgesMax: number;
  eventClientsMax: number;
  /** A file of JSON that says whom alerts are told to; null: nobody. */
  webhooksPath: string | null;
  /** A file with the key by which the log names drones; null: the process makes one. */
  pseudonymKeyPath: string | null;
  /** How the log is written, null: as it fits where it goes; and the least that it tells. */
  logFormat: LogFormat | null;
  logLevel: Level;
  /** Of all kinds, at once: these, and whoever asks; or what fits the process's open files if that is less. */
  connectionsMax: number;
  /** From one address at a time; for the shared ones there is no such limit. */
  addressConnectionsMax: number;
  sharedAddresses: ReadonlySet<string>;
  /** Connections that the kernel holds until they are taken. */
  listenBacklog: number;
}

/** Of those who ask, beside edges and readers. */
const HTTP_CONNECTIONS = 64;
/** Journal, database and its thread. */
const OWN_FILES = 32;

/**
 * @param openFiles how many files the process may have open; null: that sets no limit
 * @throws {TypeError} naming every variable that is wrong, and what it must be
 */
export function readAggregatorConfig(
  env: Record<string, string | undefined>,
  openFiles: number | null = null,
): AggregatorConfig {
  const read = readSettings(env, {
    process: "aggregator",
    table: AGGREGATOR_SETTINGS,
    rules: [...identityRules("SLIPSTREAM_AGGREGATOR_HOST"), ...publishingRules(), {
      name: "SLIPSTREAM_WEBHOOKS",
      isBroken: ({ SLIPSTREAM_WEBHOOKS, SLIPSTREAM_SQLITE }) =>
        SLIPSTREAM_WEBHOOKS !== null && SLIPSTREAM_SQLITE === ":memory:",
      needs: "needs SLIPSTREAM_SQLITE to be a file: what is still to be told is kept there",
    }],
  });
  const { SLIPSTREAM_JOURNAL: journalPath, SLIPSTREAM_PSEUDONYM_KEY: pseudonymKeyPath } = read;
  const identity = identityConfig(read);
  const { listenBacklog, fits } = connectionsWithin(openFiles, { ownFiles: OWN_FILES });
  const wanted = read.SLIPSTREAM_EDGES_MAX + read.SLIPSTREAM_EVENT_CLIENTS_MAX + HTTP_CONNECTIONS;
  return {
    host: read.SLIPSTREAM_AGGREGATOR_HOST,
    port: read.SLIPSTREAM_AGGREGATOR_PORT,
    region: read.SLIPSTREAM_REGION,
    // Who proves who they are need not be told from a page by the name that it asks for.
    hosts: identity ? null : new Set(read.SLIPSTREAM_HOSTS.map((host) => host.toLowerCase())),
    identity,
    sqlitePath: read.SLIPSTREAM_SQLITE,
    sqliteQueueRowsMax: read.SLIPSTREAM_SQLITE_QUEUE_ROWS,
    keptUs: read.SLIPSTREAM_RETENTION_DAYS * 86_400_000_000,
    retentionUs: read.SLIPSTREAM_RETENTION_HOURS * 3_600_000_000,
    retentionRowsMax: read.SLIPSTREAM_RETENTION_ROWS,
    journalPath,
    journalBytesMax: read.SLIPSTREAM_JOURNAL_MIB * (1 << 20),
    journalAgeUs: read.SLIPSTREAM_JOURNAL_HOURS * 3_600_000_000,
    journalQueueBytesMax: read.SLIPSTREAM_JOURNAL_QUEUE_MIB * (1 << 20),
    publishedTo: publishedTo(read),
    publishJournalBytesMax: read.SLIPSTREAM_PUBLISH_JOURNAL_MIB * (1 << 20),
    checkpointMs: read.SLIPSTREAM_CHECKPOINT_S * 1000,
    environment: Object.entries<Kind<unknown>>(AGGREGATOR_SETTINGS)
      .flatMap(([name, { isSecret }]) =>
        isSecret ? [] : [[name, `${read[name as keyof typeof read]}`] as [string, string]]
      ),
    edgesMax: read.SLIPSTREAM_EDGES_MAX,
    eventClientsMax: read.SLIPSTREAM_EVENT_CLIENTS_MAX,
    webhooksPath: read.SLIPSTREAM_WEBHOOKS,
    logFormat: read.SLIPSTREAM_LOG,
    logLevel: read.SLIPSTREAM_LOG_LEVEL,
    pseudonymKeyPath: pseudonymKeyPath ?? (journalPath === ":memory:" ? null : join(journalPath, KEY_NAME)),
    connectionsMax: Math.min(wanted, fits),
    addressConnectionsMax: read.SLIPSTREAM_PER_ADDRESS_MAX,
    sharedAddresses: new Set(read.SLIPSTREAM_SHARED_ADDRESSES),
    listenBacklog,
  };
}
