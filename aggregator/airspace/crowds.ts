// Crowds: where more drones are within one's warning volume than can be warned of each other one by one. All that are within
// the volume of such a one belong to its crowd, and crowds that touch are one. Membership stands in the tracks' rows.
import type { ConflictLevel } from "./separation.ts";
import { ROW_WORDS, type TrackRows, Word } from "./track_rows.ts";

/** Of a drone that is in no crowd. */
const NONE = 0;
/** A row's word is the crowd's number times this, plus the reviews since the drone was last found in it. */
const REVIEWS = 8;
/** Out of it after so many reviews. */
const REVIEWS_KEPT = 5;

export interface Crowd {
  readonly id: number;
  /** When two of it were last found at level 2, Unix µs. */
  criticalUs: number;
  /** Of some of its drones, since it was told of; none before. */
  droneIds: string[];
}

export interface CrowdsSettings {
  /** More than so many within a drone's warning volume are a crowd. */
  crowdPairs: number;
  crowdReviewUs: number;
}

export interface SavedCrowds {
  crowds: Crowd[];
  merged: [number, number][];
  lastId: number;
  reviewedUs: number;
  isDue: boolean;
}

/** All crowds. */
export class Crowds {
  readonly #settings: CrowdsSettings;
  readonly #crowds = new Map<number, Crowd>();
  /** Crowds that have become a part of an older one since the last review. */
  readonly #merged = new Map<number, number>();
  #lastId = NONE;
  #reviewedUs = -Infinity;
  /** There is one that nobody was told of. */
  #isDue = false;

  constructor(settings: CrowdsSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#crowds.size;
  }

  save(): SavedCrowds {
    const crowds = Array.from(this.#crowds.values(), (crowd) => ({ ...crowd }));
    return {
      crowds,
      merged: [...this.#merged],
      lastId: this.#lastId,
      reviewedUs: this.#reviewedUs,
      isDue: this.#isDue,
    };
  }

  restore({ crowds, merged, lastId, reviewedUs, isDue }: SavedCrowds): void {
    for (const crowd of crowds) this.#crowds.set(crowd.id, crowd);
    for (const [from, to] of merged) this.#merged.set(from, to);
    this.#lastId = lastId;
    this.#reviewedUs = reviewedUs;
    this.#isDue = isDue;
  }

  /** Our clock was set. */
  clockStepped(stepUs: number): void {
    this.#reviewedUs += stepUs;
    for (const crowd of this.#crowds.values()) crowd.criticalUs += stepUs;
  }

  /** None of its drones is named so any more. */
  forget(droneId: string): void {
    for (const crowd of this.#crowds.values()) crowd.droneIds = crowd.droneIds.filter((other) => other !== droneId);
  }

  /** Both are in one crowd. */
  together(rows: TrackRows, a: number, b: number): boolean {
    const of = rows[a * ROW_WORDS + Word.crowd]!;
    const other = rows[b * ROW_WORDS + Word.crowd]!;
    return of !== NONE && other !== NONE && this.#rootOf(of) === this.#rootOf(other);
  }

  /** So many within a drone's volume make a crowd; half as many keep one that there is. */
  isCrowded(rows: TrackRows, track: number, beside: number): boolean {
    const { crowdPairs } = this.#settings;
    return beside > (rows[track * ROW_WORDS + Word.crowd] === NONE ? crowdPairs : crowdPairs / 2);
  }

  /** A drone is crowded, by these: all of them are one crowd. `level`: how bad the worst pair of it is. */
  gather(rows: TrackRows, tracks: readonly number[], { level, nowUs }: { level: ConflictLevel; nowUs: number }): void {
    let id = NONE;
    for (const track of tracks) {
      const of = this.#rootOf(rows[track * ROW_WORDS + Word.crowd]!);
      if (of !== NONE && (id === NONE || of < id)) id = of;
    }
    if (id === NONE) id = this.#begin();
    for (const track of tracks) {
      if (rows[track * ROW_WORDS + Word.crowd] === id * REVIEWS) continue;
      const of = this.#rootOf(rows[track * ROW_WORDS + Word.crowd]!);
      if (of !== NONE && of !== id) this.#merged.set(of, id);
      rows[track * ROW_WORDS + Word.crowd] = id * REVIEWS;
    }
    const crowd = this.#crowds.get(id);
    if (crowd && level === 2) crowd.criticalUs = nowUs;
  }

  /**
   * Once in a while, and when a crowd is new: who is in which crowd.
   * @returns null when it is not time for it; crowds without anybody are over
   */
  review(
    rows: TrackRows,
    { tracks, nowUs }: { tracks: () => readonly number[]; nowUs: number },
  ): Map<Crowd, number[]> | null {
    const { crowdReviewUs } = this.#settings;
    const isPaced = nowUs - this.#reviewedUs >= crowdReviewUs;
    if (this.#crowds.size === 0 || !(isPaced || this.#isDue)) return null;
    const members = new Map(Array.from(this.#crowds.values(), (crowd): [Crowd, number[]] => [crowd, []]));
    for (const track of tracks()) {
      const word = rows[track * ROW_WORDS + Word.crowd]!;
      if (word === NONE) continue;
      const reviews = word % REVIEWS + (isPaced ? 1 : 0);
      const id = reviews > REVIEWS_KEPT ? NONE : this.#rootOf(word);
      rows[track * ROW_WORDS + Word.crowd] = id === NONE ? NONE : id * REVIEWS + reviews;
      const crowd = this.#crowds.get(id);
      if (crowd) members.get(crowd)!.push(track);
    }
    this.#merged.clear();
    this.#isDue = false;
    if (isPaced) this.#reviewedUs = nowUs;
    for (const [{ id }, tracks] of members) if (tracks.length === 0) this.#crowds.delete(id);
    return members;
  }

  #begin(): number {
    const id = ++this.#lastId;
    this.#crowds.set(id, { id, criticalUs: -Infinity, droneIds: [] });
    this.#isDue = true;
    return id;
  }

  /** The crowd of a row's word; NONE for none. */
  #rootOf(word: number): number {
    let id = Math.floor(word / REVIEWS);
    if (this.#merged.size === 0) return id;
    for (let into = this.#merged.get(id); into !== undefined; into = this.#merged.get(id)) id = into;
    return id;
  }
}
