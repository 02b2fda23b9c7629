// What of a node's settings is an edge's own: its name, its share of the bucket, its place behind the port, its KV.
import type { EdgeConfig } from "../config.ts";
import { memberId } from "../ids/edge_id.ts";
import type { Welcome } from "./messages.ts";

/** Where an edge of a node keeps its batches: writers of one database wait for each other. Zones stay in the node's. */
export function memberKv(kv: string, number: number): string {
  return kv === "default" ? kv : `${kv}.${number}`;
}

/** A node's settings, as one of its edges has them. The burst is not lent: the longest frame must always fit. */
export function memberConfig(
  config: EdgeConfig,
  { number, of, port, mqttPort, ratePerS }: Omit<Welcome, "pseudonymKey">,
): EdgeConfig {
  const { edgeId, kv, nodeBurst, mavlink, traffic } = config;
  return {
    ...config,
    port,
    mqttPort,
    // One peer's datagrams must not reach several, and what one receiver hears is heard once: by the first.
    mavlink: number === 1 ? mavlink : { ...mavlink, udpPort: null, tcpPort: null },
    traffic: number === 1 ? traffic : { ...traffic, sbs1: [] },
    edgeId: memberId(edgeId, number),
    backlogKv: kv === undefined ? undefined : memberKv(kv, number),
    nodeRatePerS: ratePerS,
    nodeBurst: Math.max(1, Math.floor(nodeBurst / of)),
    portSharedBy: of,
  };
}
