// How a test waits for what it cannot bring about: somebody says each time that something has changed. Nobody waits for ever.

/** Long enough for a busy machine: what has changed is looked at at once. */
const WAIT_MS_MAX = 30_000;

export class Changes {
  #waiting: (() => void)[] = [];

  /** Something has changed. */
  happened(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** What is looked for, as soon as it is there. @throws {Error} when it does not come */
  async until<Found>(find: () => Found | undefined | false): Promise<Found> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.happened();
    }, WAIT_MS_MAX);
    try {
      for (;;) {
        const found = find();
        if (found !== undefined && found !== false) return found;
        if (isLate) throw new Error(`Cannot go on: what is waited for did not come within ${WAIT_MS_MAX} ms`);
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
