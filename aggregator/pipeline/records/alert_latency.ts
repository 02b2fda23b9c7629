// How long it took from what a sensor measured to the alert that it raised or made worse.
import type { Latency } from "../../../platform/latency.ts";
import type { Output } from "../../outputs.ts";

/** Adds what an entry of this ingestion time, in Unix µs, has said. */
export function measureAlerts(
  latency: Latency,
  { outputs, ingestionTimeUs }: { outputs: readonly Output[]; ingestionTimeUs: number },
): void {
  for (const output of outputs) {
    if (output.type !== "alert" || output.alert.path === null) continue;
    const { transition, path: { eventTimeUs } } = output.alert;
    if (transition === "raise" || transition === "escalate") latency.add(ingestionTimeUs - eventTimeUs);
  }
}
