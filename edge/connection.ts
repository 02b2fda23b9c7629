// One drone's or gateway's socket: what may be written to it, and which slots have spoken through it.

/** Bytes waiting in the socket above which acknowledgements wait instead, and a drone cannot be warned. */
const BUFFERED_BYTES_MAX = 1 << 20;

export class Connection {
  readonly #socket: WebSocket;
  readonly slots = new Set<number>();
  /** Consecutive frames that were malformed, and that were refused: what tells a flood from an accident. */
  malformedStreak = 0;
  refusedStreak = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** False while the peer does not read what it was sent, and once the socket closes. */
  get writable(): boolean {
    return this.#socket.readyState === WebSocket.OPEN && this.#socket.bufferedAmount < BUFFERED_BYTES_MAX;
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  close(code: number, reason: string): void {
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close(code, reason);
  }
}
