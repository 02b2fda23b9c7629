// WebSockets by `ws`, within limits that hold whatever they are used for.
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import { Liveness } from "./liveness.ts";
import type { RefusalReason } from "./refusals.ts";
import type { SocketLimits } from "./server.ts";

/** What `ws` has beyond a WebSocket, as far as it is used here. */
interface PeerSocket extends WebSocket {
  on(event: "ping" | "pong", listener: (data: Uint8Array<ArrayBuffer>) => void): void;
  on(event: "message", listener: () => void): void;
  on(event: "error", listener: (error: Error & { code?: string }) => void): void;
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

const Upgrader = WebSocketServer as unknown as new (options: Record<string, unknown>) => Upgrader;

/** After a close of ours a peer has so long to answer it. */
const CLOSE_MS_MAX = 5000;

/** Counts why one was ended, and of whom. */
type Refuse = (reason: RefusalReason, tcp: Socket) => void;

/** The open WebSockets. */
export class WebSockets {
  readonly #limits: SocketLimits;
  readonly #upgrader: Upgrader;
  readonly #refuse: Refuse;
  readonly #open = new Map<PeerSocket, { liveness: Liveness; end: (reason: RefusalReason) => void }>();
  readonly #protocols = new WeakMap<IncomingMessage, string>();

  constructor(limits: SocketLimits, refuse: Refuse) {
    this.#limits = limits;
    this.#refuse = refuse;
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
      this.#watch(socket, tcp);
      accept(socket);
    });
  }

  #watch(socket: PeerSocket, tcp: Socket): void {
    const { unreadBytesMax } = this.#limits;
    const liveness = new Liveness(this.#limits);
    const end = (reason: RefusalReason) => {
      // What it has sent already is still read: it has ended once.
      if (!this.#open.delete(socket)) return;
      this.#refuse(reason, tcp);
      socket.terminate();
    };
    this.#open.set(socket, { liveness, end });
    socket.once("close", () => this.#open.delete(socket));
    // It is always followed by close; without a listener it would end the process.
    socket.on("error", ({ code }) => code?.startsWith("WS_ERR") && this.#refuse("message", tcp));
    // Before `ws` has looked at them.
    tcp.prependListener("data", (data: Uint8Array) => liveness.bytes(data.length));
    socket.on("message", () => liveness.message() || end("flood"));
    const control = (data: Uint8Array) => {
      const isEnough = !liveness.control(data.length);
      if (isEnough) end("flood");
      return !isEnough;
    };
    socket.on("ping", (data) => control(data) && socket.bufferedAmount < unreadBytesMax && socket.pong(data));
    socket.on("pong", control);
  }

  /** Once a second. A peer that vanished without a word is only noticed by its silence. */
  check(): void {
    for (const [socket, { liveness, end }] of this.#open) {
      const verdict = liveness.second();
      if (verdict === "slow") end("slow");
      else if (verdict === "silent") socket.terminate();
      else if (verdict === "ask" && socket.readyState === WebSocket.OPEN) socket.ping();
    }
  }
}
