// Logs of ground stations (.tlog): each frame behind the time it came at, a big-endian u64 of Unix µs.

/** A frame with its time, ready to be pushed. */
export interface LoggedFrame {
  nowUs: number;
  /** A view of what was read. */
  frame: Uint8Array<ArrayBuffer>;
}

const TIME_BYTES = 8;
const MAGIC_V1 = 0xfe;
const MAGIC_V2 = 0xfd;
const SIGNED = 1;
/** Header, payload, checksum. */
const OVERHEAD = { [MAGIC_V1]: 6 + 2, [MAGIC_V2]: 10 + 2 } as const;
const SIGNATURE_BYTES = 13;
/** 2005 to 2106: what lies outside is no time, and what follows it no frame. */
const TIME_US = { min: 1_104_537_600_000_000, max: 2 ** 32 * 1e6 } as const;

/** Reads a log in pieces of any size; what cannot be read is skipped, byte by byte. */
export class TlogReader {
  #rest = new Uint8Array();

  *read(bytes: Uint8Array<ArrayBuffer>): Generator<LoggedFrame> {
    const all = this.#joined(bytes);
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    let at = 0;
    // With the bytes that tell how long the frame is.
    while (at + TIME_BYTES + 3 <= all.length) {
      const magic = all[at + TIME_BYTES]!;
      const nowUs = Number(view.getBigUint64(at));
      if ((magic !== MAGIC_V1 && magic !== MAGIC_V2) || nowUs < TIME_US.min || nowUs > TIME_US.max) {
        at++;
        continue;
      }
      const begin = at + TIME_BYTES;
      const signed = magic === MAGIC_V2 && (all[begin + 2]! & SIGNED) !== 0;
      const end = begin + OVERHEAD[magic] + all[begin + 1]! + (signed ? SIGNATURE_BYTES : 0);
      if (end > all.length) break;
      yield { nowUs, frame: all.subarray(begin, end) };
      at = end;
    }
    this.#rest = all.slice(at);
  }

  #joined(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#rest.length === 0) return bytes;
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    return all;
  }
}
