// Messages of protobuf, one after the other, each into the same bytes: there is one for each record that counts, and
// @bufbuild/protobuf takes as long for it as everything else that is done with the record.

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Of all fields that are numbers, and then some. */
const NUMBERS_BYTES_MAX = 512;
const NAMES_MAX = 65_536;

export class WireWriter {
  #bytes = new Uint8Array(2 * NUMBERS_BYTES_MAX);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #encoder = new TextEncoder();
  /** As UTF-8: the same ones come with each record. */
  readonly #names = new Map<string, Uint8Array>();

  /** A whole number from 0 to 2^53 − 1, of type uint32, uint64, bool or an enum. */
  varint(field: number, value: number): void {
    this.#varint(8 * field + VARINT);
    this.#varint(value);
  }

  /** Of type sint32. */
  sint32(field: number, value: number): void {
    this.varint(field, ((value << 1) ^ (value >> 31)) >>> 0);
  }

  sfixed32(field: number, value: number): void {
    this.#varint(8 * field + FIXED32);
    this.#view.setInt32(this.#length, value, true);
    this.#length += 4;
  }

  /** Of type fixed64, a whole number from 0 to 2^53 − 1. */
  fixed64(field: number, value: number): void {
    this.#fixed64(field, { low: value >>> 0, high: Math.floor(value / 2 ** 32) });
  }

  /** The same of 1 to 16 hexadecimal digits. */
  hex64(field: number, digits: string): void {
    this.#fixed64(field, { low: parseInt(digits.slice(-8), 16), high: parseInt(digits.slice(0, -8) || "0", 16) });
  }

  string(field: number, text: string): void {
    const utf8 = this.#utf8(text);
    this.#makeRoom(utf8.length);
    this.#varint(8 * field + LENGTH);
    this.#varint(utf8.length);
    this.#bytes.set(utf8, this.#length);
    this.#length += utf8.length;
  }

  /** The message, and what comes then is the next one. */
  finish(): Uint8Array {
    const message = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return message;
  }

  #fixed64(field: number, { low, high }: { low: number; high: number }): void {
    this.#varint(8 * field + FIXED64);
    this.#view.setUint32(this.#length, low, true);
    this.#view.setUint32(this.#length + 4, high, true);
    this.#length += 8;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest = rest > 0xffff_ffff ? Math.floor(rest / 128) : rest >>> 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  #utf8(text: string): Uint8Array {
    let utf8 = this.#names.get(text);
    if (utf8) return utf8;
    if (this.#names.size >= NAMES_MAX) this.#names.clear();
    this.#names.set(text, utf8 = this.#encoder.encode(text));
    return utf8;
  }

  /** For so many bytes, and for the numbers that follow. */
  #makeRoom(bytes: number): void {
    const wanted = this.#length + bytes + NUMBERS_BYTES_MAX;
    if (wanted <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * wanted);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
