// What a server and the app that it serves know of each other: who asks, how a WebSocket is made of a request, and where
// and within which limits it is served.
import type { Platform } from "../system.ts";
import type { Peer } from "./peer.ts";
import type { PlacesSettings } from "./places.ts";
import type { Refusals } from "./refusals.ts";
import type { TlsSettings } from "./tls.ts";

/** Makes a WebSocket of the request that is being answered, and hands it to `accept`. @returns what is to be answered */
export type Upgrade = (options: {
  /** The subprotocol that the app has chosen of those that were offered; undefined: none. */
  protocol: string | undefined;
  accept: (socket: WebSocket) => void;
}) => Response;

/** What the server that calls an app can tell it, and do for one request. */
export interface Bindings {
  peer?: Peer;
  /** Only where a WebSocket can be made. */
  upgrade?: Upgrade;
}

/** What answers requests, such as a Hono app. */
export interface App {
  fetch: (request: Request, bindings: Bindings) => Response | Promise<Response>;
}

/** Limits of the WebSockets. */
export interface SocketLimits {
  /** Of a message. */
  messageBytesMax: number;
  /** Parts of an unfinished message, as its sender cut it, and as it arrived. */
  fragmentsMax: number;
  chunksMax: number;
  /** More messages a second are a flood. */
  messagesPerSMax: number;
  /** A message comes to its end within so long. */
  messageMs: number;
  /** Beyond so much that a peer has not read, its pings are not answered. */
  unreadBytesMax: number;
}

/** What a server needs of the machine it runs on. */
export type ServerPlatform = Pick<Platform, "clock" | "after" | "every" | "soon" | "log">;

/** Where it listens, and how much of it there may be. */
export interface ServerSettings extends ServerPlatform, PlacesSettings {
  host: string;
  /** 0: one that is free. */
  port: number;
  /** Connections that the kernel holds until they are taken. */
  listenBacklog: number;
  /** Processes that listen on this port together, and between which the kernel divides connections. */
  portSharedBy?: number;
  sockets: SocketLimits;
  /** Null: plain HTTP, as behind somebody who ends TLS. */
  tls: TlsSettings | null;
  /** Counts whose connection was refused or ended, before the app was asked or without it. */
  refusals: Refusals;
}

/** A server that listens. */
export interface Server {
  /** http://HOST:PORT, or as its scheme is. */
  url: string;
  /** Listens no more, answers what was asked for a moment longer, and ends what connections there are. */
  stop: () => Promise<void>;
}

/** From the connection to the end of the handshake. */
export const HANDSHAKE_MS_MAX = 5000;

export type Scheme = "http" | "https" | "mqtt" | "mqtts" | "mavlink" | "mavlinks" | "udp";

/** An address in a URL's brackets, if it needs them. */
export function urlOf({ scheme, host, port }: { scheme: Scheme; host: string; port: number }): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What a client proves by that it means a WebSocket: 16 bytes in base64 (RFC 6455 §4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Whether a request that says `upgrade: websocket` is one that can become a WebSocket. */
export function isHandshake(headers: Headers): boolean {
  const isUpgrade = /(^|,)\s*upgrade\s*(,|$)/i.test(headers.get("connection") ?? "");
  return isUpgrade && KEY.test(headers.get("sec-websocket-key") ?? "") && headers.get("sec-websocket-version") === "13";
}
