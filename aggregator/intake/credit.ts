// How many batches edges may have in flight. Safety keeps its own throughout; bulk's is halved while the aggregator is
// behind and grows by one while it is not, so that the edges' backlogs take the load, not this process's memory. While the
// journal fails bulk has none: what memory can hold is for safety. That is said again and again, so that an edge that waits
// tells an aggregator that is there from a connection that is dead.

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
/** One second, of `adjust`. */
const REPEAT_TURNS = 10;

/** The credit now. */
export class Credit {
  #bulk = CREDIT_MAX.bulk;
  /** Since it was told. */
  #turns = 0;

  get view(): CreditView {
    return { safety: CREDIT_MAX.safety, bulk: this.#bulk };
  }

  /** Some ten times a second; `isKeeping`: the journal is. @returns the credit when it is to be told, else null */
  adjust({ waiting, lagMs, isKeeping }: { waiting: number; lagMs: number; isKeeping: boolean }): CreditView | null {
    const behind = waiting > WAITING_MAX || lagMs > LAG_MS_MAX;
    const bulk = !isKeeping
      ? 0
      : behind
      ? Math.max(BULK_MIN, this.#bulk >> 1)
      : Math.min(CREDIT_MAX.bulk, this.#bulk + 1);
    const isRepeated = bulk === 0 && ++this.#turns >= REPEAT_TURNS;
    if (bulk === this.#bulk && !isRepeated) return null;
    this.#bulk = bulk;
    this.#turns = 0;
    return this.view;
  }
}
