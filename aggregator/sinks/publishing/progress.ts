// How far a destination has come, kept beside the journal now and then: what is needed after a restart goes by what the disk has of
// that, never by what is known meanwhile.

const INTERVAL_MS = 1000;

export interface ProgressParts {
  /** Has the disk keep it; rejects when it cannot. */
  write: (index: number) => Promise<void>;
  /** Monotonic ms. */
  clock: () => number;
  /** The disk has it. */
  onKept: (index: number) => void;
  /** It could not be kept: once, until it can again. */
  onFailed: (why: string) => void;
}

/** One write at a time; a disk that takes none holds up nothing. */
export class Progress {
  readonly #parts: ProgressParts;
  #lastIndex: number;
  #keptIndex = -1;
  #wroteMs = -Infinity;
  #writing: Promise<void> | null = null;
  #isFailing = false;

  /** @param lastIndex as it is known, if not to the disk */
  constructor(lastIndex: number, parts: ProgressParts) {
    this.#parts = parts;
    this.#lastIndex = lastIndex;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** Everything up to this entry is published. */
  reached(index: number): void {
    this.#lastIndex = Math.max(this.#lastIndex, index);
    const nowMs = this.#parts.clock();
    if (this.#writing || nowMs - this.#wroteMs < INTERVAL_MS) return;
    this.#wroteMs = nowMs;
    this.#writing = this.#write().finally(() => this.#writing = null);
  }

  /** Resolves when the disk has the last of it, or takes it not. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    const index = this.#lastIndex;
    if (index === this.#keptIndex) return;
    try {
      await this.#parts.write(index);
      this.#keptIndex = index;
      this.#isFailing = false;
      this.#parts.onKept(index);
    } catch (error) {
      if (!this.#isFailing) this.#parts.onFailed(error instanceof Error ? error.message : String(error));
      this.#isFailing = true;
    }
  }
}
