// WebSockets by node's `ws`, and whether somebody is still at the other end of each.
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import type { SocketLimits } from "./server.ts";

/** What `ws` has beyond a WebSocket, as far as it is used here. */
interface PeerSocket extends WebSocket {
  on: (event: "ping" | "error", listener: (data: Uint8Array<ArrayBuffer>) => void) => void;
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

/** After a close of ours a peer has so long to answer it. */
const CLOSE_MS_MAX = 5000;
/** A peer that was silent for so many seconds is asked for a sign of life, and then given up. */
const PING_AFTER_S = 15;
const SILENT_S_MAX = 30;

interface Line {
  tcp: Socket;
  bytesRead: number;
  silentS: number;
}

/** The open WebSockets. */
export class WebSockets {
  readonly #limits: SocketLimits;
  readonly #upgrader: Upgrader;
  readonly #lines = new Map<PeerSocket, Line>();
  readonly #protocols = new WeakMap<IncomingMessage, string>();

  constructor(limits: SocketLimits) {
    this.#limits = limits;
    this.#upgrader = new Upgrader({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.messageBytesMax,
      maxFragments: limits.fragmentsMax,
      maxBufferedChunks: limits.chunksMax,
      // Ours are bounded by bytes: `ws` counts pongs that a busy process has sent and not yet heard of as waiting.
      autoPong: false,
      closeTimeout: CLOSE_MS_MAX,
      handleProtocols: (_: Set<string>, incoming: IncomingMessage) => this.#protocols.get(incoming) ?? false,
    });
  }

  /** Makes one of a request; `protocol`: of those that it offers. */
  take(incoming: IncomingMessage, { tcp, head, protocol, accept }: {
    tcp: Socket;
    head: Uint8Array;
    protocol: string | undefined;
    accept: (socket: WebSocket) => void;
  }): void {
    if (protocol !== undefined) this.#protocols.set(incoming, protocol);
    this.#upgrader.handleUpgrade(incoming, tcp, head, (socket) => {
      this.#lines.set(socket, { tcp, bytesRead: 0, silentS: 0 });
      socket.once("close", () => this.#lines.delete(socket));
      // It is always followed by close; without a listener it would end the process.
      socket.on("error", () => {});
      socket.on("ping", (data) => socket.bufferedAmount < this.#limits.unreadBytesMax && socket.pong(data));
      accept(socket);
    });
  }

  /** Once a second. A peer that vanished without a word is only noticed by its silence. */
  check(): void {
    for (const [socket, line] of this.#lines) {
      const { bytesRead } = line.tcp;
      line.silentS = bytesRead === line.bytesRead ? line.silentS + 1 : 0;
      line.bytesRead = bytesRead;
      if (line.silentS >= SILENT_S_MAX) socket.terminate();
      else if (line.silentS === PING_AFTER_S && socket.readyState === WebSocket.OPEN) socket.ping();
    }
  }
}
