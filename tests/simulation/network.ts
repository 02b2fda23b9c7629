// WebSockets without a network: reliable and ordered while a connection lasts, with delays, and cut or black-holed as
// real ones are. Messages under way when a connection is cut are lost.
import type { World } from "./world.ts";

/** Loses nothing by itself; faults are done to it. */
export interface LinkSettings {
  delayMsMin: number;
  delayMsMax: number;
  /** Share of messages that arrive twice, and that arrive after the one behind them: what no TCP does, and proxies do. */
  duplicates: number;
  reorderings: number;
}

/** Takes the server's end of a connection; false: nobody listens. */
export type Listen = (socket: WebSocket) => boolean;

const REFUSED = 1006;

/** One end of a connection. */
class End {
  binaryType = "";
  readyState: number = WebSocket.CONNECTING;
  bufferedAmount = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly connection: Connection;
  peer: End | null = null;
  /** When the message sent last arrives: none overtakes it. */
  arrivesMs = 0;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get socket(): WebSocket {
    return this as unknown as WebSocket;
  }

  send(data: Uint8Array): void {
    if (this.readyState === WebSocket.OPEN) this.connection.carry(this, data.slice().buffer);
  }

  close(code = 1005, reason = ""): void {
    if (this.readyState >= WebSocket.CLOSING) return;
    this.readyState = WebSocket.CLOSING;
    this.connection.closing(this, code, reason);
  }

  end(code: number, reason: string): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.onclose?.({ code, reason });
  }
}

/** Both ends, and what is under way between them. */
export class Connection {
  readonly #world: World;
  readonly #settings: LinkSettings;
  readonly client: End;
  readonly server: End;
  #blackHole = false;
  #over = false;

  constructor(world: World, settings: LinkSettings) {
    this.#world = world;
    this.#settings = settings;
    this.client = new End(this);
    this.server = new End(this);
    this.client.peer = this.server;
    this.server.peer = this.client;
  }

  get over(): boolean {
    return this.#over;
  }

  open(listen: Listen): void {
    this.#world.after(this.#delayMs(), () => {
      if (this.#over || this.#blackHole) return;
      if (!listen(this.server.socket)) return this.cut();
      this.server.readyState = WebSocket.OPEN;
      this.client.readyState = WebSocket.OPEN;
      this.server.onopen?.();
      this.client.onopen?.();
    });
  }

  carry(from: End, data: ArrayBuffer): void {
    if (this.#over || this.#blackHole) return;
    const { duplicates, reorderings } = this.#settings;
    const { random } = this.#world;
    const arrivesMs = Math.max(from.arrivesMs, this.#world.nowMs + this.#delayMs());
    from.arrivesMs = arrivesMs;
    const extraMs = random() < reorderings ? this.#delayMs() : 0;
    this.#arrive(from.peer!, data, arrivesMs + extraMs);
    if (random() < duplicates) this.#arrive(from.peer!, data.slice(0), arrivesMs + this.#delayMs());
  }

  closing(from: End, code: number, reason: string): void {
    if (this.#blackHole) return;
    this.#world.after(Math.max(0, from.arrivesMs - this.#world.nowMs) + this.#delayMs(), () => {
      from.peer!.end(code, reason);
      from.end(code, reason);
      this.#over = true;
    });
  }

  /** Ends it without a word, at both ends a little later. */
  cut(): void {
    if (this.#over) return;
    this.#over = true;
    for (const end of [this.client, this.server]) {
      this.#world.after(this.#delayMs(), () => {
        end.onerror?.({});
        end.end(REFUSED, "");
      });
    }
  }

  /** Nothing arrives any more, and nobody is told. */
  swallow(): void {
    this.#blackHole = true;
  }

  /** The process at this end is gone: it hears of nothing more. */
  abandon(end: End): void {
    end.onopen =
      end.onmessage =
      end.onclose =
      end.onerror =
        null;
    this.cut();
  }

  #arrive(at: End, data: ArrayBuffer, atMs: number): void {
    this.#world.after(atMs - this.#world.nowMs, () => {
      if (!this.#over && !this.#blackHole && at.readyState === WebSocket.OPEN) at.onmessage?.({ data });
    });
  }

  #delayMs(): number {
    const { delayMsMin, delayMsMax } = this.#settings;
    return delayMsMin + this.#world.random() * (delayMsMax - delayMsMin);
  }
}
