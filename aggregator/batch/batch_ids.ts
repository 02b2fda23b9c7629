// Batches taken lately: one that is sent again, because its acknowledgement was lost, changes nothing.

const ID_BYTES = 16;
const IDS_MIN = 1024;

export class BatchIds {
  readonly #max: number;
  readonly #ids = new Set<string>();
  // The same ids as bytes, so that a checkpoint copies a block and not each of them: a ring once there are `#max`.
  #bytes = new Uint8Array(0);
  #next = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** ID_BYTES of each, oldest first. */
  save(): Uint8Array<ArrayBuffer> {
    const oldest = this.#ids.size < this.#max ? 0 : this.#next * ID_BYTES;
    const saved = new Uint8Array(this.#ids.size * ID_BYTES);
    saved.set(this.#bytes.subarray(oldest, saved.length));
    saved.set(this.#bytes.subarray(0, oldest), saved.length - oldest);
    return saved;
  }

  restore(saved: Uint8Array): void {
    for (let at = 0; at < saved.length; at += ID_BYTES) this.add(saved.subarray(at, at + ID_BYTES));
  }

  has(batchId: Uint8Array): boolean {
    return this.#ids.has(key(batchId));
  }

  /** One that is not there yet, of ID_BYTES. Past the bound the oldest is forgotten; its records are still recognised one by one. */
  add(batchId: Uint8Array): void {
    const at = this.#next * ID_BYTES;
    // By its bytes: the first of a Set that only ever loses its first takes longer to find each time.
    if (this.#ids.size >= this.#max) this.#ids.delete(key(this.#bytes.subarray(at, at + ID_BYTES)));
    this.#ids.add(key(batchId));
    if (at >= this.#bytes.length) this.#grow();
    this.#bytes.set(batchId, at);
    this.#next = (this.#next + 1) % this.#max;
  }

  #grow(): void {
    const ids = Math.min(this.#max, Math.max(IDS_MIN, (2 * this.#bytes.length) / ID_BYTES));
    const bytes = new Uint8Array(ids * ID_BYTES);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

function key(batchId: Uint8Array): string {
  return String.fromCharCode(...batchId);
}

/** A batch id for people and rows: hexadecimal digits. */
export function batchKey(batchId: Uint8Array): string {
  return Array.from(batchId, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
