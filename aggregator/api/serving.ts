// How an aggregator is served: edges' sockets, readers of events, and whoever asks.
import { loadLibrary } from "../../platform/metrics.ts";
import { serve, type Serving } from "../../platform/server/serving.ts";
import type { Server, ServerPlatform } from "../../platform/server/server.ts";
import type { AggregatorConfig } from "../config.ts";
import { BUFFERED_BYTES_MAX, MESSAGE_BYTES_MAX } from "../intake/edge_connection.ts";
import { DiskSpace } from "../journal/disk_space.ts";
import { type ApiParts, createApi } from "./api.ts";
import { fleetMetrics, type MetricsParts } from "./fleet_metrics.ts";

/** A long message comes in many reads, over a slow way in thousands; each costs what it brings and little more. */
const SOCKETS = {
  messageBytesMax: MESSAGE_BYTES_MAX,
  fragmentsMax: 32,
  chunksMax: 8192,
  messagesPerSMax: 20_000,
  messageMs: 30_000,
  unreadBytesMax: BUFFERED_BYTES_MAX,
};

export interface AggregatorServing extends Partial<Pick<Serving, "tls">>, Pick<Serving, "refusals"> {
  config: Pick<
    AggregatorConfig,
    | "host"
    | "port"
    | "connectionsMax"
    | "addressConnectionsMax"
    | "sharedAddresses"
    | "listenBacklog"
    | "hosts"
    | "journalPath"
  >;
  platform: ServerPlatform;
}

/**
 * Listens, and serves until it is stopped.
 * @throws {Deno.errors.AddrInUse} when the port is taken
 * @throws {TypeError} when the certificates cannot be used
 */
export async function serveAggregator(
  parts: Omit<ApiParts, "hosts" | "log" | "metrics" | "journalFolder"> & Omit<MetricsParts, "disk">,
  { config, platform, tls = null, refusals }: AggregatorServing,
): Promise<Server> {
  const { clock, after, every, soon, log } = platform;
  const settings = { ...config, sockets: SOCKETS, tls, refusals, hosted: false };
  const metrics = fleetMetrics({ ...parts, disk: new DiskSpace(config.journalPath) });
  const journalFolder = config.journalPath !== ":memory:" ? config.journalPath : null;
  const api = createApi({ ...parts, hosts: config.hosts, journalFolder, metrics, log });
  await loadLibrary();
  return await serve(api, { ...settings, clock, after, every, soon, log });
}
