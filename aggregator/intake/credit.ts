// How many batches edges may have in flight. Safety keeps its own throughout; bulk's is halved while the aggregator is
// behind and grows by one while it is not, so that the edges' backlogs take the load, not this process's memory. While the
// journal fails bulk has none: what memory can hold is for safety.

/** Batches in flight of one edge, for each lane. */
export interface CreditView {
  safety: number;
  bulk: number;
}

/** Safety batches are small and frequent: their credit lasts through a disk that stalls for some tenths of a second. */
export const CREDIT_MAX: CreditView = { safety: 64, bulk: 16 };
const BULK_MIN = 1;
/** Behind: this many arrivals wait for the journal, or the event loop comes so much too late. */
const WAITING_MAX = 64;
const LAG_MS_MAX = 100;

/** The credit now. */
export class Credit {
  #bulk = CREDIT_MAX.bulk;

  get view(): CreditView {
    return { safety: CREDIT_MAX.safety, bulk: this.#bulk };
  }

  /** Some ten times a second; `isKeeping`: the journal is. @returns the credit when it has changed, else null */
  adjust({ waiting, lagMs, isKeeping }: { waiting: number; lagMs: number; isKeeping: boolean }): CreditView | null {
    const behind = waiting > WAITING_MAX || lagMs > LAG_MS_MAX;
    const bulk = !isKeeping
      ? 0
      : behind
      ? Math.max(BULK_MIN, this.#bulk >> 1)
      : Math.min(CREDIT_MAX.bulk, this.#bulk + 1);
    if (bulk === this.#bulk) return null;
    this.#bulk = bulk;
    return this.view;
  }
}
