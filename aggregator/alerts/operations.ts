// Alerts about the system itself: a journal that cannot write, an edge that sheds. They come from no journal entry, so
// they live beside the pipeline, with the same state machine and the same way to readers.
import { Alerts } from "./alerts.ts";
import type { AlertEvent, Output } from "../outputs.ts";

export interface OperationsParts {
  nowUs: () => number;
  /** Monotonic ms. */
  clock: () => number;
  deliver: (outputs: Output[], atUs: number) => void;
}

/** How long something that happened once is told. */
const PASSING_MS = 60_000;
const OPEN_MAX = 1024;
const REMINDER_US = 60_000_000;
/** Ids begin with the start's time in ms: far above the pipeline's, which count from 1, and never the same again. */
const US_PER_ID = 1000;

/** Open conditions of the system. */
export class Operations {
  readonly #parts: OperationsParts;
  readonly #alerts: Alerts;
  /** Until when what happened is told. */
  readonly #passing = new Map<string, number>();

  constructor(parts: OperationsParts) {
    this.#parts = parts;
    const lastId = Math.floor(parts.nowUs() / US_PER_ID);
    this.#alerts = new Alerts({
      openAlertsMax: OPEN_MAX,
      reminderUs: REMINDER_US,
      urgentReminderUs: REMINDER_US,
      lastId,
    });
  }

  /** @param key what is degraded, such as "journal" or "edge/edge-1" */
  degraded(key: string, { message, severity }: { message: string; severity: AlertEvent["severity"] }): void {
    const finding = { kind: "degraded" as const, severity, droneIds: [], detail: key, message, trigger: null };
    this.#change((outputs, atUs) => this.#alerts.hold(key, { ...finding, atUs }, outputs));
  }

  /** Something happened that is no condition: it is told for a minute. */
  happened(key: string, what: { message: string; severity: AlertEvent["severity"] }): void {
    this.#passing.set(key, this.#parts.clock() + PASSING_MS);
    this.degraded(key, what);
  }

  /** It works as it should; nothing happens when it did before. */
  restored(key: string): void {
    this.#change((outputs, atUs) => this.#alerts.resolve(key, { atUs, trigger: null }, outputs));
  }

  acknowledge({ alertId, by }: { alertId: number; by: string }): boolean {
    let found = false;
    this.#change((outputs, nowUs) => found = this.#alerts.acknowledge({ alertId, by, nowUs }, outputs));
    return found;
  }

  /** Some times a second: reminds of what is open, and ends what is over. */
  remind(): void {
    for (const [key, untilMs] of this.#passing) {
      if (this.#parts.clock() < untilMs) continue;
      this.#passing.delete(key);
      this.restored(key);
    }
    this.#change((outputs, atUs) => this.#alerts.remind(atUs, outputs));
  }

  openAlerts(): AlertEvent[] {
    return this.#alerts.open();
  }

  #change(change: (outputs: Output[], atUs: number) => void): void {
    const outputs: Output[] = [];
    const atUs = Math.round(this.#parts.nowUs());
    change(outputs, atUs);
    if (outputs.length > 0) this.#parts.deliver(outputs, atUs);
  }
}
