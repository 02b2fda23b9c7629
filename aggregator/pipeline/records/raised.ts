// How long it takes from a measurement to the alert that it raises.
import type { Latency } from "../../../platform/latency.ts";
import type { Output } from "../../outputs.ts";

/** Adds the alerts that were raised, or escalated, by what arrived at `ingestionTimeUs`. */
export function measureRaised(
  outputs: readonly Output[],
  { ingestionTimeUs, into }: { ingestionTimeUs: number; into: Latency },
): void {
  for (const output of outputs) {
    if (output.type !== "alert" || output.alert.path === null) continue;
    const { transition, path: { eventTimeUs } } = output.alert;
    if (transition === "raise" || transition === "escalate") into.add(ingestionTimeUs - eventTimeUs);
  }
}
