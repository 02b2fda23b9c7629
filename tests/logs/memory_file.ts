// Bytes as a file that the reader of ULog takes. Its own (DataReader) is wrong from the second piece that it reads on.
import type { Filelike } from "@foxglove/ulog";

export class MemoryFile implements Filelike {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  open(): Promise<number> {
    return Promise.resolve(this.size());
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return Promise.resolve(this.#bytes.slice(offset, offset + length));
  }

  size(): number {
    return this.#bytes.length;
  }
}
