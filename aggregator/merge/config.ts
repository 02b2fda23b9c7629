// The settings of what adds up windows of several regions, from environment variables.
import { IDENTITY_SETTINGS, type IdentityConfig, identityConfig, identityRules } from "../../identity/settings.ts";
import { hostName, list, port, text, whole } from "../../platform/kinds.ts";
import { type Level, LOG_SETTINGS, type LogFormat } from "../../platform/log.ts";
import { connectionsWithin } from "../../platform/open_files.ts";
import { serverSettings } from "../../platform/server/settings.ts";
import { readSettings, type SettingsTable } from "../../platform/settings.ts";
import { AGGREGATOR_SETTINGS } from "../config.ts";
import { BATTERY_DEFAULTS } from "../pipeline/drones/battery.ts";
import { CLUSTER_SETTINGS, clusterConfig, loginRule } from "../sinks/kafka/settings.ts";
import type { RetentionSettings } from "../sinks/retention.ts";
import type { GlobalTopicSettings } from "./global_topic.ts";
import type { MergerSettings } from "./merger.ts";

const REGION = /^([\w.-]{1,64})=([\w.-]{1,249})$/;

/** As the aggregator's. */
const KEPT = {
  SLIPSTREAM_SQLITE_QUEUE_ROWS: AGGREGATOR_SETTINGS.SLIPSTREAM_SQLITE_QUEUE_ROWS,
  SLIPSTREAM_RETENTION_DAYS: AGGREGATOR_SETTINGS.SLIPSTREAM_RETENTION_DAYS,
  SLIPSTREAM_RETENTION_HOURS: AGGREGATOR_SETTINGS.SLIPSTREAM_RETENTION_HOURS,
  SLIPSTREAM_RETENTION_ROWS: AGGREGATOR_SETTINGS.SLIPSTREAM_RETENTION_ROWS,
};

/** By variable. */
export const MERGER_SETTINGS = {
  SLIPSTREAM_MERGER_REGIONS: list({
    ...{ fallback: [], shown: "none", placeholder: "REGION=TOPIC,…" },
    about: "regions, each with the topic that has its windows, such as eu=fleet-eu-metrics-partial",
    fits: (region) => REGION.test(region),
    must: "be regions with their topics, such as eu=fleet-eu-metrics-partial, with commas between",
  }),
  SLIPSTREAM_MERGER_WAIT_S: whole({
    ...{ fallback: 5, min: 0, max: 3600 },
    about: "for so long a window waits for a region that is behind the others",
  }),
  SLIPSTREAM_MERGER_MIB: whole({
    ...{ fallback: 1024, min: 64, max: 1_000_000 },
    about: "of what regions have told; beyond it the oldest windows become final",
  }),
  SLIPSTREAM_MERGER_LOW_CPCT: whole({
    ...{ fallback: BATTERY_DEFAULTS.lowCpct, max: 8000 },
    about: "charge at which a battery is low, as the aggregators' battery.lowCpct",
  }),
  SLIPSTREAM_MERGER_HOST: hostName({
    fallback: "127.0.0.1",
    about: "where it listens; beyond loopback only with proofs",
  }),
  SLIPSTREAM_MERGER_PORT: port({ fallback: 8789, about: "and on which port; 0: one that is free" }),
  ...serverSettings({ perAddressMax: 128 }),
  SLIPSTREAM_MERGER_SQLITE: text({ fallback: "data/global.sqlite", about: "the database; :memory: keeps nothing" }),
  ...KEPT,
  ...CLUSTER_SETTINGS,
  ...LOG_SETTINGS,
  ...IDENTITY_SETTINGS,
} satisfies SettingsTable<"merger">;

/** Units stand in the names. */
export interface MergerConfig extends RetentionSettings {
  /** Topics by region. */
  topics: ReadonlyMap<string, string>;
  merger: MergerSettings;
  kafka: GlobalTopicSettings;
  host: string;
  /** 0: any free port. */
  port: number;
  /** Names besides those of loopback by which it may be asked; null: any. */
  hosts: ReadonlySet<string> | null;
  identity: IdentityConfig | null;
  /** Path of the database; ":memory:" keeps it in memory. */
  sqlitePath: string;
  sqliteQueueRowsMax: number;
  logFormat: LogFormat | null;
  logLevel: Level;
  connectionsMax: number;
  addressConnectionsMax: number;
  sharedAddresses: ReadonlySet<string>;
  listenBacklog: number;
}

const HTTP_CONNECTIONS = 256;
/** Database, its thread, and brokers. */
const OWN_FILES = 64;
/** Of a second of one drone each: some 50 ms. */
const PANES_MAX = 100_000;
/** Of H3, as regions tell cells. */
const H3_RESOLUTION = 9;

/**
 * @param openFiles how many files the process may have open; null: that sets no limit
 * @throws {TypeError} naming every variable that is wrong, and what it must be
 */
export function readMergerConfig(
  env: Record<string, string | undefined>,
  openFiles: number | null = null,
): MergerConfig {
  const read = readSettings(env, {
    process: "merger",
    table: MERGER_SETTINGS,
    rules: [...identityRules("SLIPSTREAM_MERGER_HOST"), loginRule(), {
      name: "SLIPSTREAM_MERGER_REGIONS",
      isBroken: (read) => read.SLIPSTREAM_MERGER_REGIONS.length === 0,
      needs: "must name at least one region and its topic",
    }, {
      name: "SLIPSTREAM_MERGER_REGIONS",
      isBroken: (read) => {
        const topics = topicsOf(read.SLIPSTREAM_MERGER_REGIONS);
        return topics.size < read.SLIPSTREAM_MERGER_REGIONS.length || new Set(topics.values()).size < topics.size;
      },
      needs: "must name each region and each topic once",
    }, {
      name: "SLIPSTREAM_KAFKA",
      isBroken: (read) => read.SLIPSTREAM_KAFKA.length === 0,
      needs: "must name brokers that have the regions' topics",
    }],
  });
  const identity = identityConfig(read);
  const { listenBacklog, fits } = connectionsWithin(openFiles, { ownFiles: OWN_FILES });
  const topics = topicsOf(read.SLIPSTREAM_MERGER_REGIONS);
  return {
    topics,
    merger: {
      regions: [...topics.keys()].sort(),
      waitMs: read.SLIPSTREAM_MERGER_WAIT_S * 1000,
      bytesMax: read.SLIPSTREAM_MERGER_MIB * (1 << 20),
      panesMax: PANES_MAX,
      content: { battery: { lowCpct: read.SLIPSTREAM_MERGER_LOW_CPCT }, h3Resolution: H3_RESOLUTION },
    },
    kafka: clusterConfig(read),
    host: read.SLIPSTREAM_MERGER_HOST,
    port: read.SLIPSTREAM_MERGER_PORT,
    // Who proves who they are need not be told from a page by the name that it asks for.
    hosts: identity ? null : new Set(read.SLIPSTREAM_HOSTS.map((host) => host.toLowerCase())),
    identity,
    sqlitePath: read.SLIPSTREAM_MERGER_SQLITE,
    sqliteQueueRowsMax: read.SLIPSTREAM_SQLITE_QUEUE_ROWS,
    keptUs: read.SLIPSTREAM_RETENTION_DAYS * 86_400_000_000,
    retentionUs: read.SLIPSTREAM_RETENTION_HOURS * 3_600_000_000,
    retentionRowsMax: read.SLIPSTREAM_RETENTION_ROWS,
    logFormat: read.SLIPSTREAM_LOG,
    logLevel: read.SLIPSTREAM_LOG_LEVEL,
    connectionsMax: Math.min(HTTP_CONNECTIONS, fits),
    addressConnectionsMax: read.SLIPSTREAM_PER_ADDRESS_MAX,
    sharedAddresses: new Set(read.SLIPSTREAM_SHARED_ADDRESSES),
    listenBacklog,
  };
}

function topicsOf(regions: readonly string[]): Map<string, string> {
  return new Map(regions.map((region): [string, string] => {
    const [, name = "", topic = ""] = REGION.exec(region) ?? [];
    return [name, topic];
  }));
}
