// How far other clocks are ahead of the aggregator's, and how wrong that can be (Cristian, "Probabilistic clock
// synchronization", 1989): whoever answers between a question and its answer did so near their middle.

/** Another clock: its time less ours, in µs, give or take. */
export interface ClockOffset {
  offsetUs: number;
  errorUs: number;
}

interface Measured extends ClockOffset {
  atUs: number;
}

/** An older measurement gives way to a worse one: clocks drift. */
const KEPT_US = 60_000_000;
const CLOCKS_MAX = 65_536;

/** The clocks of edges or drones, by id; bounded, those that were measured longest ago go first. */
export class Clocks {
  readonly #byId = new Map<string, Measured>();

  /** A clock showed `theirsUs` at some moment between two times of ours. */
  measure(id: string, { askedUs, theirsUs, answeredUs }: { askedUs: number; theirsUs: number; answeredUs: number }) {
    const fresh = {
      offsetUs: theirsUs - (askedUs + answeredUs) / 2,
      errorUs: Math.max(0, (answeredUs - askedUs) / 2),
      atUs: answeredUs,
    };
    const known = this.#byId.get(id);
    if (known && known.errorUs < fresh.errorUs && fresh.atUs - known.atUs < KEPT_US) return;
    this.#byId.delete(id);
    this.#byId.set(id, fresh);
    if (this.#byId.size > CLOCKS_MAX) this.#byId.delete(this.#byId.keys().next().value!);
  }

  /** As if it had never been measured. */
  forget(id: string): void {
    this.#byId.delete(id);
  }

  /** Null: it was never measured. */
  of(id: string): ClockOffset | null {
    const known = this.#byId.get(id);
    return known ? { offsetUs: known.offsetUs, errorUs: known.errorUs } : null;
  }
}
