// The airspace: one track for each drone in the air, searched around as its position arrives; pairs on a collision
// course become alerts. Deterministic: what is found depends on the tracks alone, not on the order of searches before.
import type { Alerts } from "../pipeline/alerts.ts";
import type { Output } from "../pipeline/outputs.ts";
import { conflictFinding, conflictKey, type PartnerView } from "./conflict_alerts.ts";
import { type OpenPair, Pairs } from "./pairs.ts";
import { writeReach } from "./reach.ts";
import { Separation } from "./separation.ts";
import type { AirspaceSettings } from "./settings.ts";
import { type Fix, ROW_WORDS, TrackFlag, Word } from "./track_rows.ts";
import { type SavedTracks, Tracks } from "./tracks.ts";

/** When something happens, and what comes of it. */
export interface AirspaceStep {
  /** Unix µs, the aggregator's clock. */
  nowUs: number;
  /** The record that is the cause; null when time is. */
  trigger: { droneId: string; eventTimeUs: number } | null;
  outputs: Output[];
}

/** The airspace as the API shows it. */
export interface AirspaceView {
  /** Drones in the air, and those of them that are ghosts. */
  tracks: number;
  ghosts: number;
  conflicts: number;
  /** Since the pipeline began, because there were too many: conflicts without an alert, and drones without a track. */
  conflictsNotOpened: number;
  dronesNotTracked: number;
}

export interface SavedAirspace {
  tracks: SavedTracks;
  pairs: OpenPair[];
  notOpened: number;
  ghostTurn: number;
}

/** A drone that is said to be where it was cannot have flown farther. */
const UNMOVED_M = 1;
/** Ghosts that are searched around at each tick; more of them take turns. */
const GHOST_SEARCHES_MAX = 256;
const TURNS_MAX = 2 ** 30;

/** Tracks and conflicts. */
export class Airspace {
  readonly #settings: AirspaceSettings & { tracksMax: number };
  readonly #alerts: Alerts;
  readonly #separation: Separation;
  readonly #pairs: Pairs;
  readonly #tracks: Tracks;
  /** What a search found, and by slot the last search that need not test it. */
  #near = new Int32Array(0);
  #tested = new Float64Array(0);
  #searches = 0;
  #ghostTurn = 0;

  constructor(settings: AirspaceSettings & { tracksMax: number }, alerts: Alerts) {
    this.#settings = settings;
    this.#alerts = alerts;
    this.#separation = new Separation(settings);
    this.#pairs = new Pairs(settings);
    this.#tracks = new Tracks(settings.tracksMax);
  }

  get view(): AirspaceView {
    return {
      tracks: this.#tracks.size,
      ghosts: this.#tracks.ghosts,
      conflicts: this.#pairs.size,
      conflictsNotOpened: this.#pairs.notOpened,
      dronesNotTracked: this.#tracks.notTracked,
    };
  }

  save(): SavedAirspace {
    return {
      tracks: this.#tracks.save(),
      pairs: this.#pairs.all().map((pair) => ({ ...pair })),
      notOpened: this.#pairs.notOpened,
      ghostTurn: this.#ghostTurn,
    };
  }

  restore(saved: SavedAirspace): void {
    this.#tracks.restore(saved.tracks);
    for (const pair of saved.pairs) this.#pairs.open(pair);
    this.#pairs.notOpened = saved.notOpened;
    this.#ghostTurn = saved.ghostTurn;
  }

  /** Ghosts, and how far each may be from where it was heard of last, in metres, at this time in Unix µs. */
  ghosts(nowUs: number): Map<string, number> {
    const tracks = this.#tracks;
    this.#separation.at(tracks.rows, nowUs);
    const slots = tracks.taken().filter((slot) => tracks.has(slot, TrackFlag.ghost));
    return new Map(slots.map((slot) => [tracks.idOf(slot), this.#separation.grownM(slot)]));
  }

  /** A drone in the air told where it is. */
  update(droneId: string, fix: Fix, step: AirspaceStep): void {
    const slot = this.#tracks.find(droneId) ?? this.#tracks.add(droneId);
    if (slot === null) return;
    const tracks = this.#tracks;
    const settings = this.#settings;
    tracks.write(slot, { fix, accuracy: settings });
    if (droneId.startsWith(settings.crewedIdPrefix)) tracks.mark(slot, TrackFlag.crewed);
    writeReach(tracks.rows, slot, { settings, grownM: 0 });
    tracks.place(slot);
    this.#separation.at(tracks.rows, step.nowUs);
    this.#reassess(this.#pairs.of(slot), step);
    this.#search(slot, step);
  }

  /** A drone told that it has not moved since its last position; of one that says that it moves that confirms nothing. */
  confirm(droneId: string, timeUs: number): void {
    const slot = this.#tracks.find(droneId);
    if (slot === undefined || this.#tracks.has(slot, TrackFlag.ghost)) return;
    const { rows } = this.#tracks;
    const row = slot * ROW_WORDS;
    const sinceS = (timeUs - rows[row + Word.fixUs]!) / 1e6;
    if (sinceS > 0 && rows[row + Word.speed]! * sinceS <= UNMOVED_M) rows[row + Word.fixUs] = timeUs;
  }

  /** The aggregator's clock was set. */
  clockStepped(stepUs: number): void {
    const { rows } = this.#tracks;
    for (const slot of this.#tracks.taken()) rows[slot * ROW_WORDS + Word.fixUs]! += stepUs;
    for (const pair of this.#pairs.all()) {
      pair.warnedUs += stepUs;
      pair.alertedUs += stepUs;
    }
  }

  /** A drone is on the ground: it conflicts with nobody. */
  remove(droneId: string, step: AirspaceStep): void {
    const slot = this.#tracks.find(droneId);
    if (slot !== undefined) this.#drop(slot, step);
  }

  /**
   * Time has passed: ghosts appear, grow and expire; conflicts end of which nobody speaks any more.
   * @param sinceUs silence from before this time says nothing, Unix µs
   */
  tick(step: AirspaceStep, sinceUs: number): void {
    const { ghostAfterUs, ghostExpiresUs } = this.#settings;
    const { rows } = this.#tracks;
    const ghosts: number[] = [];
    this.#separation.at(rows, step.nowUs);
    for (const slot of this.#tracks.taken()) {
      const fixUs = rows[slot * ROW_WORDS + Word.fixUs]!;
      if (!this.#tracks.has(slot, TrackFlag.ghost)) {
        if (step.nowUs - Math.max(fixUs, sinceUs) <= ghostAfterUs) continue;
        this.#tracks.mark(slot, TrackFlag.ghost);
      }
      if (step.nowUs - fixUs > ghostExpiresUs) this.#drop(slot, step);
      else ghosts.push(slot);
    }
    this.#reassess(this.#pairs.all(), step);
    const turns = Math.ceil(ghosts.length / GHOST_SEARCHES_MAX);
    this.#ghostTurn++;
    for (const [i, slot] of ghosts.entries()) {
      if (i % turns !== this.#ghostTurn % turns) continue;
      writeReach(rows, slot, { settings: this.#settings, grownM: this.#separation.grownM(slot) });
      this.#tracks.place(slot);
      this.#search(slot, step);
    }
  }

  #drop(slot: number, { nowUs, trigger, outputs }: AirspaceStep): void {
    for (const pair of this.#pairs.of(slot)) {
      this.#pairs.close(pair);
      this.#alerts.resolve(conflictKey(this.#idsOf(pair)), { atUs: nowUs, trigger }, outputs);
    }
    this.#tracks.drop(slot);
  }

  #search(slot: number, step: AirspaceStep): void {
    const { rows } = this.#tracks;
    const { testsMax } = this.#settings;
    const row = slot * ROW_WORDS;
    const search = ++this.#searches;
    this.#makeRoom();
    const [near, tested] = [this.#near, this.#tested];
    tested[slot] = search;
    for (const { a, b } of this.#pairs.of(slot)) tested[a === slot ? b : a] = search;
    const turns = Math.max(1, Math.ceil(rows[row + Word.crowd]! / testsMax));
    const turn = rows[row + Word.turn] = (rows[row + Word.turn]! + 1) % TURNS_MAX;
    const count = this.#tracks.inReach(slot, near);
    rows[row + Word.crowd] = count;
    let found: number[] | null = null;
    for (let i = 0; i < count; i++) {
      const other = near[i]!;
      if (turns > 1 && (other + turn) % turns !== 0) continue;
      if (tested[other] === search || this.#separation.assess(slot, other, 0) === 0) continue;
      (found ??= []).push(other);
    }
    if (found) { for (const other of found.sort((a, b) => a - b)) this.#open(slot, other, step); }
  }

  #makeRoom(): void {
    const { capacity } = this.#tracks;
    if (this.#near.length === capacity) return;
    this.#near = new Int32Array(capacity);
    this.#tested = new Float64Array(capacity);
  }

  #open(slot: number, other: number, step: AirspaceStep): void {
    const { nowUs } = step;
    const [a, b] = this.#tracks.idOf(slot) < this.#tracks.idOf(other) ? [slot, other] : [other, slot];
    const level = this.#separation.assess(a, b, 0);
    if (level === 0) return;
    const pair: OpenPair = { a, b, level, warnedUs: nowUs, alertedUs: level === 2 ? nowUs : -Infinity };
    if (this.#pairs.open(pair)) this.#hold(pair, step);
  }

  #reassess(pairs: readonly OpenPair[], step: AirspaceStep): void {
    const { nowUs, outputs, trigger } = step;
    for (const pair of pairs) {
      const level = this.#separation.assess(pair.a, pair.b, pair.level);
      const change = this.#pairs.judge(pair, level, nowUs);
      const key = conflictKey(this.#idsOf(pair));
      if (change === "resolve") {
        this.#pairs.close(pair);
        this.#alerts.resolve(key, { atUs: nowUs, trigger }, outputs);
      } else if (change !== null || (level > 0 && this.#separation.isFresh && this.#alerts.reminderDue(key, nowUs))) {
        this.#hold(pair, step);
      }
    }
  }

  /** The pair that was just assessed is an alert at its level. */
  #hold(pair: OpenPair, { nowUs, outputs, trigger }: AirspaceStep): void {
    const droneIds = this.#idsOf(pair);
    const partners = [this.#partner(pair.a, nowUs), this.#partner(pair.b, nowUs)] as const;
    const finding = conflictFinding(pair, { partners, view: this.#separation.view() });
    this.#alerts.hold(
      conflictKey(droneIds),
      { kind: "conflict", droneIds, detail: "", ...finding, atUs: nowUs, trigger },
      outputs,
    );
  }

  #partner(slot: number, nowUs: number): PartnerView {
    const tracks = this.#tracks;
    const silentS = (nowUs - tracks.rows[slot * ROW_WORDS + Word.fixUs]!) / 1e6;
    return {
      droneId: tracks.idOf(slot),
      crewed: tracks.has(slot, TrackFlag.crewed),
      ghost: tracks.has(slot, TrackFlag.ghost) ? { silentS, withinM: this.#separation.grownM(slot) } : null,
      hasVelocity: tracks.has(slot, TrackFlag.velocity),
      hasAltitude: tracks.has(slot, TrackFlag.altitude),
      hasAccuracy: tracks.has(slot, TrackFlag.accuracy),
    };
  }

  #idsOf({ a, b }: OpenPair): [string, string] {
    return [this.#tracks.idOf(a), this.#tracks.idOf(b)];
  }
}
