// The one state machine of all alerts: raise → escalate ↔ downgrade → remind → acknowledge → resolve, keyed by condition and
// subject. Rules say how bad a subject is now; this says what that means for an alert that may be open already.
import type {
  AlertEvent,
  AlertKindName,
  AlertPath,
  AlertTransition,
  ConflictDetails,
  CrowdDetails,
  ObstacleDetails,
  Output,
} from "../outputs.ts";

export interface AlertsSettings {
  /** Open alerts of one kind; a further one is not raised, and counted. No kind crowds out another. */
  openAlertsMax: number;
  /** A reminder of an open alert that nobody acknowledged. */
  reminderUs: number;
  /** The same of conflicts, crowds and obstacles. */
  urgentReminderUs: number;
  /** Ids count from the one after it; by default from 1. */
  lastId?: number;
}

/** What a rule found: the condition of one subject, bad enough for an alert. */
export interface Finding {
  kind: AlertKindName;
  severity: AlertEvent["severity"];
  droneIds: string[];
  detail: string;
  message: string;
  /** Unix µs of this change. */
  atUs: number;
  /** The record that caused it; null when time did. */
  trigger: Trigger | null;
  conflict?: ConflictDetails;
  obstacle?: ObstacleDetails;
  crowd?: CrowdDetails;
}

/** A record, and the drone that measured it. */
export type Trigger = Pick<AlertPath, "droneId" | "eventTimeUs">;

/** How a batch came: of the records in it. */
export type Hops = Omit<AlertPath, keyof Trigger>;

export interface SavedAlerts {
  open: [string, OpenAlert][];
  openOfDrone: [string, number][];
  lastId: number;
  notRaised: [AlertKindName, number][];
}

interface OpenAlert {
  event: AlertEvent;
  acknowledged: boolean;
  remindedUs: number;
}

type Details = Pick<AlertEvent, "conflict" | "obstacle" | "crowd">;

const URGENT: readonly AlertKindName[] = ["conflict", "crowd", "obstacle"];

export class Alerts {
  readonly #settings: AlertsSettings;
  readonly #open = new Map<string, OpenAlert>();
  readonly #openOfDrone = new Map<string, number>();
  readonly #openOfKind = new Map<AlertKindName, number>();
  /** Alerts that were not raised because too many of their kind were open. */
  readonly #notRaised = new Map<AlertKindName, number>();
  #lastId: number;
  /** Of the batch whose records are being looked at; null while there is none. */
  hops: Hops | null = null;

  constructor(settings: AlertsSettings) {
    this.#settings = settings;
    this.#lastId = settings.lastId ?? 0;
  }

  save(): SavedAlerts {
    const open = Array.from(this.#open, ([key, alert]): SavedAlerts["open"][number] => [key, { ...alert }]);
    return { open, openOfDrone: [...this.#openOfDrone], lastId: this.#lastId, notRaised: [...this.#notRaised] };
  }

  restore({ open, openOfDrone, lastId, notRaised }: SavedAlerts): void {
    for (const [key, alert] of open) {
      this.#open.set(key, alert);
      this.#countKind(alert.event.kind, 1);
    }
    for (const [droneId, count] of openOfDrone) this.#openOfDrone.set(droneId, count);
    this.#lastId = lastId;
    for (const [kind, count] of notRaised) this.#notRaised.set(kind, count);
  }

  /** These ids are used, up to this one. @returns the highest that is used; 0: none is */
  skipIds(lastId: number): number {
    return this.#lastId = Math.max(this.#lastId, lastId);
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** By kind, of those that have any: alerts that were not raised because too many of the kind were open. */
  get notRaised(): Partial<Record<AlertKindName, number>> {
    return Object.fromEntries(this.#notRaised);
  }

  open(): AlertEvent[] {
    return [...this.#open.values()].map(({ event }) => event);
  }

  /** Drones with at least one open alert. */
  openDrones(): string[] {
    return [...this.#openOfDrone.keys()];
  }

  /**
   * A condition holds for a subject: raises its alert, escalates or downgrades it as its severity changes. What is said of
   * it is renewed in any case, for the next reminder.
   * @param key condition and subject, such as "battery/0/drone-7"
   */
  hold(key: string, finding: Finding, outputs: Output[]): void {
    const { atUs, trigger, conflict = null, obstacle = null, crowd = null, ...what } = finding;
    const said = { ...what, conflict, obstacle, crowd };
    const alert = this.#open.get(key);
    if (!alert) return this.#raise(key, { said, atUs, trigger }, outputs);
    const { kind, severity, droneIds } = alert.event;
    this.#concern(droneIds, said.droneIds, outputs);
    if (kind === said.kind && severity === said.severity) {
      alert.event = { ...alert.event, ...said };
      return;
    }
    const transition = severity === "critical" && said.severity === "warning" ? "downgrade" : "escalate";
    if (transition === "escalate") alert.acknowledged = false;
    alert.remindedUs = atUs;
    const acknowledgedBy = alert.acknowledged ? alert.event.acknowledgedBy : null;
    // A battery that was low is critical: another kind of the same alert.
    this.#countKind(kind, -1);
    this.#countKind(said.kind, 1);
    this.#change(alert, { change: { ...said, transition, changedTimeUs: atUs, acknowledgedBy }, trigger }, outputs);
  }

  /** The next `remind` at this time will name it: what is said of it should be true then. */
  reminderDue(key: string, nowUs: number): boolean {
    const alert = this.#open.get(key);
    return alert !== undefined && this.#isDue(alert, nowUs);
  }

  /** The condition has ended; nothing happens when no alert is open for it. */
  resolve(key: string, { atUs, trigger }: { atUs: number; trigger: Trigger | null }, outputs: Output[]): void {
    const alert = this.#open.get(key);
    if (!alert) return;
    this.#open.delete(key);
    this.#countKind(alert.event.kind, -1);
    this.#change(alert, { change: { transition: "resolve", changedTimeUs: atUs }, trigger }, outputs);
    for (const droneId of alert.event.droneIds) this.#count(droneId, -1, outputs);
  }

  /** Alerts about these drones alone end; others are about those that are left. */
  forget(droneIds: ReadonlySet<string>, { atUs, outputs }: { atUs: number; outputs: Output[] }): void {
    for (const [key, alert] of this.#open) {
      const { event } = alert;
      const left = event.droneIds.filter((droneId) => !droneIds.has(droneId));
      if (left.length === 0 && event.droneIds.length > 0) this.resolve(key, { atUs, trigger: null }, outputs);
      this.#concern(left.length === 0 ? [] : event.droneIds, left, outputs);
      alert.event = {
        ...alert.event,
        droneIds: left,
        path: droneIds.has(event.path?.droneId ?? "") ? null : event.path,
      };
    }
  }

  /** @returns false when no such alert is open */
  acknowledge({ alertId, by, nowUs }: { alertId: number; by: string; nowUs: number }, outputs: Output[]): boolean {
    for (const alert of this.#open.values()) {
      if (alert.event.alertId !== alertId) continue;
      if (alert.acknowledged) return true;
      alert.acknowledged = true;
      const change = { transition: "acknowledge" as const, changedTimeUs: nowUs, acknowledgedBy: by };
      this.#change(alert, { change, trigger: null }, outputs);
      return true;
    }
    return false;
  }

  /** Our clock was set. */
  clockStepped(stepUs: number): void {
    for (const alert of this.#open.values()) alert.remindedUs += stepUs;
  }

  remind(nowUs: number, outputs: Output[]): void {
    for (const alert of this.#open.values()) {
      if (!this.#isDue(alert, nowUs)) continue;
      alert.remindedUs = nowUs;
      this.#change(alert, { change: { transition: "remind", changedTimeUs: nowUs }, trigger: null }, outputs);
    }
  }

  #isDue({ event, acknowledged, remindedUs }: OpenAlert, nowUs: number): boolean {
    const { reminderUs, urgentReminderUs } = this.#settings;
    return !acknowledged && nowUs - remindedUs >= (URGENT.includes(event.kind) ? urgentReminderUs : reminderUs);
  }

  #raise(
    key: string,
    { said, atUs, trigger }: {
      said: Omit<Finding, "atUs" | "trigger" | keyof Details> & Details;
      atUs: number;
      trigger: Trigger | null;
    },
    outputs: Output[],
  ): void {
    const ofKind = this.#openOfKind.get(said.kind) ?? 0;
    if (ofKind >= this.#settings.openAlertsMax) {
      this.#notRaised.set(said.kind, (this.#notRaised.get(said.kind) ?? 0) + 1);
      return;
    }
    const event: AlertEvent = {
      alertId: ++this.#lastId,
      ...said,
      transition: "raise",
      raisedTimeUs: atUs,
      changedTimeUs: atUs,
      revision: 1,
      path: this.#pathOf(trigger),
      acknowledgedBy: null,
    };
    this.#openOfKind.set(said.kind, ofKind + 1);
    this.#open.set(key, { event, acknowledged: false, remindedUs: atUs });
    outputs.push({ type: "alert", alert: event });
    for (const droneId of event.droneIds) this.#count(droneId, 1, outputs);
  }

  #change(
    alert: OpenAlert,
    { change, trigger }: {
      change: Partial<AlertEvent> & { transition: AlertTransition };
      trigger: Trigger | null;
    },
    outputs: Output[],
  ): void {
    alert.event = { ...alert.event, ...change, revision: alert.event.revision + 1, path: this.#pathOf(trigger) };
    outputs.push({ type: "alert", alert: alert.event });
  }

  #pathOf(trigger: Trigger | null): AlertPath | null {
    return trigger && this.hops && { ...trigger, ...this.hops };
  }

  // Drones come to an alert that is open, and leave it.
  #concern(before: readonly string[], now: readonly string[], outputs: Output[]): void {
    for (const droneId of now) if (!before.includes(droneId)) this.#count(droneId, 1, outputs);
    for (const droneId of before) if (!now.includes(droneId)) this.#count(droneId, -1, outputs);
  }

  #countKind(kind: AlertKindName, change: 1 | -1): void {
    this.#openOfKind.set(kind, (this.#openOfKind.get(kind) ?? 0) + change);
  }

  #count(droneId: string, change: 1 | -1, outputs: Output[]): void {
    const count = (this.#openOfDrone.get(droneId) ?? 0) + change;
    if (count > 0) this.#openOfDrone.set(droneId, count);
    else this.#openOfDrone.delete(droneId);
    if (count === 0 || (count === 1 && change === 1)) outputs.push({ type: "alert-open", droneId, open: count > 0 });
  }
}
