// A drone's connection, which comes back whenever it is lost: with full jitter, after a back-off, and also when an edge
// that owes an answer says nothing at all. Before the proof of who the drone is ends, another connection with a new one takes
// over from it.

import { CloseCode } from "../../../proto/words.ts";

export interface LinkSettings {
  backoffMinMs: number;
  backoffMaxMs: number;
  /** Back-off starts anew after a connection has lasted for so long. */
  stableAfterMs: number;
  /** Nothing heard for so long while connecting, or with records on the wire: the link is dead, whatever TCP says. */
  silentMsMax: number;
}

export interface LinkParts {
  /** A new socket to the edge, with subprotocol TELEMETRY_SUBPROTOCOL. */
  connect: () => WebSocket;
  /** How long the proof of a connection that begins now is good, in ms, until it is to be renewed. Without it: for ever. */
  renewAfterMs?: () => number;
  /** How long the edges have asked to be left alone, in ms from now; by default not at all. */
  leaveAloneMs?: () => number;
  /** 0 to 1. */
  random: () => number;
  /** Runs `fn` after `ms`; the answer cancels it. */
  after: (ms: number, fn: () => void) => () => void;
}

/** What a link tells whoever holds it. */
export interface LinkEvents {
  onOpen: () => void;
  onBytes: (bytes: Uint8Array) => void;
  /** The connection is gone; another one comes by itself, unless the link was closed. */
  onLost: (code: number, reason: string) => void;
  /** The connection that was to take over did not come about; the one there is goes on. */
  onRefused?: () => void;
}

const CLOSE_MS_MAX = 2000;
const ABNORMAL = 1006;
/** The readyState of sockets, which are not everywhere the global ones. */
const OPEN = 1;
const CLOSED = 3;

export class Link {
  readonly #settings: LinkSettings;
  readonly #parts: LinkParts;
  readonly #events: LinkEvents;
  #socket: WebSocket | null = null;
  #failures = 0;
  /** That have opened. */
  connections = 0;
  #closed = false;
  #cancelReconnect = () => {};
  #cancelStable = () => {};
  #cancelRenewal = () => {};
  /** It is to take over, once it is open. */
  #renewing: WebSocket | null = null;
  /** While set, the edge owes an answer. */
  #cancelSilence: (() => void) | null = null;

  constructor(settings: LinkSettings, parts: LinkParts, events: LinkEvents) {
    this.#settings = settings;
    this.#parts = parts;
    this.#events = events;
  }

  get connected(): boolean {
    return this.#socket?.readyState === OPEN;
  }

  /** Bytes that wait in the socket; Infinity while there is no connection. */
  get bufferedBytes(): number {
    return this.connected ? this.#socket!.bufferedAmount : Infinity;
  }

  open(): void {
    const socket = this.#parts.connect();
    this.#listen(socket);
    this.#use(socket);
  }

  #use(socket: WebSocket): void {
    this.#socket = socket;
    this.expectAnswer();
    socket.onopen = () => {
      if (socket === this.#socket) this.#opened();
    };
  }

  #opened(): void {
    this.heard();
    this.connections++;
    this.#cancelStable();
    this.#cancelStable = this.#parts.after(this.#settings.stableAfterMs, () => this.#failures = 0);
    this.#renewLater(this.#parts.renewAfterMs?.() ?? Infinity);
    this.#events.onOpen();
  }

  #renewLater(ms: number): void {
    this.#cancelRenewal();
    // Longer than timers are.
    if (ms < 2 ** 31) this.#cancelRenewal = this.#parts.after(ms, () => this.#renew());
  }

  /** Has another connection take over from the one there is. */
  renew(): void {
    if (this.connected && !this.#renewing) this.#renew();
  }

  /** The old connection is used until the new one is there; if that does not come, another one is tried later. */
  #renew(): void {
    const socket = this.#renewing = this.#parts.connect();
    this.#listen(socket);
    this.#cancelRenewal();
    this.#cancelRenewal = this.#parts.after(this.#settings.silentMsMax, () => socket.close());
    socket.onopen = () => {
      if (socket !== this.#renewing) return;
      const before = this.#socket;
      this.#renewing = null;
      this.#socket = socket;
      // What the old one has sent and was not told of goes once more: the edge knows it, and says so.
      this.#events.onLost(CloseCode.normal, "");
      this.#opened();
      before?.close(CloseCode.normal);
    };
  }

  #listen(socket: WebSocket): void {
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      // Whoever sends text is not an edge.
      if (data instanceof ArrayBuffer) this.#events.onBytes(new Uint8Array(data));
      else this.drop();
    };
    // A socket that is refused, or breaks, says so first: with some implementations an error that nobody listens to throws.
    socket.onerror = (event) =>
      this.#lose(socket, { code: ABNORMAL, reason: "message" in event ? `${event.message}` : "" });
    socket.onclose = ({ code, reason }) => this.#lose(socket, { code, reason });
  }

  /** Only while connected. */
  write(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.connected) this.#socket!.send(bytes);
  }

  /** Something was sent that is to be answered. */
  expectAnswer(): void {
    if (this.#cancelSilence) return;
    // In two steps: a process that was kept waiting all the time reads its socket before the second.
    const { after } = this.#parts;
    const stepMs = this.#settings.silentMsMax / 2;
    this.#cancelSilence = after(stepMs, () => this.#cancelSilence = after(stepMs, () => this.drop()));
  }

  /** The edge has said something. */
  heard(): void {
    this.#cancelSilence?.();
    this.#cancelSilence = null;
  }

  /** Drops the connection as a failing network does; another one comes. */
  drop(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#lose(socket, { code: ABNORMAL, reason: "" });
    socket.close();
  }

  /** For good. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelReconnect();
    this.#cancelStable();
    this.#stopRenewal();
    this.heard();
    const socket = this.#socket;
    if (!socket || socket.readyState === CLOSED) return;
    await new Promise<void>((resolve) => {
      // An edge that is gone does not answer.
      const cancel = this.#parts.after(CLOSE_MS_MAX, resolve);
      socket.onclose = () => {
        cancel();
        resolve();
      };
      socket.close(CloseCode.normal);
    });
  }

  #stopRenewal(): void {
    this.#cancelRenewal();
    const socket = this.#renewing;
    this.#renewing = null;
    socket?.close();
  }

  #lose(socket: WebSocket, { code, reason }: Pick<CloseEvent, "code" | "reason">): void {
    if (socket === this.#renewing) {
      this.#renewing = null;
      this.#events.onRefused?.();
      return this.#renewLater(this.#parts.random() * this.#settings.backoffMaxMs);
    }
    if (socket !== this.#socket) return;
    const next = this.#renewing;
    this.#renewing = this.#socket = null;
    this.heard();
    this.#cancelStable();
    this.#cancelRenewal();
    this.#events.onLost(code, reason);
    if (this.#closed) return;
    // The one that was to take over is on its way already.
    if (next) return this.#use(next);
    // Full jitter: drones that lost the same edge come back spread out.
    const { backoffMinMs, backoffMaxMs } = this.#settings;
    const limitMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** this.#failures++);
    const waitMs = Math.max(this.#parts.leaveAloneMs?.() ?? 0, 0) + this.#parts.random() * limitMs;
    this.#cancelReconnect = this.#parts.after(waitMs, () => this.open());
  }
}
