// The latest state of one drone. Records of its present boot change it, in the order of their sequence numbers: a drone's
// clock hides nothing that arrives now.
import type { PositionColumns } from "../../batch/columns.ts";
import { FixGate } from "../../airspace/fix_gate.ts";
import { NO_FORMATION } from "../../airspace/formations.ts";
import { Batteries } from "./batteries.ts";
import { type BootNumbers, Boots, type BootVerdict, type NumberedBoots } from "./boots.ts";
import { Clock, type ClockFault, isCredible, isRetimed } from "./clock.ts";
import { ObstacleRule, type SavedObstacleRule } from "./obstacles.ts";
import { ALL_ZONES } from "../../outputs.ts";
import { noPosition, readPosition } from "./readings.ts";
import { Reporting } from "./reporting.ts";
import { scopeKey } from "./scope.ts";
import { Speakers } from "./speakers.ts";
import type { DroneView, PositionView } from "../../views.ts";

/** Where a drone's records are counted: its fleet, and its zone within that. One object for each such place. */
export interface Membership {
  drone: Drone;
  fleet: string;
  zone: string;
  /** Keys of the scopes whose windows count it: the fleet, and the zone. Made once, used for each pane of each window. */
  scopes: readonly [fleet: string, zone: string];
}

/** Gives what others refer to as well its number, and takes it back by that. */
export interface MembershipNumbers extends BootNumbers {
  membership: (membership: Membership) => number;
}
export interface NumberedMemberships extends NumberedBoots {
  membership: (number: number) => Membership;
}

export type SavedDrone = ReturnType<Drone["save"]>;

/** Whoever must know that a drone is about to change. */
export interface DroneWatch {
  beforeDrone: (drone: Drone) => void;
}

/** A record that was not seen before. */
export interface HeardRecord {
  bootId: number;
  seq: number;
  /** As the drone sent it. */
  eventTimeUs: number;
  nowUs: number;
  /** The latest event time of it and those of the same source that came with it, behind it. */
  latestUs: number;
  /** Its batch waited at the edge: it says nothing about now. */
  delayed: boolean;
}

/** What a record says of its drone. */
export interface Heard {
  boot: BootVerdict;
  /** What is wrong with the clock that told its time. */
  fault: ClockFault | null;
  /** By our clock, Unix µs: when the record was measured, at the latest now. */
  measuredUs: number;
}

export class Drone {
  /** Changes for one that uses another's id, when a drone comes that is really called so. */
  droneId: string;
  /** The drone as which this one is known outside, where several use its id; null: it is the first or only one. */
  readonly doubleOf: string | null;
  /** It stands for one that was forgotten, under another name: nobody knows more of it than what it added to windows. */
  readonly isForgotten: boolean;
  clock = new Clock();
  readonly boots = new Boots();
  readonly speakers = new Speakers();
  /** Names of the others that use its id, or have. */
  doubleIds: string[] = [];
  /** Boots that turned out to be another drone's, at any edge or at one: which of those that use the id. */
  readonly lent = new Map<string, number>();
  readonly memberships = new Map<string, Membership>();
  readonly batteries = new Batteries();
  edgeId = "";
  membership: Membership;
  /** Which one its present boot was of when it was heard last: see Source. */
  formation = NO_FORMATION;
  records = 0;
  lastEventTimeUs = -Infinity;
  lastIngestionTimeUs = 0;
  /** When it had been heard last as it joined the queue of those that make room: see Drones. */
  queuedUs = 0;
  /** Flags of the latest record. */
  flags = 0;
  /** The highest sequence numbers of the present boot: of all records, of those with flags, and of positions. */
  #seq = -1;
  #flagsSeq = -1;
  #positionSeq = -1;
  linkLost = false;
  /** When records of any kind arrived, and when positions that are believed were measured. */
  reports = new Reporting();
  fixes = new Reporting();
  #position: PositionView | null = null;
  fixGate = new FixGate();
  /** Ingestion time of the last position that could not be believed, and of the last record of another drone with this id. */
  lastGlitchUs = -Infinity;
  lastClashUs = -Infinity;
  /** By sensor. */
  readonly obstacles = new Map<number, ObstacleRule>();

  constructor(
    droneId: string,
    { fleet, zone, doubleOf = null, isForgotten = false }: {
      fleet: string;
      zone: string;
      doubleOf?: string | null;
      isForgotten?: boolean;
    },
  ) {
    this.droneId = droneId;
    this.doubleOf = doubleOf;
    this.isForgotten = isForgotten;
    this.membership = this.member(fleet, zone);
  }

  save(numbers: MembershipNumbers) {
    const { droneId, doubleOf, isForgotten, edgeId, records, lastEventTimeUs, lastIngestionTimeUs, flags, linkLost } =
      this;
    return {
      ...{ droneId, doubleOf, isForgotten, edgeId, records, lastEventTimeUs, lastIngestionTimeUs, flags, linkLost },
      position: this.#position && { ...this.#position },
      ...{ lastGlitchUs: this.lastGlitchUs, lastClashUs: this.lastClashUs },
      formation: this.formation,
      queuedUs: this.queuedUs,
      reports: this.reports.save(),
      fixes: this.fixes.save(),
      lent: [...this.lent] as [boot: string, double: number][],
      doubleIds: [...this.doubleIds],
      fixGate: this.fixGate.save(),
      obstacles: Array.from(this.obstacles, ([id, rule]): [number, SavedObstacleRule] => [id, rule.save()]),
      clock: this.clock.save(),
      boots: this.boots.save(numbers),
      speakers: this.speakers.save(),
      memberships: [...this.memberships.values()].map((membership) => numbers.membership(membership)),
      batteries: this.batteries.save(),
      membership: numbers.membership(this.membership),
      seq: this.#seq,
      flagsSeq: this.#flagsSeq,
      positionSeq: this.#positionSeq,
    };
  }

  restore(saved: SavedDrone, numbered: NumberedMemberships): void {
    const { edgeId, records, lastEventTimeUs, lastIngestionTimeUs, flags, linkLost } = saved;
    Object.assign(this, { edgeId, records, lastEventTimeUs, lastIngestionTimeUs, flags, linkLost });
    this.#position = saved.position;
    this.lastGlitchUs = saved.lastGlitchUs;
    this.lastClashUs = saved.lastClashUs;
    this.formation = saved.formation;
    this.queuedUs = saved.queuedUs;
    this.reports = Reporting.restore(saved.reports);
    this.fixes = Reporting.restore(saved.fixes);
    this.doubleIds = saved.doubleIds;
    for (const [boot, double] of saved.lent) this.lent.set(boot, double);
    this.fixGate = FixGate.restore(saved.fixGate);
    for (const [sensorId, rule] of saved.obstacles) this.obstacles.set(sensorId, ObstacleRule.restore(rule));
    this.clock = Clock.restore(saved.clock);
    this.#seq = saved.seq;
    this.#flagsSeq = saved.flagsSeq;
    this.#positionSeq = saved.positionSeq;
    this.memberships.clear();
    for (const number of saved.memberships) {
      const membership = numbered.membership(number);
      this.memberships.set(membership.scopes[1], membership);
    }
    this.membership = numbered.membership(saved.membership);
    this.boots.restore(saved.boots, numbered);
    this.speakers.restore(saved.speakers);
    this.batteries.restore(saved.batteries);
  }

  get doubles(): number {
    return this.doubleIds.length;
  }

  /** As it is now: the next one changes it. */
  get position(): Readonly<PositionView> | null {
    return this.#position;
  }

  /** One object for each place, so that windows can use it as a key. */
  member(fleet: string, zone: string): Membership {
    const key = scopeKey(fleet, zone);
    let membership = this.memberships.get(key);
    if (!membership) {
      if (this.memberships.size >= MEMBERSHIPS_MAX) this.memberships.clear();
      membership = membershipOf(this, { fleet, zone });
      this.memberships.set(key, membership);
    }
    return membership;
  }

  /** Judges a record's boot, and its clock. The first record of a boot makes the drone forget how it compared the last. */
  hear({ bootId, seq, eventTimeUs, nowUs, latestUs, delayed }: HeardRecord): Heard {
    const boot = this.boots.judge({ bootId, eventTimeUs, nowUs, delayed });
    if (boot === "began") this.#begin();
    if (boot === "past" || boot === "clash") {
      return { boot, fault: isCredible(eventTimeUs, nowUs) ? null : "ahead", measuredUs: nowUs };
    }
    const inSequence = seq > this.#seq;
    if (inSequence) this.#seq = seq;
    const fault = this.clock.observe(eventTimeUs, { nowUs, latestUs, seq, inSequence });
    const measuredUs = isRetimed(fault) ? nowUs : this.clock.measuredUs(eventTimeUs, nowUs);
    return { boot, fault, measuredUs };
  }

  /** A record with flags, of the present boot; one that was sent before the latest changes nothing. @returns whether they changed */
  observe({ seq, eventTimeUs, flags }: { seq: number; eventTimeUs: number; flags: number }): boolean {
    if (seq < this.#flagsSeq) return false;
    const changed = flags !== this.flags;
    this.#flagsSeq = seq;
    this.flags = flags;
    this.lastEventTimeUs = eventTimeUs;
    return changed;
  }

  /** Of the present boot. @returns false when it already knows a later position */
  observePosition(p: PositionColumns, i: number, eventTimeUs: number): boolean {
    const seq = p.seq[i]!;
    if (seq < this.#positionSeq) return false;
    this.#positionSeq = seq;
    // In place: an object for each position of a fleet would outlive the young generation.
    readPosition(p, i, this.#position ??= noPosition());
    this.#position.eventTimeUs = eventTimeUs;
    return true;
  }

  /**
   * How long it may be silent before that says something, `leastUs` at least. Behind an edge that is behind, of what it tells only
   * positions are heard at once.
   */
  silenceUs({ isBehind }: { isBehind: boolean }, leastUs: number): number {
    const silenceUs = this.reports.silenceUs(leastUs);
    if (!isBehind) return silenceUs;
    return this.#position ? Math.max(silenceUs, this.fixes.silenceUs(leastUs)) : Infinity;
  }

  /** @returns the sensor's rule, null when there are too many sensors */
  obstacleRule(sensorId: number): ObstacleRule | null {
    let rule = this.obstacles.get(sensorId);
    if (rule) return rule;
    if (this.obstacles.size >= SENSORS_MAX && !this.#forgetSensor()) return null;
    this.obstacles.set(sensorId, rule = new ObstacleRule());
    return rule;
  }

  view(): DroneView {
    const { droneId, edgeId, lastEventTimeUs, lastIngestionTimeUs, flags, linkLost, records } = this;
    const bootId = this.boots.present;
    const { fleet, zone } = this.membership;
    const batteries = this.batteries.views();
    const clockOffsetUs = this.clock.offsetUs;
    const seen = { lastEventTimeUs, lastIngestionTimeUs, flags, linkLost, clockOffsetUs, records };
    const position = this.#position && { ...this.#position };
    return { droneId, fleet, zone, edgeId, bootId, ...seen, position, batteries };
  }

  /** Our own clock was set. */
  clockStepped(stepUs: number): void {
    this.lastIngestionTimeUs += stepUs;
    this.queuedUs += stepUs;
    this.lastGlitchUs += stepUs;
    this.lastClashUs += stepUs;
    this.reports.shift(stepUs);
    this.fixes.shift(stepUs);
    this.clock.shift(stepUs);
    this.fixGate.shift(stepUs);
    this.batteries.shift(stepUs);
    this.boots.shift(stepUs);
    this.speakers.shift(stepUs);
    for (const rule of this.obstacles.values()) rule.shift(stepUs);
  }

  #forgetSensor(): boolean {
    const clear = [...this.obstacles].filter(([, { level }]) => level === 0);
    const [oldest] = clear.sort(([, a], [, b]) => a.heardUs - b.heardUs);
    return oldest !== undefined && this.obstacles.delete(oldest[0]);
  }

  // The new boot numbers its records anew, and its clock may be another.
  #begin(): void {
    this.clock.begin();
    this.#seq = this.#flagsSeq = this.#positionSeq = -1;
    this.batteries.begin();
    for (const rule of this.obstacles.values()) rule.begin();
  }
}

/** A place of a drone that is not yet among those it knows. */
export function membershipOf(drone: Drone, { fleet, zone }: { fleet: string; zone: string }): Membership {
  return { drone, fleet, zone, scopes: [scopeKey(fleet, ALL_ZONES), scopeKey(fleet, zone)] };
}

const MEMBERSHIPS_MAX = 16;
const SENSORS_MAX = 16;
