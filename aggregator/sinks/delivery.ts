// Where the pipeline's results go, in the order in which they came to be: to the sinks when they are safe; to edges, as
// far as they concern what edges suppress, at once.
import type { DeliveryPlace } from "../core/core.ts";
import type { Output } from "../outputs.ts";
import type { DroneView } from "../views.ts";
import type { Intake } from "../intake/intake.ts";
import type { EventFanOut } from "./events.ts";
import { droneRow, outputRow } from "./rows.ts";
import type { SqliteSink } from "./sqlite.ts";

/** The sinks. */
export interface DeliveryParts {
  sqlite: Pick<SqliteSink, "take">;
  events: Pick<EventFanOut, "publish">;
}

/** The edges that hear of open alerts. */
export interface AlertTellingParts {
  /** The id that a drone uses. */
  usedId: (droneId: string) => string;
  /** Ids as they are used by drones with open alerts, now. */
  openAlertDrones: () => string[];
  /** Tells the edges. */
  alertsChanged: Intake["alertsChanged"];
}

/** Hands safe outputs to every sink. */
export function deliver(
  outputs: Output[],
  { journalId, index, atUs }: DeliveryPlace,
  { sqlite, events }: DeliveryParts,
): void {
  for (const [ordinal, output] of outputs.entries()) {
    const row = outputRow(output, { journalId, index, atUs, ordinal });
    if (row) sqlite.take(...row);
    if (output.type === "alert") events.publish("alert", output.alert);
    else if (output.type === "tumbling" || output.type === "sliding") {
      events.publish("window", { kind: output.type, ...output.window });
    }
  }
}

/** Tells edges whose near-duplicates matter now: without waiting for a disk, as warnings do not. */
export function tellAlerts(outputs: Output[], { usedId, openAlertDrones, alertsChanged }: AlertTellingParts): void {
  const changed = outputs.flatMap((output) => {
    return output.type === "alert-open" ? [{ droneId: usedId(output.droneId), open: output.open }] : [];
  });
  if (changed.length === 0) return;
  // Where several use an id, one of them has no alert any more: another may have.
  const open = changed.every(({ open }) => open) ? null : new Set(openAlertDrones());
  alertsChanged(lastOfEach(changed.map((change) => ({ ...change, open: change.open || open!.has(change.droneId) }))));
}

/** Keeps the drones that were heard of after `sinceUs`. */
export function keepDrones(drones: Iterable<DroneView>, sinceUs: number, sqlite: Pick<SqliteSink, "take">): void {
  for (const drone of drones) if (drone.lastIngestionTimeUs > sinceUs) sqlite.take("drones", droneRow(drone));
}

// The message has no order between opened and closed: a drone that did both is in it once, as it is now.
function lastOfEach(changes: { droneId: string; open: boolean }[]): { droneId: string; open: boolean }[] {
  return [...new Map(changes.map((change) => [change.droneId, change])).values()];
}
