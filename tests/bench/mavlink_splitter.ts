// What any translator of MAVLink must do before it may read a field: find frames, check their checksums. No signature is
// proved, no field read, nothing written: the limit of what TypeScript could do.
const CRCS = Uint16Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? byte >>> 1 ^ 0x8408 : byte >>> 1;
  return byte;
});

export class Splitter {
  readonly #extras: Uint8Array;
  #rest = new Uint8Array();
  frames = 0;

  /** @param extras what the checksum of each message id begins with */
  constructor(extras: Uint8Array) {
    this.#extras = extras;
  }

  push(bytes: Uint8Array<ArrayBuffer>): void {
    const all = this.#joined(bytes);
    let at = 0;
    while (at + 12 <= all.length) {
      const v2 = all[at] === 0xfd;
      if (!v2 && all[at] !== 0xfe) {
        at++;
        continue;
      }
      const end = at + (v2 ? 10 : 6) + all[at + 1]!;
      const whole = end + 2 + (v2 && (all[at + 2]! & 1) !== 0 ? 13 : 0);
      if (whole > all.length) break;
      const id = v2 ? all[at + 7]! | all[at + 8]! << 8 | all[at + 9]! << 16 : all[at + 5]!;
      if (this.#checksum(all.subarray(at + 1, end), id) === (all[end]! | all[end + 1]! << 8)) {
        this.frames++;
        at = whole;
      } else at++;
    }
    this.#rest = all.slice(at);
  }

  #checksum(bytes: Uint8Array, id: number): number {
    let crc = 0xffff;
    for (let i = 0; i < bytes.length; i++) crc = crc >>> 8 ^ CRCS[(crc ^ bytes[i]!) & 255]!;
    return crc >>> 8 ^ CRCS[(crc ^ this.#extras[id]!) & 255]!;
  }

  #joined(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#rest.length === 0) return bytes;
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    return all;
  }
}
