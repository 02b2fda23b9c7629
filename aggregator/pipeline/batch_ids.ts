// Batches taken lately: one that is sent again, because its acknowledgement was lost, changes nothing.

export class BatchIds {
  readonly #max: number;
  readonly #ids = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Oldest first. */
  save(): string[] {
    return [...this.#ids];
  }

  restore(ids: string[]): void {
    for (const id of ids) this.#ids.add(id);
  }

  has(batchId: Uint8Array): boolean {
    return this.#ids.has(key(batchId));
  }

  /** Past the bound the oldest is forgotten; its records are still recognised one by one. */
  add(batchId: Uint8Array): void {
    if (this.#ids.size >= this.#max) this.#ids.delete(this.#ids.values().next().value!);
    this.#ids.add(key(batchId));
  }
}

function key(batchId: Uint8Array): string {
  return String.fromCharCode(...batchId);
}
