// Bytes, cut anywhere, become whole packets. What a packet's length says is believed only within the limit, and no memory is
// taken for bytes that have not come.

import { FRAME_BYTES_MAX } from "../../../proto/words.ts";

/** A packet, its header included: as WebSockets have it of their messages. */
export const PACKET_BYTES_MAX = FRAME_BYTES_MAX;

/** Why no more can be read; null: it can. */
export type SplitFault = "too-large" | "malformed" | null;

/** The type, and at most four bytes of the length (§2.1.4). */
const HEADER_BYTES_MAX = 5;

export class Splitter {
  /** Of a packet, header included. */
  bytesMax: number;
  fault: SplitFault = null;
  /** Since when a packet waits for its end, monotonic ms; null: none does. */
  unfinishedSinceMs: number | null = null;
  #rest = new Uint8Array(0);
  #restBytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** The next whole packet, as a view that is valid until more bytes are added; null: there is none yet, or no more. */
  *take(chunk: Uint8Array, nowMs: number): Generator<Uint8Array> {
    const bytes = this.#restBytes === 0 ? chunk : this.#append(chunk);
    let at = 0;
    while (this.fault === null) {
      const end = this.#end(bytes, at);
      if (end === null || end > bytes.length) break;
      yield bytes.subarray(at, end);
      at = end;
      this.unfinishedSinceMs = null;
    }
    this.#keep(bytes.subarray(at), nowMs);
  }

  // Where the packet ends that begins at `at`; null: that is not known yet, or not believed.
  #end(bytes: Uint8Array, at: number): number | null {
    let [length, scale] = [0, 1];
    for (let i = 1; i < HEADER_BYTES_MAX; i++, scale *= 128) {
      const byte = bytes[at + i];
      if (byte === undefined) return null;
      length += (byte & 127) * scale;
      if (byte >= 128) continue;
      const end = at + i + 1 + length;
      if (end - at <= this.bytesMax) return end;
      this.fault = "too-large";
      return null;
    }
    this.fault = "malformed";
    return null;
  }

  // Twice as much room as is needed, so that a packet which comes byte by byte is not copied for each.
  #append(chunk: Uint8Array): Uint8Array {
    const bytes = this.#restBytes + chunk.length;
    if (bytes > this.#rest.length) {
      const grown = new Uint8Array(bytes * 2);
      grown.set(this.#rest.subarray(0, this.#restBytes));
      this.#rest = grown;
    }
    this.#rest.set(chunk, this.#restBytes);
    return this.#rest.subarray(0, bytes);
  }

  #keep(rest: Uint8Array, nowMs: number): void {
    if (rest.length === 0 || this.fault !== null) {
      this.#rest = new Uint8Array(0);
      this.#restBytes = 0;
      return;
    }
    this.unfinishedSinceMs ??= nowMs;
    // Appended already.
    if (rest.buffer === this.#rest.buffer && rest.byteOffset === this.#rest.byteOffset) this.#restBytes = rest.length;
    else {
      this.#rest = rest.slice();
      this.#restBytes = rest.length;
    }
  }
}
