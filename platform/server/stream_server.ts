// A server of plain streams of bytes, over TCP or TLS, for protocols that bring their own messages. Places, handshakes,
// certificates and what is refused are as with HTTP.
import { createServer as createTcpServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Platform } from "../system.ts";
import { letIn } from "./entering.ts";
import { keepListening } from "./listening.ts";
import type { Peer } from "./peer.ts";
import { Places } from "./places.ts";
import { HANDSHAKE_MS_MAX, type Server, type ServerSettings } from "./server.ts";
import { TlsEnd } from "./tls.ts";

/** One connection, as who uses it sees it. */
export interface Stream {
  readonly open: boolean;
  /** Handed over to be sent and not yet taken by the kernel. */
  readonly bufferedBytes: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Once what was sent is out, or nobody takes it. */
  close(): void;
}

/** What is done with what a connection brings. */
export interface StreamEnds {
  bytes: (chunk: Uint8Array) => void;
  closed: () => void;
}

export interface StreamSettings extends Omit<ServerSettings, "sockets"> {
  /** What it speaks, in the URL and by the name that TLS has for it (ALPN). */
  scheme: "mqtt" | "mavlink";
  /** Takes over a connection. */
  accept: (stream: Stream, peer: Peer) => StreamEnds;
}

/** After a close of ours a peer has so long to take what was sent. */
const CLOSE_MS_MAX = 5000;

/**
 * Listens, and serves until it is stopped.
 * @throws {Deno.errors.AddrInUse} when the port is taken
 * @throws {TypeError} when the certificates cannot be used
 */
export async function serveStreams(settings: StreamSettings): Promise<Server> {
  const { clock, after, refusals, accept, scheme } = settings;
  const tls = settings.tls && await TlsEnd.open(settings.tls);
  const options = { noDelay: true };
  const server = tls
    ? createTlsServer({ ...options, ...tls.optionsFor(scheme), handshakeTimeout: HANDSHAKE_MS_MAX })
    : createTcpServer(options);
  const connections = letIn(server, {
    ...{ places: new Places(settings, clock), refusals, tls },
    // Without a listener it would end the process; it is followed by close.
    onOpen: (tcp) => void tcp.on("error", () => tcp.destroy()),
    onPeer: (socket, peer) => carry(socket, { after, accept: (stream) => accept(stream, peer) }),
  });
  const listener = await keepListening(server, { ...settings, scheme: tls ? `${scheme}s` : scheme });
  const endFreshness = tls?.keepFresh(server as ReturnType<typeof createTlsServer>, { ...settings, protocol: scheme });
  return {
    url: listener.url,
    async stop() {
      endFreshness?.();
      listener.stop();
      const ended = Array.from(connections, (tcp) => new Promise((resolve) => tcp.once("close", resolve)));
      for (const tcp of connections) tcp.destroy();
      await Promise.all(ended);
    },
  };
}

function carry(
  socket: Socket,
  { after, accept }: { after: Platform["after"]; accept: (stream: Stream) => StreamEnds },
): void {
  let open = true;
  let cancel = () => {};
  const ends = accept({
    get open() {
      return open;
    },
    get bufferedBytes() {
      return socket.writableLength;
    },
    send: (bytes) => void socket.write(bytes),
    close: () => {
      if (!open) return;
      open = false;
      cancel = after(CLOSE_MS_MAX, () => socket.destroy());
      socket.destroySoon();
    },
  });
  socket.on("error", () => socket.destroy());
  socket.on("data", ends.bytes);
  socket.once("close", () => {
    open = false;
    cancel();
    ends.closed();
  });
}
