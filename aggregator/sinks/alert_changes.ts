// Each transition of each alert, in order, for whoever is told of them later: webhooks.
import type { DeliveryPlace, Output } from "../outputs.ts";
import type { Sink } from "./sink.ts";
import type { SqliteSink } from "./sqlite.ts";

export interface AlertChangesParts {
  sqlite: Pick<SqliteSink, "take">;
  /** Nobody asks for them: they are not kept. */
  isAskedFor: boolean;
  /** Somebody wants to be reminded. */
  reminders: boolean;
}

/** Keeps them. */
export class AlertChanges implements Sink {
  readonly guarantee = "once, by journal, alert and revision; rows that find the queue full are dropped and counted";
  readonly #parts: AlertChangesParts;

  constructor(parts: AlertChangesParts) {
    this.#parts = parts;
  }

  deliver(outputs: readonly Output[], { journalId, atUs }: DeliveryPlace): void {
    const { sqlite, isAskedFor, reminders } = this.#parts;
    if (!isAskedFor) return;
    for (const output of outputs) {
      if (output.type !== "alert" || output.alert.transition === "remind" && !reminders) continue;
      const { alertId, revision } = output.alert;
      sqlite.take("alert_changes", [journalId, alertId, revision, atUs, JSON.stringify(output.alert)]);
    }
  }
}
