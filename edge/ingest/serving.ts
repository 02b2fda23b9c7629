// How an edge is served: what fits its memory and its descriptors.
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { serve, type Serving } from "../../platform/server/serving.ts";
import type { Server, ServerPlatform } from "../../platform/server/server.ts";
import { FRAME_BYTES_MAX } from "../../proto/words.ts";
import type { EdgeConfig } from "../config.ts";
import { BUFFERED_BYTES_MAX } from "../drones/connection.ts";
import type { EdgeApp } from "./app.ts";
import type { MqttDoor } from "./mqtt_door.ts";

/** So many connections more than drones: for whoever asks /v1/status while all places are taken. */
const HTTP_CONNECTIONS = 32;
/**
 * Parts of an unfinished message. Each may keep the read in which it came, up to 64 KiB: an honest peer's message of
 * FRAME_BYTES_MAX costs that much, a hostile one's up to 2 MiB.
 */
export const SOCKETS = {
  messageBytesMax: FRAME_BYTES_MAX,
  fragmentsMax: 32,
  chunksMax: 256,
  messagesPerSMax: 20_000,
  messageMs: 10_000,
  unreadBytesMax: BUFFERED_BYTES_MAX,
};

export interface EdgeServing extends Pick<Serving, "tls" | "refusals"> {
  config: Pick<
    EdgeConfig,
    | "host"
    | "port"
    | "portSharedBy"
    | "listenBacklog"
    | "connectionsMax"
    | "addressConnectionsMax"
    | "sharedAddresses"
    | "hosted"
  >;
  platform: ServerPlatform;
}

/**
 * Listens for MQTT over TCP, or TLS, and serves it until it is stopped; null: nobody wants that.
 * @throws {Deno.errors.AddrInUse} when the port is taken
 * @throws {TypeError} when the certificates cannot be used, or this runtime cannot do it
 */
export async function serveMqtt(
  door: Pick<MqttDoor, "open">,
  { config, platform, tls, refusals }: EdgeServing & { config: Pick<EdgeConfig, "mqttPort"> },
): Promise<Server | null> {
  const { mqttPort: port, hosted } = config;
  if (port === null) return null;
  if (hosted || !noticesBrokenSockets()) {
    const why = hosted ? "the platform takes none" : "this Deno is older than 2.6";
    throw new TypeError(`Cannot listen for MQTT over TCP: ${why}`);
  }
  const { clock, after, every, soon, log } = platform;
  const { serveStreams } = await import("../../platform/server/stream_server.ts");
  const mqtt = await door.open();
  return await serveStreams({
    ...{ ...config, port, tls, refusals, clock, after, every, soon, log, scheme: "mqtt" },
    accept: (stream, peer) => mqtt.take(stream, { method: "CONNECT", path: "/mqtt", headers: new Headers(), peer }),
  });
}

/**
 * Listens for drones, and serves them until it is stopped.
 * @throws {Deno.errors.AddrInUse} when the port is taken
 * @throws {TypeError} when the certificates cannot be used
 */
export function serveEdge(app: EdgeApp, { config, platform, tls, refusals }: EdgeServing): Promise<Server> {
  const { clock, after, every, soon, log } = platform;
  const settings = {
    ...config,
    connectionsMax: config.connectionsMax + HTTP_CONNECTIONS,
    ...{ sockets: SOCKETS, tls, refusals },
  };
  return serve(app, { ...settings, clock, after, every, soon, log });
}
