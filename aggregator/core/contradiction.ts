// Whether a journal that is read again gives alerts that are others than those of the same numbers which were told: another
// version of the pipeline may judge, and so number, otherwise.
import type { AlertEvent, Output } from "../outputs.ts";
import type { ToldAlert } from "../sinks/told_alerts.ts";

/** As erased drones are called: see Pseudonym. */
const ERASED = /^drone:[0-9a-f]+$/;

/** @param index of the entry whose outputs these are */
export function contradicts(
  outputs: readonly Output[],
  { index, told }: { index: number; told: (alertId: number) => ToldAlert | null },
): boolean {
  // An entry may change an alert more than once: what was told is the last of it.
  const last = new Map<number, AlertEvent>();
  const raised = new Set<number>();
  for (const output of outputs) {
    if (output.type !== "alert") continue;
    last.set(output.alert.alertId, output.alert);
    if (output.alert.transition === "raise") raised.add(output.alert.alertId);
  }
  for (const [alertId, alert] of last) {
    const known = told(alertId);
    if (!known) continue;
    const isEarlier = raised.has(alertId) && known.entry < index;
    const isOfOthers = known.entry === index && !areSame(known.droneIds, alert.droneIds);
    if (known.kind !== alert.kind || isEarlier || isOfOthers) return true;
  }
  return false;
}

function areSame(told: readonly string[], droneIds: readonly string[]): boolean {
  return told.length === droneIds.length && told.every((id, i) => id === droneIds[i] || ERASED.test(id));
}
