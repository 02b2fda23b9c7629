// The edge's settings, from environment variables. All problems are reported at once, before anything starts.
import { z } from "zod";
import { isHost, listHosts } from "../platform/hosts.ts";

const loopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;
const count = (fallback: number, { min = 1, max = 1e9 } = {}) =>
  z.coerce.number().int().min(min).max(max).default(fallback);
const name = (fallback: string) =>
  z.string().regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, dots, dashes").default(fallback);

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;

const schema = z.object({
  SLIPSTREAM_EDGE_HOST: z.string().regex(
    loopback,
    "must be a loopback address such as 127.0.0.1: without identities nobody else may connect",
  ).default("127.0.0.1"),
  SLIPSTREAM_EDGE_PORT: count(8787, { min: 0, max: 65535 }),
  SLIPSTREAM_EDGE_ID: name("edge-1"),
  SLIPSTREAM_REGION: name("local"),
  SLIPSTREAM_UPLINK_URL: z.url({ protocol: /^wss?$/, error: "must be a ws:// or wss:// URL" })
    .default("ws://127.0.0.1:8788/v1/uplink"),
  SLIPSTREAM_FLEET: name("fleet"),
  SLIPSTREAM_ZONE: name("unassigned"),
  SLIPSTREAM_KV: z.string().optional(),
  SLIPSTREAM_ZONE_TTL_S: count(60),
  SLIPSTREAM_DRONE_RATE: count(100),
  SLIPSTREAM_DRONE_BURST: count(256),
  SLIPSTREAM_NODE_RATE: count(200_000),
  SLIPSTREAM_NODE_BURST: count(400_000),
  SLIPSTREAM_DRONE_IDLE_S: count(900),
  SLIPSTREAM_UPLINK_BUFFER_MIB: count(128, { max: 4096 }),
  SLIPSTREAM_REPLAY_S: count(5, { min: 5, max: 3600 }),
  SLIPSTREAM_REPLAY_KV: z.enum(["0", "1"]).default("0"),
  SLIPSTREAM_CONNECTIONS_MAX: count(20_000, { max: 1_000_000 }),
  SLIPSTREAM_ORIGINS: z.string().default("").transform((list) => list.split(",").map((item) => item.trim()))
    .transform((origins) => origins.filter((origin) => origin !== ""))
    .refine(
      (origins) => origins.every(isOrigin),
      "must be origins such as https://ops.example.com, with commas between",
    ),
  SLIPSTREAM_HOSTS: z.string().default("").transform(listHosts).refine(
    (hosts) => hosts.every(isHost),
    "must be names such as ops.example.com, without ports, with commas between",
  ),
  DENO_DEPLOY: z.string().optional(),
  DENO_DEPLOYMENT_ID: z.string().optional(),
});

export interface EdgeConfig {
  host: string;
  port: number;
  edgeId: string;
  region: string;
  uplinkUrl: string;
  /** For drones without an entry in KV. */
  fleet: string;
  zone: string;
  /** Path of the KV database, "default" for the platform's own, undefined: no lookup. */
  kv: string | undefined;
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
  /** Connections that the kernel holds until they are taken. */
  listenBacklog: number;
  /** Web pages that may send telemetry. */
  origins: ReadonlySet<string>;
  /** Names besides those of loopback by which the edge may be asked; null: any, the platform knows which are its own. */
  hosts: ReadonlySet<string> | null;
  /** The platform ends connections: Deno Deploy. */
  hosted: boolean;
}

/** Files, database and uplink of the process itself, and the HTTP connections beside the drones'. */
const OWN_FILES = 96;
const LISTEN_BACKLOG_MAX = 511;

/** The soft limit of /proc/self/limits; null where it has none, or there is no such file. */
export function openFilesMax(limits: string): number | null {
  const soft = /^Max open files +(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}

/**
 * @param openFiles how many files the process may have open; null: that sets no limit.
 * @throws {TypeError} naming every variable that is wrong, and what it must be.
 */
export function readEdgeConfig(env: Record<string, string | undefined>, openFiles: number | null = null): EdgeConfig {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const { success, data, error } = schema.safeParse(set);
  if (!success) {
    const problems = error.issues.map(({ path, message }) => `  ${path.join(".")}=${set[String(path[0])]}: ${message}`);
    throw new TypeError(`Cannot start the edge: ${problems.length} setting(s) are wrong\n${problems.join("\n")}`);
  }
  const files = openFiles ?? Infinity;
  const hosted = data.DENO_DEPLOY !== undefined || data.DENO_DEPLOYMENT_ID !== undefined;
  // As many may have been accepted before the first of them is looked at.
  const listenBacklog = Math.max(8, Math.min(LISTEN_BACKLOG_MAX, files >> 3 || LISTEN_BACKLOG_MAX));
  return {
    host: data.SLIPSTREAM_EDGE_HOST,
    port: data.SLIPSTREAM_EDGE_PORT,
    edgeId: data.SLIPSTREAM_EDGE_ID,
    region: data.SLIPSTREAM_REGION,
    uplinkUrl: data.SLIPSTREAM_UPLINK_URL,
    fleet: data.SLIPSTREAM_FLEET,
    zone: data.SLIPSTREAM_ZONE,
    kv: data.SLIPSTREAM_KV,
    zoneTtlMs: data.SLIPSTREAM_ZONE_TTL_S * 1000,
    droneRatePerS: data.SLIPSTREAM_DRONE_RATE,
    droneBurst: data.SLIPSTREAM_DRONE_BURST,
    nodeRatePerS: data.SLIPSTREAM_NODE_RATE,
    nodeBurst: data.SLIPSTREAM_NODE_BURST,
    droneIdleMs: data.SLIPSTREAM_DRONE_IDLE_S * 1000,
    uplinkBytesMax: data.SLIPSTREAM_UPLINK_BUFFER_MIB * (1 << 20),
    replayMs: data.SLIPSTREAM_REPLAY_S * 1000,
    replayInKv: data.SLIPSTREAM_REPLAY_KV === "1",
    connectionsMax: Math.max(1, Math.min(data.SLIPSTREAM_CONNECTIONS_MAX, files - OWN_FILES - listenBacklog)),
    connectionsAsked: data.SLIPSTREAM_CONNECTIONS_MAX,
    listenBacklog,
    origins: new Set(data.SLIPSTREAM_ORIGINS),
    hosts: hosted ? null : new Set(data.SLIPSTREAM_HOSTS),
    hosted,
  };
}
