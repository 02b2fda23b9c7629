// Those who wait for what they handed in, and do not know yet that the journal fails.

export class Unaware {
  readonly #tell = new Set<() => void>();

  /** Resolves with what it waits for; `tell` is called before if the journal fails by now, or begins to. */
  async wait(safe: Promise<unknown>, { tell, isFailing }: { tell: () => void; isFailing: boolean }): Promise<void> {
    if (isFailing) tell();
    else this.#tell.add(tell);
    try {
      await safe;
    } finally {
      this.#tell.delete(tell);
    }
  }

  /** The journal fails. */
  tellAll(): void {
    for (const tell of this.#tell) tell();
    this.#tell.clear();
  }
}
