// MAVLink without a WebSocket: over UDP and TCP, for peers that are named, sign, or are on this machine.
import { ANYONE, type Identity } from "../../identity/identity.ts";
import { isLoopback } from "../../identity/settings.ts";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import type { Peer } from "../../platform/server/peer.ts";
import type { Server } from "../../platform/server/server.ts";
import type { Stream, StreamEnds } from "../../platform/server/stream_server.ts";
import type { EdgeConfig } from "../config.ts";
import type { Links } from "./mavlink/links.ts";
import type { MavlinkDoor } from "./mavlink_door.ts";
import type { EdgeServing } from "./serving.ts";

export interface MavlinkServing extends Omit<EdgeServing, "tls"> {
  config: EdgeServing["config"] & Pick<EdgeConfig, "mavlink">;
}

/**
 * Listens for MAVLink over UDP, and serves it until it is stopped; null: nobody wants that.
 * @throws {Deno.errors.AddrInUse} when the port is taken
 */
export async function serveMavlinkUdp(
  door: Pick<MavlinkDoor, "open">,
  { config, platform, refusals }: MavlinkServing,
): Promise<Server | null> {
  const { host, udpPort: port } = config.mavlink;
  if (port === null) return null;
  const { clock, after, log } = platform;
  const { serveDatagrams } = await import("../../platform/server/datagram_server.ts");
  const links = await door.open();
  return await serveDatagrams({
    ...{ ...config, host, port, refusals, clock, after, log, accept: accepting(links, config.mavlink) },
    isWelcome: (datagram, { address }) => !mustSign(address, config.mavlink) || links.isSigned(datagram),
  });
}

/**
 * The same over TCP.
 * @throws {Deno.errors.AddrInUse} when the port is taken
 * @throws {TypeError} when this runtime cannot do it
 */
export async function serveMavlinkTcp(
  door: Pick<MavlinkDoor, "open">,
  { config, platform, refusals }: MavlinkServing,
): Promise<Server | null> {
  const { host, tcpPort: port } = config.mavlink;
  if (port === null) return null;
  if (!noticesBrokenSockets()) throw new TypeError("Cannot listen for MAVLink over TCP: this Deno is older than 2.6");
  const { clock, after, every, soon, log } = platform;
  const { serveStreams } = await import("../../platform/server/stream_server.ts");
  const accept = accepting(await door.open(), config.mavlink);
  const settings = { ...config, host, port, tls: null, refusals, clock, after, every, soon, log };
  return await serveStreams({ ...settings, portSharedBy: 1, scheme: "mavlink", accept });
}

/** Whether a peer at this address is heard by its signatures only. */
export function mustSign(address: string, { host, peers }: Pick<EdgeConfig["mavlink"], "host" | "peers">): boolean {
  return !isLoopback(host) && !peers.has(address);
}

function accepting(
  links: Pick<Links, "take">,
  mavlink: EdgeConfig["mavlink"],
): (stream: Stream, peer: Peer) => StreamEnds {
  let count = 0;
  return (stream, { address }) => {
    const identity: Identity = { ...ANYONE, uri: `mavlink:${address}/${++count}`, actions: new Set(["publish"]) };
    return links.take(stream, identity, { mustSign: mustSign(address, mavlink) });
  };
}
