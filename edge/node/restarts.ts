// When an edge that has ended is started again: soon, each time a little later, and not for ever.

const FIRST_MS = 100;
const LAST_MS = 5000;
/** One that has lived for so long begins anew. */
const HEALTHY_MS = 10_000;
/** Ends in a row, none of them after a healthy life: there is nothing to be hoped for from another start. */
export const ENDS_MAX = 6;

export class Restarts {
  #ends = 0;
  /** Since the node's start. */
  count = 0;

  /** An edge has ended that had run for so long. @returns in how many ms it is to be started; null: it never is */
  ended(ranMs: number): number | null {
    this.#ends = ranMs >= HEALTHY_MS ? 1 : this.#ends + 1;
    if (this.#ends >= ENDS_MAX) return null;
    this.count++;
    return Math.min(LAST_MS, FIRST_MS * 2 ** (this.#ends - 1));
  }
}
