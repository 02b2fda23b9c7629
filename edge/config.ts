// The edge's settings, from environment variables.
import {
  HOSTED_RULES,
  IDENTITY_SETTINGS,
  type IdentityConfig,
  identityConfig,
  identityRules,
  isLoopback,
} from "../identity/settings.ts";
import { hostName, list, name, onOff, port, text, webSocketUrl, whole } from "../platform/kinds.ts";
import { type Level, LOG_SETTINGS, type LogFormat } from "../platform/log.ts";
import { connectionsWithin } from "../platform/open_files.ts";
import { PLATFORM_ADDRESS } from "../platform/server/peer.ts";
import { serverSettings } from "../platform/server/settings.ts";
import { readSettings, type SettingsTable } from "../platform/settings.ts";
import { edgeIdSetting } from "./ids/edge_id.ts";
import { MAVLINK_SETTINGS, type MavlinkConfig, mavlinkConfig, mavlinkRules } from "./settings/mavlink.ts";
import { TRAFFIC_SETTINGS, type TrafficConfig, trafficConfig } from "./settings/traffic.ts";

const file = (about: string) => text({ fallback: null, placeholder: "FILE", shown: "none", about });
const isOrigin = (origin: string) => URL.canParse(origin) && new URL(origin).origin === origin;

/** By variable. */
export const EDGE_SETTINGS = {
  SLIPSTREAM_EDGE_HOST: hostName({
    fallback: "127.0.0.1",
    about: "where it listens; beyond loopback only with proofs",
  }),
  SLIPSTREAM_EDGE_PORT: port({ fallback: 8787, about: "and on which port; 0: one that is free" }),
  SLIPSTREAM_MQTT_PORT: whole({
    ...{ fallback: null, min: 0, max: 65_535, placeholder: "PORT", shown: "none" },
    about: "and for MQTT over TCP, or over TLS where it ends that itself",
  }),
  ...MAVLINK_SETTINGS,
  ...TRAFFIC_SETTINGS,
  SLIPSTREAM_EDGE_PROCESSES: whole({
    ...{ fallback: null, max: 64, shown: "one a core, at most 16" },
    about: "edges that share the port",
  }),
  SLIPSTREAM_EDGE_ID: edgeIdSetting({
    fallback: "edge-1",
    about: "its name, which no other edge may have; on Deno Deploy each isolate adds to it",
  }),
  SLIPSTREAM_REGION: name({ fallback: "local", about: "where it runs" }),
  SLIPSTREAM_UPLINK_URL: webSocketUrl({ fallback: "ws://127.0.0.1:8788/v1/uplink", about: "the aggregator" }),
  SLIPSTREAM_FLEET: name({ fallback: "fleet", about: "of drones without an entry in KV" }),
  SLIPSTREAM_ZONE: name({ fallback: "unassigned", about: "of drones without an entry in KV" }),
  SLIPSTREAM_KV: text({ fallback: undefined, shown: "off", about: "path of a Deno KV database, or default" }),
  SLIPSTREAM_ZONE_TTL_S: whole({ fallback: 60, about: "age at which an entry is looked up again" }),
  SLIPSTREAM_DRONE_RATE: whole({ fallback: 100, about: "records/s of a drone" }),
  SLIPSTREAM_DRONE_BURST: whole({ fallback: 256, about: "at once; no frame can have more records" }),
  SLIPSTREAM_NODE_RATE: whole({ fallback: 200_000, about: "records/s of the node, all its edges together" }),
  SLIPSTREAM_NODE_BURST: whole({ fallback: 400_000, about: "at once" }),
  SLIPSTREAM_DRONE_IDLE_S: whole({ fallback: 900, about: "a silent drone is forgotten after this" }),
  SLIPSTREAM_UPLINK_BUFFER_MIB: whole({ fallback: 128, max: 4096, about: "memory for batches" }),
  SLIPSTREAM_REPLAY_S: whole({
    fallback: 5,
    min: 5,
    max: 3600,
    about: "how long an acknowledged batch can be asked for",
  }),
  SLIPSTREAM_REPLAY_KV: onOff({ fallback: false, about: "1: unacknowledged batches are in KV as well" }),
  SLIPSTREAM_CONNECTIONS_MAX: whole({
    fallback: 20_000,
    max: 1_000_000,
    about: "drones at a time, or what open files allow",
  }),
  SLIPSTREAM_ORIGINS: list({
    fallback: [],
    shown: "none",
    about: "web pages that may connect, with commas between",
    fits: isOrigin,
    must: "be origins such as https://ops.example.com, with commas between",
  }),
  ...serverSettings({ perAddressMax: 512 }),
  SLIPSTREAM_PSEUDONYM_KEY: text({
    ...{ fallback: undefined, shown: "one of its own", placeholder: "FILE" },
    about: "the key by which the log names drones",
  }),
  ...LOG_SETTINGS,
  SLIPSTREAM_TRACE_ONE_IN: whole({
    fallback: 100,
    about: "with OTEL_DENO=true, one batch in so many is traced, beside all that matter",
  }),
  ...IDENTITY_SETTINGS,
  SLIPSTREAM_UPLINK_CA: file("PEM of those who sign for the aggregator"),
  SLIPSTREAM_UPLINK_CERT: file("PEM of the edge's own certificate and key"),
  SLIPSTREAM_UPLINK_KEY: file("PEM of that one's key, where it is apart"),
  SLIPSTREAM_UPLINK_TOKEN: file("the edge's token, by which it proves who it is instead"),
  SLIPSTREAM_UPLINK_TOKEN_KEY: {
    ...text({
      ...{ fallback: null, placeholder: "FILE|{…}", shown: "none" },
      about: "the edge's own private JSON Web Key, by which it signs its tokens itself",
    }),
    isSecret: true,
  },
} satisfies SettingsTable<"edge">;

export interface EdgeConfig {
  host: string;
  port: number;
  /** Of MQTT over TCP; null: it is spoken over WebSockets only. */
  mqttPort: number | null;
  mavlink: MavlinkConfig;
  traffic: TrafficConfig;
  /** Edges that share the port: of the node, null where nothing is said; and with how many this one does. */
  processes: number | null;
  portSharedBy: number;
  /** Its name. */
  edgeName: string;
  /** By what the aggregator knows it: the name, unless several share one. */
  edgeId: string;
  region: string;
  uplinkUrl: string;
  /** What proves to the aggregator who this is, and to this edge who that is: paths, read again with each connection. */
  uplinkProof: {
    ca: string | null;
    cert: string | null;
    key: string | null;
    token: string | null;
    /** A path, or the key itself. */
    tokenKey: string | null;
    /** For whom the tokens are that it signs. */
    audience: string;
  };
  /** For drones without an entry in KV. */
  fleet: string;
  zone: string;
  /** Path of the KV database, "default" for the platform's own, undefined: no lookup. */
  kv: string | undefined;
  /** The same, of the database in which batches are. */
  backlogKv: string | undefined;
  zoneTtlMs: number;
  /** Token buckets, in records. */
  droneRatePerS: number;
  droneBurst: number;
  nodeRatePerS: number;
  nodeBurst: number;
  /** A drone that has been silent for so long is forgotten. */
  droneIdleMs: number;
  uplinkBytesMax: number;
  /** How long an acknowledged batch can still be asked for. */
  replayMs: number;
  /** Unacknowledged batches are in KV as well, and outlive the process. */
  replayInKv: boolean;
  /** WebSockets at a time: what was asked for, or what fits the process's open files if that is less. */
  connectionsMax: number;
  connectionsAsked: number;
  /** From one address at a time; for the shared ones there is no such limit. */
  addressConnectionsMax: number;
  sharedAddresses: ReadonlySet<string>;
  /** Connections that the kernel holds until they are taken. */
  listenBacklog: number;
  /** Web pages that may send telemetry. */
  origins: ReadonlySet<string>;
  /** Names besides those of loopback by which the edge may be asked; null: any, the platform knows which are its own. */
  hosts: ReadonlySet<string> | null;
  /** The platform ends connections: Deno Deploy. */
  hosted: boolean;
  /** A file with the key by which the log names drones; undefined: the process makes one. */
  pseudonymKeyPath: string | undefined;
  /** How the log is written, null: as it fits where it goes; and the least that it tells. */
  logFormat: LogFormat | null;
  logLevel: Level;
  /** One batch in so many is traced, if any are. */
  traceOneIn: number;
  /** How drones and people prove who they are; null: they need not. */
  identity: IdentityConfig | null;
}

/** Files, database and uplink of the process itself, and the HTTP connections beside the drones'. */
const OWN_FILES = 96;

/** What holds on a platform when nothing is said: it hears of its port by itself, and has 512 MB. */
const HOSTED_ENV = {
  SLIPSTREAM_EDGE_HOST: "0.0.0.0",
  SLIPSTREAM_EDGE_PORT: "8000",
  SLIPSTREAM_UPLINK_BUFFER_MIB: "64",
  SLIPSTREAM_CONNECTIONS_MAX: "5000",
};
/** Room behind it for what each isolate adds. */
const HOSTED_NAME_CHARACTERS_MAX = 48;

/**
 * @param openFiles how many files the process may have open; null: that sets no limit.
 * @throws {TypeError} naming every variable that is wrong, and what it must be.
 */
export function readEdgeConfig(env: Record<string, string | undefined>, openFiles: number | null = null): EdgeConfig {
  const hosted = Boolean(env.DENO_DEPLOY || env.DENO_DEPLOYMENT_ID);
  const read = readSettings(hosted ? { ...env, ...hostedEnv(env) } : env, {
    process: "edge",
    table: EDGE_SETTINGS,
    rules: [...hosted ? HOSTED_RULES : identityRules("SLIPSTREAM_EDGE_HOST"), ...mavlinkRules({ hosted }), {
      name: "SLIPSTREAM_EDGE_ID",
      isBroken: ({ SLIPSTREAM_EDGE_ID }) => hosted && SLIPSTREAM_EDGE_ID.length > HOSTED_NAME_CHARACTERS_MAX,
      needs: `must have at most ${HOSTED_NAME_CHARACTERS_MAX} characters: each isolate adds to it`,
    }, {
      name: "SLIPSTREAM_REPLAY_KV",
      isBroken: ({ SLIPSTREAM_REPLAY_KV, SLIPSTREAM_KV }) => SLIPSTREAM_REPLAY_KV && SLIPSTREAM_KV === undefined,
      needs: "needs SLIPSTREAM_KV, the database to keep them in",
    }, {
      name: "SLIPSTREAM_MQTT_PORT",
      isBroken: ({ SLIPSTREAM_MQTT_PORT, SLIPSTREAM_EDGE_HOST, SLIPSTREAM_TLS_CERT }) =>
        SLIPSTREAM_MQTT_PORT !== null && !isLoopback(SLIPSTREAM_EDGE_HOST) && SLIPSTREAM_TLS_CERT === null,
      needs: "needs SLIPSTREAM_TLS_CERT: proofs must not cross a network in the clear",
    }],
  });
  const identity = identityConfig(read);
  const { listenBacklog, fits } = connectionsWithin(openFiles, { ownFiles: OWN_FILES });
  return {
    host: read.SLIPSTREAM_EDGE_HOST,
    port: read.SLIPSTREAM_EDGE_PORT,
    mqttPort: read.SLIPSTREAM_MQTT_PORT,
    mavlink: mavlinkConfig(read),
    traffic: trafficConfig(read),
    processes: read.SLIPSTREAM_EDGE_PROCESSES,
    portSharedBy: 1,
    edgeName: read.SLIPSTREAM_EDGE_ID,
    edgeId: read.SLIPSTREAM_EDGE_ID,
    region: read.SLIPSTREAM_REGION,
    uplinkUrl: read.SLIPSTREAM_UPLINK_URL,
    uplinkProof: {
      ca: read.SLIPSTREAM_UPLINK_CA,
      cert: read.SLIPSTREAM_UPLINK_CERT,
      key: read.SLIPSTREAM_UPLINK_KEY ?? read.SLIPSTREAM_UPLINK_CERT,
      token: read.SLIPSTREAM_UPLINK_TOKEN,
      tokenKey: read.SLIPSTREAM_UPLINK_TOKEN_KEY,
      audience: read.SLIPSTREAM_TOKEN_AUDIENCE,
    },
    fleet: read.SLIPSTREAM_FLEET,
    zone: read.SLIPSTREAM_ZONE,
    kv: read.SLIPSTREAM_KV,
    backlogKv: read.SLIPSTREAM_KV,
    zoneTtlMs: read.SLIPSTREAM_ZONE_TTL_S * 1000,
    droneRatePerS: read.SLIPSTREAM_DRONE_RATE,
    droneBurst: read.SLIPSTREAM_DRONE_BURST,
    nodeRatePerS: read.SLIPSTREAM_NODE_RATE,
    nodeBurst: read.SLIPSTREAM_NODE_BURST,
    droneIdleMs: read.SLIPSTREAM_DRONE_IDLE_S * 1000,
    uplinkBytesMax: read.SLIPSTREAM_UPLINK_BUFFER_MIB * (1 << 20),
    replayMs: read.SLIPSTREAM_REPLAY_S * 1000,
    replayInKv: read.SLIPSTREAM_REPLAY_KV,
    connectionsMax: Math.min(read.SLIPSTREAM_CONNECTIONS_MAX, fits),
    connectionsAsked: read.SLIPSTREAM_CONNECTIONS_MAX,
    addressConnectionsMax: read.SLIPSTREAM_PER_ADDRESS_MAX,
    sharedAddresses: new Set([...read.SLIPSTREAM_SHARED_ADDRESSES, ...hosted ? [PLATFORM_ADDRESS] : []]),
    listenBacklog,
    origins: new Set(read.SLIPSTREAM_ORIGINS),
    // Who proves who they are need not be told from a page by the name that it asks for.
    hosts: hosted || identity ? null : new Set(read.SLIPSTREAM_HOSTS.map((host) => host.toLowerCase())),
    hosted,
    pseudonymKeyPath: read.SLIPSTREAM_PSEUDONYM_KEY,
    logFormat: read.SLIPSTREAM_LOG,
    logLevel: read.SLIPSTREAM_LOG_LEVEL,
    traceOneIn: read.SLIPSTREAM_TRACE_ONE_IN,
    identity,
  };
}

function hostedEnv(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(HOSTED_ENV).map(([name, value]) => [name, env[name] || value]));
}
