// Edges hear which drones have open alerts: they suppress no near-duplicates of those.
import type { Output } from "../outputs.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Intake } from "./intake.ts";

/** Who knows the alerts, and who tells the edges. */
export interface AlertTellingParts {
  pipeline: Pick<Pipeline, "usedId" | "openAlertDrones">;
  intake: Pick<Intake, "alertsChanged">;
}

/** Tells edges whose near-duplicates matter now: without waiting for a disk, as warnings do not. */
export function tellAlerts(outputs: Output[], { pipeline, intake }: AlertTellingParts): void {
  const changed = outputs.flatMap((output) => {
    return output.type === "alert-open" ? [{ droneId: pipeline.usedId(output.droneId), open: output.open }] : [];
  });
  if (changed.length === 0) return;
  // Where several use an id, one of them has no alert any more: another may have.
  const open = changed.every(({ open }) => open) ? null : new Set(pipeline.openAlertDrones());
  const now = changed.map((change) => ({ ...change, open: change.open || open!.has(change.droneId) }));
  intake.alertsChanged(lastOfEach(now));
}

// The message has no order between opened and closed: a drone that did both is in it once, as it is now.
function lastOfEach(changes: { droneId: string; open: boolean }[]): { droneId: string; open: boolean }[] {
  return [...new Map(changes.map((change) => [change.droneId, change])).values()];
}
