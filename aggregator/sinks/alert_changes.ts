// Each transition of each alert, in order, for whoever is told of them later: webhooks.
import type { DeliveryPlace, Output } from "../outputs.ts";
import type { Sink } from "./sink.ts";
import type { SqliteSink } from "./sqlite.ts";

export interface AlertChangesParts {
  sqlite: Pick<SqliteSink, "take">;
  /** Who asks for them by now, and whether to be reminded as well; nobody: they are not kept. */
  askers: () => readonly { reminders: boolean }[];
}

/** Keeps them. */
export class AlertChanges implements Sink {
  readonly guarantee = "once, by journal, alert and revision; rows that find the queue full are dropped and counted";
  readonly #parts: AlertChangesParts;

  constructor(parts: AlertChangesParts) {
    this.#parts = parts;
  }

  deliver(outputs: readonly Output[], { journalId, atUs }: DeliveryPlace): void {
    const { sqlite } = this.#parts;
    const askers = this.#parts.askers();
    if (askers.length === 0) return;
    const reminders = askers.some(({ reminders }) => reminders);
    for (const output of outputs) {
      if (output.type !== "alert" || output.alert.transition === "remind" && !reminders) continue;
      const { alertId, revision } = output.alert;
      sqlite.take("alert_changes", [journalId, alertId, revision, atUs, JSON.stringify(output.alert)]);
    }
  }
}
