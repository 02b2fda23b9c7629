// Bytes in any cut to lines of ASCII, of which none is longer than a line may be: what goes beyond is left out.

const LINE_BYTES_MAX = 512;
const LF = 10;

export class Lines {
  readonly #line = new Uint8Array(LINE_BYTES_MAX);
  #length = 0;
  #isTooLong = false;

  /** `onLine` hears each whole line, without its end; null: it was too long. */
  push(bytes: Uint8Array, onLine: (line: string | null) => void): void {
    for (const byte of bytes) {
      if (byte === LF) {
        onLine(this.#isTooLong ? null : String.fromCharCode(...this.#line.subarray(0, this.#length)).trim());
        this.#length = 0;
        this.#isTooLong = false;
      } else if (this.#length < LINE_BYTES_MAX) this.#line[this.#length++] = byte;
      else this.#isTooLong = true;
    }
  }
}
