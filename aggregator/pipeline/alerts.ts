// The one state machine of all alerts: raise → escalate → remind → acknowledge → resolve, keyed by condition and
// subject. Rules say how bad a subject is now; this says what that means for an alert that may be open already.
import type { AlertEvent, AlertKindName, AlertTransition, Output } from "./outputs.ts";

export interface AlertsSettings {
  /** Open alerts; a further one is not raised, and counted. */
  openMax: number;
  /** A reminder of an open alert that nobody acknowledged. */
  reminderUs: number;
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
  /** Event time of the record that caused it; null when time did. */
  triggerTimeUs: number | null;
}

export interface SavedAlerts {
  open: [string, OpenAlert][];
  openOfDrone: [string, number][];
  lastId: number;
  overflow: number;
}

interface OpenAlert {
  event: AlertEvent;
  acknowledged: boolean;
  remindedUs: number;
}

export class Alerts {
  readonly #settings: AlertsSettings;
  readonly #open = new Map<string, OpenAlert>();
  readonly #openOfDrone = new Map<string, number>();
  #lastId: number;
  /** Alerts that were not raised because too many were open. */
  overflow = 0;

  constructor(settings: AlertsSettings) {
    this.#settings = settings;
    this.#lastId = settings.lastId ?? 0;
  }

  save(): SavedAlerts {
    const [open, openOfDrone] = [[...this.#open], [...this.#openOfDrone]];
    return { open, openOfDrone, lastId: this.#lastId, overflow: this.overflow };
  }

  restore({ open, openOfDrone, lastId, overflow }: SavedAlerts): void {
    for (const [key, alert] of open) this.#open.set(key, alert);
    for (const [droneId, count] of openOfDrone) this.#openOfDrone.set(droneId, count);
    this.#lastId = lastId;
    this.overflow = overflow;
  }

  get openCount(): number {
    return this.#open.size;
  }

  open(): AlertEvent[] {
    return [...this.#open.values()].map(({ event }) => event);
  }

  /** Drones with at least one open alert. */
  openDrones(): string[] {
    return [...this.#openOfDrone.keys()];
  }

  /**
   * A condition holds for a subject: raises its alert, escalates it when the kind or severity got worse.
   * @param key condition and subject, such as "battery/0/drone-7"
   */
  hold(key: string, finding: Finding, outputs: Output[]): void {
    const { atUs, ...what } = finding;
    const alert = this.#open.get(key);
    if (alert) {
      if (alert.event.kind === what.kind && alert.event.severity === what.severity) return;
      if (alert.event.severity === "critical") return;
      alert.acknowledged = false;
      alert.remindedUs = atUs;
      this.#change(alert, { ...what, transition: "escalate", changedTimeUs: atUs, acknowledgedBy: null }, outputs);
      return;
    }
    if (this.#open.size >= this.#settings.openMax) {
      this.overflow++;
      return;
    }
    const times = { raisedTimeUs: atUs, changedTimeUs: atUs };
    const event = { alertId: ++this.#lastId, ...what, transition: "raise" as const, ...times, acknowledgedBy: null };
    this.#open.set(key, { event, acknowledged: false, remindedUs: atUs });
    outputs.push({ type: "alert", alert: event });
    for (const droneId of event.droneIds) this.#count(droneId, 1, outputs);
  }

  /** The condition has ended; nothing happens when no alert is open for it. */
  resolve(
    key: string,
    { atUs, triggerTimeUs }: { atUs: number; triggerTimeUs: number | null },
    outputs: Output[],
  ): void {
    const alert = this.#open.get(key);
    if (!alert) return;
    this.#open.delete(key);
    this.#change(alert, { transition: "resolve", changedTimeUs: atUs, triggerTimeUs }, outputs);
    for (const droneId of alert.event.droneIds) this.#count(droneId, -1, outputs);
  }

  /** @returns false when no such alert is open */
  acknowledge({ alertId, by, nowUs }: { alertId: number; by: string; nowUs: number }, outputs: Output[]): boolean {
    for (const alert of this.#open.values()) {
      if (alert.event.alertId !== alertId) continue;
      if (alert.acknowledged) return true;
      alert.acknowledged = true;
      const change = { transition: "acknowledge" as const, changedTimeUs: nowUs, triggerTimeUs: null };
      this.#change(alert, { ...change, acknowledgedBy: by }, outputs);
      return true;
    }
    return false;
  }

  remind(nowUs: number, outputs: Output[]): void {
    for (const alert of this.#open.values()) {
      if (alert.acknowledged || nowUs - alert.remindedUs < this.#settings.reminderUs) continue;
      alert.remindedUs = nowUs;
      this.#change(alert, { transition: "remind", changedTimeUs: nowUs, triggerTimeUs: null }, outputs);
    }
  }

  #change(alert: OpenAlert, change: Partial<AlertEvent> & { transition: AlertTransition }, outputs: Output[]): void {
    alert.event = { ...alert.event, ...change };
    outputs.push({ type: "alert", alert: alert.event });
  }

  #count(droneId: string, change: 1 | -1, outputs: Output[]): void {
    const count = (this.#openOfDrone.get(droneId) ?? 0) + change;
    if (count > 0) this.#openOfDrone.set(droneId, count);
    else this.#openOfDrone.delete(droneId);
    if (count === 0 || (count === 1 && change === 1)) outputs.push({ type: "alert-open", droneId, open: count > 0 });
  }
}
