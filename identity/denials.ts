// Who was not let in, gathered until somebody takes it away: what happens a thousand times is told once, with its number.
import type { DenialReason } from "./identity.ts";

export interface Denial {
  reason: DenialReason;
  /** A URI, or the address of somebody unknown. */
  who: string;
  /** How often since the last time it was told. */
  count: number;
}

/** Of different ones; further ones are told as those of others. */
const TOLD_MAX = 16;
const OTHERS = "others";

export class Denials {
  readonly #counts = new Map<string, Denial>();

  note({ reason, who }: Pick<Denial, "reason" | "who">): void {
    const known = this.#counts.get(`${reason} ${who}`);
    if (known) known.count++;
    else if (who === OTHERS || this.#counts.size < TOLD_MAX) {
      this.#counts.set(`${reason} ${who}`, { reason, who, count: 1 });
    } else this.note({ reason, who: OTHERS });
  }

  /** All there are; from now on there are none. */
  take(): Denial[] {
    const all = [...this.#counts.values()];
    this.#counts.clear();
    return all;
  }
}
