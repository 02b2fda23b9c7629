// Where the pipeline's results go, in the order in which they came to be.
import type { Output } from "./pipeline/outputs.ts";
import type { DroneView } from "./pipeline/views.ts";
import type { Intake } from "./intake.ts";
import type { EventFanOut } from "./sinks/events.ts";
import { droneRow, outputRow } from "./sinks/rows.ts";
import type { SqliteSink } from "./sinks/sqlite.ts";

/** The sinks, and the edges that hear of open alerts. */
export interface DeliveryParts {
  /** Names the journal, so that the alert numbers of another do not collide with this one's. */
  journalId: string;
  sqlite: Pick<SqliteSink, "take">;
  events: Pick<EventFanOut, "publish">;
  intake: Pick<Intake, "alertsChanged">;
}

/** `atUs`: time of the entry or tick that made the outputs. */
export function deliver(outputs: Output[], atUs: number, { journalId, sqlite, events, intake }: DeliveryParts): void {
  const opened: { droneId: string; open: boolean }[] = [];
  for (const [ordinal, output] of outputs.entries()) {
    const row = outputRow(output, { journalId, atUs, ordinal });
    if (row) sqlite.take(...row);
    if (output.type === "alert") events.publish("alert", output.alert);
    else if (output.type === "alert-open") opened.push({ droneId: output.droneId, open: output.open });
    else if (output.type !== "late") events.publish("window", { kind: output.type, ...output.window });
  }
  if (opened.length > 0) intake.alertsChanged(lastOfEach(opened));
}

/** Keeps the drones that were heard of after `sinceUs`. */
export function keepDrones(drones: Iterable<DroneView>, sinceUs: number, sqlite: Pick<SqliteSink, "take">): void {
  for (const drone of drones) if (drone.lastIngestionTimeUs > sinceUs) sqlite.take("drones", droneRow(drone));
}

// The message has no order between opened and closed: a drone that did both is in it once, as it is now.
function lastOfEach(changes: { droneId: string; open: boolean }[]): { droneId: string; open: boolean }[] {
  return [...new Map(changes.map((change) => [change.droneId, change])).values()];
}
