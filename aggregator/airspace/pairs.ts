// Pairs in conflict: each at a level that rises at once and falls only after it has been clear for a while.
import type { ConflictLevel } from "./separation.ts";

/** Two slots in conflict. */
export interface OpenPair {
  /** Slots; the id of `a` sorts before that of `b`. */
  readonly a: number;
  readonly b: number;
  level: 1 | 2;
  /** When it was last found at level 1 or worse, and at level 2: Unix µs. */
  warnedUs: number;
  alertedUs: number;
}

export interface PairsSettings {
  clearUs: number;
  pairsOfDroneMax: number;
  pairsMax: number;
}

/** What an assessment changes. */
export type PairChange = "escalate" | "downgrade" | "resolve";

/** All pairs in conflict, bounded. */
export class Pairs {
  readonly #settings: PairsSettings;
  readonly #all = new Set<OpenPair>();
  readonly #of = new Map<number, OpenPair[]>();
  /** Conflicts that were found and not opened, because there were too many. */
  notOpened = 0;

  constructor(settings: PairsSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#all.size;
  }

  /** In the order in which they were opened. */
  all(): OpenPair[] {
    return [...this.#all];
  }

  of(slot: number): readonly OpenPair[] {
    return this.#of.get(slot) ?? [];
  }

  /** False: there are too many already, of one of the two or of all; it is counted. */
  open(pair: OpenPair): boolean {
    const { pairsMax, pairsOfDroneMax } = this.#settings;
    const crowded = Math.max(this.of(pair.a).length, this.of(pair.b).length) >= pairsOfDroneMax;
    if (crowded || this.#all.size >= pairsMax) {
      this.notOpened++;
      return false;
    }
    this.#all.add(pair);
    for (const slot of [pair.a, pair.b]) this.#of.set(slot, [...this.of(slot), pair]);
    return true;
  }

  close(pair: OpenPair): void {
    this.#all.delete(pair);
    for (const slot of [pair.a, pair.b]) {
      const rest = this.of(slot).filter((other) => other !== pair);
      if (rest.length > 0) this.#of.set(slot, rest);
      else this.#of.delete(slot);
    }
  }

  /** A pair was found at a level; "resolve" is for the caller to close. */
  judge(pair: OpenPair, level: ConflictLevel, nowUs: number): PairChange | null {
    const { clearUs } = this.#settings;
    if (level >= 1) pair.warnedUs = nowUs;
    if (level >= 2) pair.alertedUs = nowUs;
    if (level > pair.level) {
      pair.level = 2;
      return "escalate";
    }
    if (nowUs - pair.warnedUs >= clearUs) return "resolve";
    if (pair.level === 2 && nowUs - pair.alertedUs >= clearUs) {
      pair.level = 1;
      return "downgrade";
    }
    return null;
  }
}
