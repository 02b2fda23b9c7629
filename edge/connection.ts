// One drone's or gateway's socket: what may be written to it, and which slots have spoken through it.

/** Bytes waiting in the socket above which nothing more is written to it: what is to be said waits, or is not said. */
export const BUFFERED_BYTES_MAX = 1 << 20;
/** A peer that takes nothing of a full buffer for so long is given up. */
const STUCK_MS_MAX = 30_000;

export class Connection {
  readonly #socket: WebSocket;
  readonly slots = new Set<number>();
  /** Consecutive frames that were malformed, and that were refused: what tells a flood from an accident. */
  malformedStreak = 0;
  refusedStreak = 0;
  #sentBytes = 0;
  /** Of those the peer, or the kernel for it, had taken so many, since then. */
  #takenBytes = 0;
  #stuckSinceMs: number | null = null;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** False while the peer does not read what it was sent, and once the socket closes. */
  get writable(): boolean {
    return this.#socket.readyState === WebSocket.OPEN && this.#socket.bufferedAmount < BUFFERED_BYTES_MAX;
  }

  /** @returns false when it was not sent: the peer does not read, or the socket closes */
  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (!this.writable) return false;
    this.#socket.send(bytes);
    this.#sentBytes += bytes.length;
    return true;
  }

  close(code: number, reason: string): void {
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close(code, reason);
  }

  /** About once a second: gives up a peer that has stopped reading. `nowMs`: monotonic. */
  check(nowMs: number): void {
    const { bufferedAmount } = this.#socket;
    const takenBytes = this.#sentBytes - bufferedAmount;
    if (bufferedAmount < BUFFERED_BYTES_MAX || takenBytes > this.#takenBytes) this.#stuckSinceMs = null;
    else this.#stuckSinceMs ??= nowMs;
    this.#takenBytes = takenBytes;
    if (this.#stuckSinceMs !== null && nowMs - this.#stuckSinceMs >= STUCK_MS_MAX) {
      this.close(1008, "Nothing was read for too long");
    }
  }
}
