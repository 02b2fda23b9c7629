// Pairs in conflict: each at a level that rises at once and falls only after it has been clear for a while.
import type { ConflictLevel } from "./separation.ts";

/** Two tracks in conflict. */
export interface OpenPair {
  /** Of its alert. */
  readonly key: string;
  /** Numbers of tracks; the id of `a` sorts before that of `b`. */
  readonly a: number;
  readonly b: number;
  /** One of both is nobody's drone here. */
  readonly withTraffic: boolean;
  level: 1 | 2;
  /** When it was last found at level 1 or worse, and at level 2: Unix µs. */
  warnedUs: number;
  alertedUs: number;
}

export interface PairsSettings {
  clearUs: number;
  pairsOfDroneMax: number;
  trafficPairsOfDroneMax: number;
  pairsMax: number;
}

/** What an assessment changes. */
export type PairChange = "escalate" | "downgrade" | "resolve";

/** Warnings leave the rest to critical conflicts. */
const WARNINGS_SHARE = 0.75;

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

  of(track: number): readonly OpenPair[] {
    return this.#of.get(track) ?? [];
  }

  /**
   * False: there are too many already, of one of these drones (those with traffic and those with other drones are counted
   * apart) or of all; it is counted.
   */
  hasRoom(
    drones: readonly number[],
    { level, withTraffic }: { level: ConflictLevel; withTraffic: boolean },
  ): boolean {
    const { pairsOfDroneMax, trafficPairsOfDroneMax, pairsMax } = this.#settings;
    const ofDroneMax = withTraffic ? trafficPairsOfDroneMax : pairsOfDroneMax;
    const share = level === 2 ? 1 : WARNINGS_SHARE;
    const like = (track: number) => this.of(track).filter((pair) => pair.withTraffic === withTraffic).length;
    const ofOne = Math.max(...drones.map(like));
    if (ofOne < ofDroneMax * share && this.#all.size < pairsMax * share) return true;
    this.notOpened++;
    return false;
  }

  /** There must be room for it. */
  open(pair: OpenPair): void {
    this.#all.add(pair);
    for (const track of [pair.a, pair.b]) this.#of.set(track, [...this.of(track), pair]);
  }

  close(pair: OpenPair): void {
    this.#all.delete(pair);
    for (const track of [pair.a, pair.b]) {
      const rest = this.of(track).filter((other) => other !== pair);
      if (rest.length > 0) this.#of.set(track, rest);
      else this.#of.delete(track);
    }
  }

  /** Our clock was set. */
  clockStepped(stepUs: number): void {
    for (const pair of this.#all) {
      pair.warnedUs += stepUs;
      pair.alertedUs += stepUs;
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
