// The edge's settings, from environment variables. All problems are reported at once, before anything starts.
import { z } from "zod";

const loopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;
const count = (fallback: number, { min = 1, max = 1e9 } = {}) =>
  z.coerce.number().int().min(min).max(max).default(fallback);
const name = (fallback: string) =>
  z.string().regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, dots, dashes").default(fallback);

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
  SLIPSTREAM_UPLINK_BUFFER_MIB: count(64, { max: 4096 }),
  SLIPSTREAM_REPLAY_S: count(5, { min: 5, max: 3600 }),
  SLIPSTREAM_REPLAY_KV: z.enum(["0", "1"]).default("0"),
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
}

/** @throws {TypeError} naming every variable that is wrong, and what it must be. */
export function readEdgeConfig(env: Record<string, string | undefined>): EdgeConfig {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const { success, data, error } = schema.safeParse(set);
  if (!success) {
    const problems = error.issues.map(({ path, message }) => `  ${path.join(".")}=${set[String(path[0])]}: ${message}`);
    throw new TypeError(`Cannot start the edge: ${problems.length} setting(s) are wrong\n${problems.join("\n")}`);
  }
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
  };
}
