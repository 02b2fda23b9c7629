// A server on a machine of its own: node:http or node:https and `ws`, which can be given limits that Deno.serve does not
// have: bytes of an unfinished message, time for a request, number of connections; and which can ask for certificates.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import { Answers } from "./answers.ts";
import { letIn } from "./entering.ts";
import { keepListening } from "./listening.ts";
import type { Peer } from "./peer.ts";
import { Places } from "./places.ts";
import { refuseUpgrade, send, toRequest, unexpected, unreadable } from "./requests.ts";
import { SAFE_HEADERS } from "./safe_headers.ts";
import { type App, HANDSHAKE_MS_MAX, type Server, type ServerSettings, type Upgrade } from "./server.ts";
import { TlsEnd } from "./tls.ts";
import { WebSockets } from "./web_sockets.ts";

/** From the handshake to the end of the headers, and of the body; looked at once a second. */
const HEADERS_MS_MAX = 5000;
const REQUEST_MS_MAX = 8000;
const KEEP_ALIVE_MS = 5000;
/** So long answers may take while it stops. */
const STOP_MS_MAX = 1000;

const LIMITS = {
  noDelay: true,
  headersTimeout: HEADERS_MS_MAX,
  requestTimeout: REQUEST_MS_MAX,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: 1000,
  // A request without one is refused by `toRequest`, as every other one that is none.
  requireHostHeader: false,
};

/** Headers of an answer to what is no request. */
const CLOSING = Object.entries({ ...SAFE_HEADERS, "content-length": "0", "connection": "close" })
  .map(([name, value]) => `${name}: ${value}\r\n`).join("");

/**
 * Listens, and serves until it is stopped.
 * @throws {Deno.errors.AddrInUse} when the port is taken
 * @throws {TypeError} when the certificates cannot be used
 */
export async function serveWithLimits(app: App, settings: ServerSettings): Promise<Server> {
  const { clock, every, after, log, refusals } = settings;
  const tls = settings.tls && await TlsEnd.open(settings.tls);
  const places = new Places(settings, clock);
  const webSockets = new WebSockets(settings.sockets, (reason, tcp) => {
    refusals.count(reason);
    if (reason === "flood") places.flooded(peers.get(tcp)?.address ?? "");
  });
  const answers = new Answers(refusals);
  /** Who is at the other end of the connections whose handshake is over. */
  const peers = new WeakMap<Socket, Peer>();
  const failed = (tcp: Socket, error: unknown) => {
    log("warn", `Cannot answer a request: ${error}`);
    tcp.destroy();
  };

  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const peer = peers.get(incoming.socket);
    if (!peer) return void incoming.socket.destroy();
    answers.add(outgoing);
    answer(app, { incoming, outgoing, peer, soon: settings.soon }).catch((error) => failed(incoming.socket, error));
  };
  const http = tls
    ? createHttpsServer({ ...LIMITS, ...tls.optionsFor("http/1.1"), handshakeTimeout: HANDSHAKE_MS_MAX }, onRequest)
    : createHttpServer(LIMITS, onRequest);

  const connections = letIn(http, {
    ...{ places, refusals, tls },
    onOpen: () => {},
    onPeer: (socket, peer) => void peers.set(socket, peer),
  });
  http.on("clientError", (error: Error & { code?: string }, tcp: Socket) => {
    if (!peers.has(tcp)) return void tcp.destroy();
    if (error.code !== "ECONNRESET" && error.code !== "EPIPE") refusals.count("request");
    const status = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
    if (tcp.writable) tcp.write(`HTTP/1.1 ${status}\r\n${CLOSING}\r\n`);
    tcp.destroySoon();
  });
  http.on("checkExpectation", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    answers.add(outgoing);
    send(unexpected(), { incoming, outgoing, soon: settings.soon }).catch((error) => failed(incoming.socket, error));
  });
  http.on("upgrade", (incoming: IncomingMessage, tcp: Socket, head: Uint8Array) => {
    // Until `ws` has taken it over, nobody else hears that the peer has gone.
    tcp.on("error", () => tcp.destroy());
    const peer = peers.get(tcp);
    if (!peer) return void tcp.destroy();
    const take: Upgrade = (options) => {
      webSockets.take(incoming, { tcp, head, ...options });
      return new Response();
    };
    upgrade(app, { incoming, tcp, peer, take }).catch((error) => failed(tcp, error));
  });

  const listener = await keepListening(http, { ...settings, scheme: tls ? "https" : "http" });
  const endFreshness = tls?.keepFresh(http as HttpsServer, { ...settings, protocol: "http/1.1" });
  const tell = () => {
    const news = refusals.takeNews();
    if (news !== null) log("warn", news);
  };
  const endChecks = every(1000, () => {
    webSockets.check();
    answers.check();
    tell();
  });
  return {
    url: listener.url,
    async stop() {
      endFreshness?.();
      endChecks();
      tell();
      listener.stop();
      await answers.finish({ limitMs: STOP_MS_MAX, after });
      const ended = Array.from(connections, (tcp) => new Promise((resolve) => tcp.once("close", resolve)));
      for (const tcp of connections) tcp.destroy();
      await Promise.all(ended);
      http.close();
    },
  };
}

async function upgrade(app: App, { incoming, tcp, peer, take }: {
  incoming: IncomingMessage;
  tcp: Socket;
  peer: Peer;
  take: Upgrade;
}): Promise<void> {
  let taken = false;
  const request = toRequest(incoming);
  const response = request === null ? unreadable() : await app.fetch(request, {
    peer,
    upgrade: (options) => {
      taken = true;
      return take(options);
    },
  });
  if (!taken) await refuseUpgrade(response, tcp);
}

async function answer(app: App, { incoming, outgoing, peer, soon }: {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  peer: Peer;
  soon: ServerSettings["soon"];
}): Promise<void> {
  const request = toRequest(incoming);
  const response = request === null ? unreadable() : await app.fetch(request, { peer });
  await send(response, { incoming, outgoing, soon });
}
