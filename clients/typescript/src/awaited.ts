// Who waits for which records to be acknowledged.

interface Waiting {
  left: Set<number>;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Losses that are remembered for those who ask later. */
const LOST_MAX = 1024;

export class Awaited {
  /** Neither acknowledged nor lost. */
  readonly #open = new Set<number>();
  readonly #lost = new Map<number, Error>();
  readonly #waiting = new Set<Waiting>();

  add(seqs: readonly number[]): void {
    for (const seq of seqs) this.#open.add(seq);
  }

  /** Resolves when none of them is open. */
  all(seqs: readonly number[]): Promise<void> {
    const lost = seqs.map((seq) => this.#lost.get(seq)).find((error) => error !== undefined);
    if (lost) return Promise.reject(lost);
    const left = new Set(seqs.filter((seq) => this.#open.has(seq)));
    if (left.size === 0) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.add({ left, resolve, reject }));
  }

  /** They are acknowledged; with `errorOf`: lost. */
  settle(seqs: readonly number[], errorOf?: (seq: number) => Error): void {
    for (const seq of seqs) {
      this.#open.delete(seq);
      const error = errorOf?.(seq);
      if (error) this.#remember(seq, error);
      for (const waiting of this.#waiting) {
        if (!waiting.left.delete(seq)) continue;
        if (error) waiting.reject(error);
        else if (waiting.left.size === 0) waiting.resolve();
        if (error || waiting.left.size === 0) this.#waiting.delete(waiting);
      }
    }
  }

  /** Nobody acknowledges anything any more. */
  close(): void {
    for (const { reject } of this.#waiting) reject(new Error("Cannot wait for acknowledgements: the drone is closed"));
    this.#waiting.clear();
  }

  #remember(seq: number, error: Error): void {
    this.#lost.set(seq, error);
    for (const oldest of this.#lost.keys()) {
      if (this.#lost.size <= LOST_MAX) break;
      this.#lost.delete(oldest);
    }
  }
}
