// The edge's sockets on a machine of its own: node:http and `ws`, which can be given limits that Deno.serve does not
// have: bytes of an unfinished message, time for a request, number of connections.
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { WebSocketServer } from "ws";
import { FRAME_BYTES_MAX, TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";
import type { EdgeApp } from "./app.ts";
import { BUFFERED_BYTES_MAX } from "../drones/connection.ts";
import { keepListening } from "./listening.ts";
import type { EdgeServer, ServerSettings } from "./server.ts";

/** What `ws` has beyond a WebSocket, as far as it is used here. */
interface PeerSocket extends WebSocket {
  on: (event: "ping", listener: (data: Uint8Array<ArrayBuffer>) => void) => void;
  once: (event: "close", listener: () => void) => void;
  ping: () => void;
  pong: (data: Uint8Array<ArrayBuffer>) => void;
  /** Ends the connection without a word. */
  terminate: () => void;
}

interface Upgrader {
  handleUpgrade: (
    request: IncomingMessage,
    tcp: Socket,
    head: Uint8Array,
    taken: (socket: PeerSocket) => void,
  ) => void;
}

const Upgrader: new (options: Record<string, unknown>) => Upgrader = WebSocketServer;

/** So many connections more than drones: for whoever asks /v1/status while all places are taken. */
const HTTP_CONNECTIONS = 32;
/** From the connection to the end of the headers, and to the end of the body; looked at once a second. */
const HEADERS_MS_MAX = 5000;
const REQUEST_MS_MAX = 8000;
const KEEP_ALIVE_MS = 5000;
/** After a close of ours a peer has so long to answer it. */
const CLOSE_MS_MAX = 5000;
/** A peer that was silent for so many seconds is asked for a sign of life, and then given up. */
const PING_AFTER_S = 15;
const SILENT_S_MAX = 30;
/**
 * Parts of an unfinished message. Each may keep the read in which it came, up to 64 KiB: an honest peer's message of
 * FRAME_BYTES_MAX costs that much, a hostile one's up to 2 MiB.
 */
const FRAGMENTS_MAX = 32;
const CHUNKS_MAX = 256;

interface Peer {
  tcp: Socket;
  bytesRead: number;
  silentS: number;
}

/**
 * Listens, and serves until it is stopped.
 * @throws {Deno.errors.AddrInUse} when the port is taken.
 */
export async function serveWithLimits(app: EdgeApp, settings: ServerSettings): Promise<EdgeServer> {
  const { connectionsMax, every, log } = settings;
  const upgrader = new Upgrader({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
    maxFragments: FRAGMENTS_MAX,
    maxBufferedChunks: CHUNKS_MAX,
    // Ours are bounded by bytes: `ws` counts pongs that a busy process has sent and not yet heard of as waiting.
    autoPong: false,
    closeTimeout: CLOSE_MS_MAX,
    handleProtocols: (offered: Set<string>) => offered.has(TELEMETRY_SUBPROTOCOL) && TELEMETRY_SUBPROTOCOL,
  });
  const connections = new Set<Socket>();
  const peers = new Map<PeerSocket, Peer>();
  let dropped = 0;
  const failed = (tcp: Socket, error: unknown) => {
    log("warn", `Cannot answer a request: ${error}`);
    tcp.destroy();
  };

  const http = createServer({
    noDelay: true,
    headersTimeout: HEADERS_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 1000,
  }, (incoming, outgoing) => {
    answer(app, { incoming, outgoing }).catch((error) => failed(incoming.socket, error));
  });

  http.on("connection", (tcp: Socket) => {
    if (connections.size >= connectionsMax + HTTP_CONNECTIONS) {
      dropped++;
      tcp.destroy();
      return;
    }
    connections.add(tcp);
    tcp.once("close", () => connections.delete(tcp));
  });

  http.on("upgrade", (incoming: IncomingMessage, tcp: Socket, head: Uint8Array) => {
    // Until `ws` has taken it over, nobody else hears that the peer has gone.
    tcp.on("error", () => tcp.destroy());
    const take = (accept: (socket: WebSocket) => void) =>
      upgrader.handleUpgrade(incoming, tcp, head, (socket) => {
        peers.set(socket, { tcp, bytesRead: 0, silentS: 0 });
        socket.once("close", () => peers.delete(socket));
        socket.on("ping", (data) => socket.bufferedAmount < BUFFERED_BYTES_MAX && socket.pong(data));
        accept(socket);
      });
    upgrade(app, { incoming, tcp, take }).catch((error) => failed(tcp, error));
  });

  const listener = await keepListening(http, settings);
  const cancel = every(1000, () => {
    for (const [socket, peer] of peers) checkPeer(socket, peer);
    if (dropped > 0) log("warn", `${dropped} connections dropped: no more than ${connectionsMax} drones fit`);
    dropped = 0;
  });
  return {
    url: listener.url,
    async stop() {
      cancel();
      listener.stop();
      const ended = Array.from(connections, (tcp) => new Promise((resolve) => tcp.once("close", resolve)));
      for (const tcp of connections) tcp.destroy();
      await Promise.all(ended);
      http.close();
    },
  };
}

// Once a second. A peer that vanished without a word is only noticed by its silence.
function checkPeer(socket: PeerSocket, peer: Peer): void {
  const { bytesRead } = peer.tcp;
  peer.silentS = bytesRead === peer.bytesRead ? peer.silentS + 1 : 0;
  peer.bytesRead = bytesRead;
  if (peer.silentS >= SILENT_S_MAX) socket.terminate();
  else if (peer.silentS === PING_AFTER_S && socket.readyState === WebSocket.OPEN) socket.ping();
}

async function upgrade(app: EdgeApp, { incoming, tcp, take }: {
  incoming: IncomingMessage;
  tcp: Socket;
  take: (accept: (socket: WebSocket) => void) => void;
}): Promise<void> {
  let taken = false;
  const request = toRequest(incoming);
  const response = request === null ? unreadable() : await app.fetch(request, {
    upgrade: ({ accept }) => {
      taken = true;
      take(accept);
      return new Response();
    },
  });
  if (taken) return;
  const body = new Uint8Array(await response.arrayBuffer());
  const headers = [...response.headers, ["content-length", `${body.length}`], ["connection", "close"]];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  tcp.write(`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}\r\n${lines}\r\n`);
  tcp.end(body, () => tcp.destroy());
}

async function answer(app: EdgeApp, { incoming, outgoing }: {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}): Promise<void> {
  const request = toRequest(incoming);
  const response = request === null ? unreadable() : await app.fetch(request, {});
  const body = new Uint8Array(await response.arrayBuffer());
  // What is left of a body that nobody reads goes with the connection.
  if (!incoming.complete) outgoing.shouldKeepAlive = false;
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), "content-length": body.length });
  outgoing.end(body);
}

function unreadable(): Response {
  return Response.json({ error: "Cannot read the request: its address is none" }, { status: 400 });
}

// Null: there is no such request. Of its address only the path is looked at, never the host.
function toRequest(incoming: IncomingMessage): Request | null {
  const { method = "GET", url = "/", headers } = incoming;
  const address = `http://edge${url}`;
  if (!url.startsWith("/") || !URL.canParse(address) || /^(CONNECT|TRACE|TRACK)$/i.test(method)) return null;
  const of = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) of.set(name, String(value));
  if (method !== "POST") return new Request(address, { method, headers: of });
  return new Request(address, { method, headers: of, body: Readable.toWeb(incoming) as ReadableStream<Uint8Array> });
}
