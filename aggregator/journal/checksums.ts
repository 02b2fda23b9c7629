// CRC-32 of parts of a segment in a time that whoever wrote it cannot make long: each byte of what is rotten may look like
// the head of an entry as long as all that follows. What has been summed up twice over is not summed up again, but computed
// from the sums of what lies before its two ends.
import { crc32 } from "node:zlib";

/** Sums are kept of everything before each multiple of this. */
const BLOCK_BYTES = 4096;
const DIRECT_BYTES_MAX = 256;
const POLYNOMIAL = 0xedb8_8320;
/** x^0 with the lowest power in the highest bit, as CRC-32 has it. */
const ONE = 0x8000_0000;
/** x^(2^k) modulo the polynomial. */
const POWERS = powers();

export class Checksums {
  readonly #bytes: Uint8Array;
  readonly #before = [0];
  #budgetBytes: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#budgetBytes = 2 * bytes.length;
  }

  /** Of the bytes from one place to another. */
  of(from: number, to: number): number {
    const length = to - from;
    if (length > DIRECT_BYTES_MAX && length > this.#budgetBytes) {
      return (this.#upTo(to) ^ times(powerOf(length), this.#upTo(from))) >>> 0;
    }
    this.#budgetBytes -= length;
    return crc32(this.#bytes.subarray(from, to));
  }

  #upTo(end: number): number {
    const block = Math.floor(end / BLOCK_BYTES);
    for (let known = this.#before.length; known <= block; known++) {
      const from = (known - 1) * BLOCK_BYTES;
      this.#before.push(crc32(this.#bytes.subarray(from, from + BLOCK_BYTES), this.#before[known - 1]));
    }
    return crc32(this.#bytes.subarray(block * BLOCK_BYTES, end), this.#before[block]);
  }
}

/** x^(8 · bytes): what the sum of one part is multiplied by when so many bytes follow it. */
function powerOf(bytes: number): number {
  let power = ONE;
  for (let rest = bytes, k = 3; rest > 0; rest = Math.floor(rest / 2), k++) {
    if (rest % 2 === 1) power = times(POWERS[k % 32]!, power);
  }
  return power;
}

// Modulo the polynomial, over GF(2); as crc32_combine of zlib does it.
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= b;
    b = (b & 1) !== 0 ? b >>> 1 ^ POLYNOMIAL : b >>> 1;
  }
  return product >>> 0;
}

function powers(): number[] {
  const all = [ONE >>> 1];
  for (let k = 1; k < 32; k++) all.push(times(all[k - 1]!, all[k - 1]!));
  return all;
}
