// The latest state of each drone, and of each of its boots the sequence numbers seen. Bounded: the drone that has been
// silent longest makes room.
import { type BatteryColumns, BatteryPresence, type PositionColumns, PositionPresence } from "../columns.ts";
import { FixGate } from "../airspace/fix_gate.ts";
import { BatteryRule } from "./battery.ts";
import { Clock } from "./clock.ts";
import { ObstacleRule } from "./obstacles.ts";
import { ALL_ZONES } from "./outputs.ts";
import { SeqSet } from "./seq_set.ts";
import type { Restorer, SavedDrone, SavedKnown, Saver } from "./saved.ts";
import type { BatteryView, DroneView, PositionView } from "./views.ts";

/** Where a drone's records are counted. */
export interface Membership {
  drone: Drone;
  fleet: string;
  zone: string;
  /** Keys of the scopes whose windows count it: the fleet, and the zone. Made once, used for each pane of each window. */
  scopes: readonly [fleet: string, zone: string];
}

export function membershipOf(drone: Drone, { fleet, zone }: { fleet: string; zone: string }): Membership {
  return { drone, fleet, zone, scopes: [scopeKey(fleet, ALL_ZONES), scopeKey(fleet, zone)] };
}

function scopeKey(fleet: string, zone: string): string {
  return `${fleet}\n${zone}`;
}

export interface BatteryState extends BatteryView {
  rule: BatteryRule;
}

export class Drone {
  readonly droneId: string;
  clock = new Clock();
  readonly boots = new Map<number, SeqSet>();
  readonly memberships = new Map<string, Membership>();
  readonly batteries = new Map<number, BatteryState>();
  edgeId = "";
  bootId = 0;
  membership: Membership;
  records = 0;
  lastEventTimeUs = -Infinity;
  lastIngestionTimeUs = 0;
  /** Flags of the latest record: by sequence number within the newest boot, for clocks may be wrong. */
  flags = 0;
  #flagsSeq = -1;
  linkLost = false;
  #position: PositionView | null = null;
  fixGate = new FixGate();
  /** Ingestion time of the last position that could not be believed; -Infinity: none lately. */
  lastGlitchUs = -Infinity;
  /** By sensor. */
  readonly obstacles = new Map<number, ObstacleRule>();

  constructor(droneId: string, { fleet, zone }: { fleet: string; zone: string }) {
    this.droneId = droneId;
    this.membership = this.member(fleet, zone);
  }

  save(saver: Saver): SavedDrone {
    const { droneId, edgeId, bootId, records, lastEventTimeUs, lastIngestionTimeUs, flags, linkLost } = this;
    return {
      ...{ droneId, edgeId, bootId, records, lastEventTimeUs, lastIngestionTimeUs, flags, linkLost },
      position: this.#position && { ...this.#position },
      lastGlitchUs: this.lastGlitchUs,
      fixGate: this.fixGate.save(),
      obstacles: [...this.obstacles].map(([sensorId, rule]) => [sensorId, rule.save()]),
      clock: this.clock.save(),
      boots: [...this.boots].map(([bootId, seqs]) => [bootId, saver.boot(seqs)]),
      memberships: [...this.memberships.values()].map((membership) => saver.membership(membership)),
      batteries: [...this.batteries.values()].map(({ rule, ...view }) => ({ ...view, savedRule: rule.save() })),
      membership: saver.membership(this.membership),
      flagsSeq: this.#flagsSeq,
    };
  }

  restore(saved: SavedDrone, restorer: Restorer): void {
    const { edgeId, bootId, records, lastEventTimeUs, lastIngestionTimeUs, flags, linkLost } = saved;
    Object.assign(this, { edgeId, bootId, records, lastEventTimeUs, lastIngestionTimeUs, flags, linkLost });
    this.#position = saved.position;
    this.lastGlitchUs = saved.lastGlitchUs;
    this.fixGate = FixGate.restore(saved.fixGate);
    for (const [sensorId, rule] of saved.obstacles) this.obstacles.set(sensorId, ObstacleRule.restore(rule));
    this.clock = Clock.restore(saved.clock);
    this.#flagsSeq = saved.flagsSeq;
    this.memberships.clear();
    for (const number of saved.memberships) {
      const membership = restorer.membership(number);
      this.memberships.set(membership.scopes[1], membership);
    }
    this.membership = restorer.membership(saved.membership);
    for (const [bootId, boot] of saved.boots) this.boots.set(bootId, restorer.boot(boot));
    for (const { savedRule, ...view } of saved.batteries) {
      this.batteries.set(view.id, { ...view, rule: BatteryRule.restore(savedRule) });
    }
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

  boot(bootId: number): SeqSet {
    let seqs = this.boots.get(bootId);
    if (!seqs) {
      if (this.boots.size >= BOOTS_MAX) this.boots.delete(this.boots.keys().next().value!);
      this.boots.set(bootId, seqs = new SeqSet());
      this.bootId = bootId;
      this.#flagsSeq = -1;
    }
    return seqs;
  }

  /** A record with flags; one that was sent before the latest changes no state. @returns whether it changed the flags */
  observe(
    { bootId, seq, eventTimeUs, flags }: { bootId: number; seq: number; eventTimeUs: number; flags: number },
  ): boolean {
    if (bootId !== this.bootId || seq < this.#flagsSeq) return false;
    const changed = flags !== this.flags;
    this.#flagsSeq = seq;
    this.flags = flags;
    if (eventTimeUs > this.lastEventTimeUs) this.lastEventTimeUs = eventTimeUs;
    return changed;
  }

  /** @returns false when it already knows a later position */
  observePosition(p: PositionColumns, i: number, eventTimeUs: number): boolean {
    if (this.#position && eventTimeUs < this.#position.eventTimeUs) return false;
    const presence = p.presence[i]!;
    // In place: an object for each position of a fleet would outlive the young generation.
    const position = this.#position ??= noPosition();
    position.eventTimeUs = eventTimeUs;
    position.latDeg = p.latE7[i]! / 1e7;
    position.lonDeg = p.lonE7[i]! / 1e7;
    position.altMslM = presence & PositionPresence.altMsl ? p.altMslMm[i]! / 1000 : null;
    position.altHomeM = presence & PositionPresence.altHome ? p.altHomeMm[i]! / 1000 : null;
    position.vnMps = p.vnCms[i]! / 100;
    position.veMps = p.veCms[i]! / 100;
    position.vdMps = p.vdCms[i]! / 100;
    position.headingDeg = presence & PositionPresence.heading ? p.headingCdeg[i]! / 100 : null;
    position.fixType = p.fixType[i]!;
    return true;
  }

  /** @returns the sensor's rule, null when there are too many sensors */
  obstacleRule(sensorId: number): ObstacleRule | null {
    let rule = this.obstacles.get(sensorId);
    if (rule) return rule;
    if (this.obstacles.size >= SENSORS_MAX) return null;
    this.obstacles.set(sensorId, rule = new ObstacleRule());
    return rule;
  }

  /** @returns the battery's state, null when it already knows a later reading or there are too many batteries. */
  observeBattery(b: BatteryColumns, i: number, eventTimeUs: number): BatteryState | null {
    const id = b.id[i]!;
    let battery = this.batteries.get(id);
    if (!battery) {
      if (this.batteries.size >= BATTERIES_MAX) return null;
      const unknown = { voltageMv: null, currentCa: null, remainingCpct: null, chargeState: 0 };
      battery = { id, eventTimeUs: -Infinity, ...unknown, rule: new BatteryRule() };
      this.batteries.set(id, battery);
    }
    if (eventTimeUs < battery.eventTimeUs) return null;
    battery.eventTimeUs = eventTimeUs;
    battery.voltageMv = knownVoltageMv(b, i);
    battery.currentCa = b.presence[i]! & BatteryPresence.current ? b.currentCa[i]! : null;
    battery.remainingCpct = knownRemainingCpct(b, i);
    battery.chargeState = b.chargeState[i]!;
    return battery;
  }

  view(): DroneView {
    const { droneId, edgeId, bootId, lastEventTimeUs, lastIngestionTimeUs, flags, linkLost, records } = this;
    const { fleet, zone } = this.membership;
    const batteries = [...this.batteries.values()].map(({ rule: _, ...view }) => view);
    const clockOffsetUs = this.clock.offsetUs;
    const seen = { lastEventTimeUs, lastIngestionTimeUs, flags, linkLost, clockOffsetUs, records };
    const position = this.#position && { ...this.#position };
    return { droneId, fleet, zone, edgeId, bootId, ...seen, position, batteries };
  }
}

function noPosition(): PositionView {
  const unknown = { altMslM: null, altHomeM: null, headingDeg: null };
  return { eventTimeUs: 0, latDeg: 0, lonDeg: 0, vnMps: 0, veMps: 0, vdMps: 0, fixType: 0, ...unknown };
}

const MEMBERSHIPS_MAX = 16;
const BOOTS_MAX = 4;
const BATTERIES_MAX = 16;
const SENSORS_MAX = 16;
const VOLTAGE_UNKNOWN_MV = 65_535;

const ARMED = 1;
const IN_AIR = 2;

/** In the air, with its motors on: on a collision course it can be. */
export function isFlying({ flags }: Pick<Drone, "flags">): boolean {
  return (flags & (ARMED | IN_AIR)) === (ARMED | IN_AIR);
}

/** null for what senders put where they know nothing: absent, 0 V, MAVLink's UINT16_MAX. */
export function knownVoltageMv(b: BatteryColumns, i: number): number | null {
  const mv = b.voltageMv[i]!;
  return (b.presence[i]! & BatteryPresence.voltage) !== 0 && mv > 0 && mv < VOLTAGE_UNKNOWN_MV ? mv : null;
}

/** null for what senders put where they know nothing: absent, over 100 %, or 0 % at 0 V. */
export function knownRemainingCpct(b: BatteryColumns, i: number): number | null {
  const presence = b.presence[i]!;
  const cpct = b.remainingCpct[i]!;
  if ((presence & BatteryPresence.remaining) === 0 || cpct > 10_000) return null;
  const noVoltage = (presence & BatteryPresence.voltage) !== 0 && b.voltageMv[i] === 0;
  return cpct === 0 && noVoltage ? null : cpct;
}

export class Drones {
  readonly #byId = new Map<string, Drone>();
  readonly #max: number;

  constructor(dronesMax: number) {
    this.#max = dronesMax;
  }

  restore({ drones }: SavedKnown, restorer: Restorer): void {
    for (const number of drones) {
      const drone = restorer.drone(number);
      this.#byId.set(drone.droneId, drone);
    }
  }

  get size(): number {
    return this.#byId.size;
  }

  get(droneId: string): Drone | undefined {
    return this.#byId.get(droneId);
  }

  values(): IterableIterator<Drone> {
    return this.#byId.values();
  }

  add(droneId: string, place: { fleet: string; zone: string }): Drone {
    let drone = this.#byId.get(droneId);
    if (!drone) {
      if (this.#byId.size >= this.#max) this.#forgetSilentest();
      this.#byId.set(droneId, drone = new Drone(droneId, place));
    }
    return drone;
  }

  #forgetSilentest(): void {
    let silentest: Drone | undefined;
    for (const drone of this.#byId.values()) {
      if (!silentest || drone.lastIngestionTimeUs < silentest.lastIngestionTimeUs) silentest = drone;
    }
    if (silentest) this.#byId.delete(silentest.droneId);
  }
}
