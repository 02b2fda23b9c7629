// The airspace: one track for each drone in the air, searched around as its position arrives; pairs on a collision
// course become alerts, and many that are near each other one alert. Deterministic: what is found depends on the tracks alone,
// not on the order of searches before.
import type { Alerts } from "../alerts/alerts.ts";
import { type AirspaceStep, Announcements } from "./announcements.ts";
import { conflictKey } from "./conflict_alerts.ts";
import { CrowdPlaces } from "./crowd_places.ts";
import { Crowds } from "./crowds.ts";
import { type Finding, mostUrgentFirst } from "./finding.ts";
import { NO_FORMATION, TRAFFIC_FORMATION } from "./formations.ts";
import { type OpenPair, Pairs } from "./pairs.ts";
import { writeReach } from "./reach.ts";
import { Search } from "./search.ts";
import { type ConflictLevel, Separation } from "./separation.ts";
import type { AirspaceSettings } from "./settings.ts";
import { type Fix, ROW_WORDS, TrackFlag, Word } from "./track_rows.ts";
import { type TrackKind, Tracks } from "./tracks.ts";
import type { AirspaceView, SavedAirspace } from "./view.ts";

/** A drone that is said to be where it was cannot have flown farther. */
const UNMOVED_M = 1;
/** Ghosts that are searched around at each tick; more of them take turns. */
const GHOST_SEARCHES_MAX = 256;

/** Tracks and conflicts. */
export class Airspace {
  readonly #settings: AirspaceSettings;
  readonly #separation: Separation;
  readonly #pairs: Pairs;
  readonly #tracks: Tracks;
  readonly #search: Search;
  readonly #crowds: Crowds;
  readonly #places: CrowdPlaces;
  readonly #announcements: Announcements;
  /** Who was found beside the drone that is looked at, and how bad it is; itself first. Emptied with each. */
  #beside: number[] = [];
  #besideLevel: ConflictLevel = 0;
  #ghostTurn = 0;

  constructor(settings: AirspaceSettings, { tracksMax, alerts }: { tracksMax: number; alerts: Alerts }) {
    this.#settings = settings;
    this.#separation = new Separation(settings);
    this.#pairs = new Pairs(settings);
    this.#tracks = new Tracks(tracksMax, settings.trafficMax);
    this.#search = new Search(settings.testsMax);
    this.#crowds = new Crowds(settings);
    const crowd = { pairs: this.#pairs, crowds: this.#crowds, separation: this.#separation };
    this.#places = new CrowdPlaces(settings, crowd);
    this.#announcements = new Announcements({ alerts, tracks: this.#tracks, separation: this.#separation }, settings);
  }

  get view(): AirspaceView {
    return {
      tracks: this.#tracks.size,
      ghosts: this.#tracks.ghosts.length,
      conflicts: this.#pairs.size,
      crowds: this.#crowds.size,
      ...{ candidates: this.#search.candidates, tested: this.#search.tested },
      conflictsNotOpened: this.#pairs.notOpened,
      dronesNotTracked: this.#tracks.notTracked,
    };
  }

  save(): SavedAirspace {
    return {
      tracks: this.#tracks.save(),
      pairs: this.#pairs.all().map((pair) => ({ ...pair })),
      crowds: this.#crowds.save(),
      notOpened: this.#pairs.notOpened,
      ghostTurn: this.#ghostTurn,
    };
  }

  restore(saved: SavedAirspace): void {
    this.#tracks.restore(saved.tracks);
    for (const pair of saved.pairs) this.#pairs.open(pair);
    this.#crowds.restore(saved.crowds);
    this.#pairs.notOpened = saved.notOpened;
    this.#ghostTurn = saved.ghostTurn;
  }

  /** Ghosts, and how far each may be from where it was heard of last, in metres, at this time in Unix µs. */
  ghosts(nowUs: number): Map<string, number> {
    const tracks = this.#tracks;
    this.#separation.at(tracks.rows, nowUs);
    return new Map(tracks.ghosts.map((track) => [tracks.idOf(track), this.#separation.grownM(track)]));
  }

  /** A drone in the air told where it is; `formation`: which one it is of, by a name that no other fleet's can have. */
  update({ droneId, formation }: { droneId: string; formation: string }, fix: Fix, step: AirspaceStep): void {
    const crewed = droneId.startsWith(this.#settings.crewedIdPrefix);
    this.#update({ id: droneId, kind: "drone", formation, crewed }, fix, step);
  }

  /** The same of an aircraft that is nobody's here: others are warned of it, and not of each other. */
  updateTraffic({ id, crewed }: { id: string; crewed: boolean }, fix: Fix, step: AirspaceStep): void {
    this.#update({ id, kind: "traffic", formation: TRAFFIC_FORMATION, crewed }, fix, step);
  }

  #update(
    { id, kind, formation, crewed }: { id: string; kind: TrackKind; formation: string; crewed: boolean },
    fix: Fix,
    step: AirspaceStep,
  ): void {
    const track = this.#tracks.find(id, kind) ?? this.#tracks.add(id, kind);
    if (track === null) return;
    const [tracks, settings] = [this.#tracks, this.#settings];
    tracks.write(track, { fix, accuracy: settings });
    if (tracks.join(track, formation) && formation !== NO_FORMATION) this.#joined(track, step);
    if (crewed) tracks.mark(track, TrackFlag.crewed);
    writeReach(tracks.rows, track, { settings, grownM: 0 });
    tracks.place(track);
    this.#separation.at(tracks.rows, step.nowUs);
    this.#lookAround(track, step);
  }

  /** A drone told that it has not moved since its last position; of one that says that it moves that confirms nothing. */
  confirm(droneId: string, timeUs: number): void {
    const track = this.#tracks.find(droneId);
    if (track === undefined || this.#tracks.has(track, TrackFlag.ghost)) return;
    const { rows } = this.#tracks;
    const row = track * ROW_WORDS;
    const sinceS = (timeUs - rows[row + Word.fixUs]!) / 1e6;
    if (sinceS > 0 && rows[row + Word.speed]! * sinceS <= UNMOVED_M) rows[row + Word.fixUs] = timeUs;
  }

  /** The aggregator's clock was set. */
  clockStepped(stepUs: number): void {
    this.#tracks.clockStepped(stepUs);
    this.#pairs.clockStepped(stepUs);
    this.#crowds.clockStepped(stepUs);
  }

  /** It is on the ground: it conflicts with nobody. */
  remove(droneId: string, step: AirspaceStep): void {
    this.#drop(this.#tracks.find(droneId), step);
  }

  removeTraffic(id: string, step: AirspaceStep): void {
    this.#drop(this.#tracks.find(id, "traffic"), step);
  }

  /** Nobody knows of a drone any more. */
  forget(droneId: string, step: AirspaceStep): void {
    this.remove(droneId, step);
    this.#crowds.forget(droneId);
  }

  /**
   * Time has passed: ghosts appear, grow and expire; conflicts end of which nobody speaks any more.
   * @param sinceUs silence from before this time says nothing, Unix µs
   */
  tick(step: AirspaceStep, sinceUs: number): void {
    const { ghostExpiresUs } = this.#settings;
    const { rows } = this.#tracks;
    const ghosts: number[] = [];
    this.#separation.at(rows, step.nowUs);
    for (const track of this.#tracks.taken()) {
      const fixUs = rows[track * ROW_WORDS + Word.fixUs]!;
      if (!this.#tracks.has(track, TrackFlag.ghost)) {
        if (step.nowUs - Math.max(fixUs, sinceUs) <= rows[track * ROW_WORDS + Word.silenceUs]!) continue;
        this.#tracks.mark(track, TrackFlag.ghost);
      }
      if (step.nowUs - fixUs > ghostExpiresUs) this.#drop(track, step);
      else ghosts.push(track);
    }
    for (const pair of this.#pairs.all()) this.#reassess(pair, step);
    const turns = Math.ceil(ghosts.length / GHOST_SEARCHES_MAX);
    this.#ghostTurn++;
    for (const [i, track] of ghosts.entries()) {
      if (i % turns !== this.#ghostTurn % turns) continue;
      writeReach(rows, track, { settings: this.#settings, grownM: this.#separation.grownM(track) });
      this.#tracks.place(track);
      this.#lookAround(track, step);
    }
    this.#reviewCrowds(step);
  }

  #drop(track: number | undefined, step: AirspaceStep): void {
    if (track === undefined) return;
    for (const pair of this.#pairs.of(track)) this.#end(pair, step);
    this.#tracks.drop(track);
  }

  /** It is of a formation now: those of the same one mean to be near it. */
  #joined(track: number, step: AirspaceStep): void {
    for (const pair of this.#pairs.of(track)) {
      if (this.#tracks.inFormation(pair.a, pair.b)) this.#end(pair, step);
    }
  }

  #end(pair: OpenPair, step: AirspaceStep): void {
    this.#pairs.close(pair);
    this.#announcements.end(pair, step);
  }

  /** The drone's conflicts that are open, and those that are new. */
  #lookAround(track: number, step: AirspaceStep): void {
    this.#beside.length = 0;
    this.#beside.push(track);
    this.#besideLevel = 0;
    const partners: number[] = [];
    for (const pair of this.#pairs.of(track)) {
      const partner = pair.a === track ? pair.b : pair.a;
      partners.push(partner);
      this.#noteBeside(track, partner, this.#reassess(pair, step));
    }
    const { rows } = this.#tracks;
    const found = this.#find(track, partners, this.#places.untilS(rows, track, step.nowUs));
    if (this.#crowds.isCrowded(rows, track, this.#beside.length - 1)) {
      this.#crowds.gather(rows, this.#beside, { level: this.#besideLevel, nowUs: step.nowUs });
    }
    if (!found) return;
    for (const { other, level, closestS, isPressing } of mostUrgentFirst(found)) {
      let leaving: OpenPair[] | null = null;
      if (this.#crowds.together(rows, track, other)) {
        leaving = isPressing ? this.#places.take(rows, [track, other], { closestS, nowUs: step.nowUs }) : null;
        if (!leaving) continue;
      }
      for (const pair of leaving ?? []) this.#end(pair, step);
      if (this.#hasRoom([track, other], level)) this.#open(track, other, step);
    }
  }

  #hasRoom(pair: readonly number[], level: ConflictLevel): boolean {
    const drones = this.#tracks.dronesOf(pair);
    return this.#pairs.hasRoom(drones, { level, withTraffic: drones.length < pair.length });
  }

  /** New conflicts of a drone; those that its crowd stands for are left out, and of the others in it who is closest after `untilS`. */
  #find(track: number, partners: readonly number[], untilS: number): Finding[] | null {
    const tracks = this.#tracks;
    const separation = this.#separation;
    const count = this.#search.around(track, tracks, partners);
    const others = this.#search.tracks;
    let found: Finding[] | null = null;
    for (let i = 0; i < count; i++) {
      const other = others[i]!;
      const level = separation.assess(track, other, 0);
      if (level === 0) continue;
      this.#noteBeside(track, other, level);
      const isOfCrowd = this.#crowds.together(tracks.rows, track, other);
      if (isOfCrowd && separation.closestS > untilS) continue;
      const isPressing = level === 2 && separation.approaches;
      if (isOfCrowd && !isPressing) continue;
      (found ??= []).push({ other, level, closestS: separation.closestS, isPressing });
    }
    return found;
  }

  // Of the pair that was just assessed. A formation is no part of a crowd.
  #noteBeside(track: number, other: number, level: ConflictLevel): void {
    const { rows } = this.#tracks;
    if (level === 0 || !this.#separation.isBeside) return;
    if (rows[track * ROW_WORDS + Word.formation] !== 0 || rows[other * ROW_WORDS + Word.formation] !== 0) return;
    this.#beside.push(other);
    if (level > this.#besideLevel) this.#besideLevel = level;
  }

  #open(track: number, other: number, step: AirspaceStep): void {
    const { nowUs } = step;
    const [a, b] = this.#tracks.idOf(track) < this.#tracks.idOf(other) ? [track, other] : [other, track];
    const level = this.#separation.assess(a, b, 0);
    if (level === 0) return;
    const withTraffic = this.#tracks.dronesOf([a, b]).length < 2;
    const key = conflictKey([this.#tracks.idOf(a), this.#tracks.idOf(b)], withTraffic);
    const pair: OpenPair = {
      key,
      a,
      b,
      withTraffic,
      level,
      warnedUs: nowUs,
      alertedUs: level === 2 ? nowUs : -Infinity,
    };
    this.#pairs.open(pair);
    this.#announcements.hold(pair, step);
  }

  /** @returns how bad the pair is, whatever its crowd says of it */
  #reassess(pair: OpenPair, step: AirspaceStep): ConflictLevel {
    const separation = this.#separation;
    const found = separation.assess(pair.a, pair.b, pair.level);
    const isOfCrowd = separation.isFresh && !(found === 2 && separation.approaches) &&
      this.#crowds.together(this.#tracks.rows, pair.a, pair.b);
    const level = isOfCrowd ? 0 : found;
    const change = this.#pairs.judge(pair, level, step.nowUs);
    if (change === "resolve") this.#end(pair, step);
    else if (change !== null || (level > 0 && separation.isFresh && this.#announcements.isDue(pair, step.nowUs))) {
      this.#announcements.hold(pair, step);
    }
    return found;
  }

  #reviewCrowds(step: AirspaceStep): void {
    const tracks = this.#tracks;
    const members = this.#crowds.review(tracks.rows, { tracks: () => tracks.taken(), nowUs: step.nowUs });
    for (const [crowd, tracks] of members ?? []) this.#announcements.holdCrowd(crowd, tracks, step);
  }
}
