// How late the event loop comes to what is due, as when a window takes long.
import type { Latency } from "../../platform/latency.ts";
import type { Platform } from "../../platform/system.ts";

const INTERVAL_MS = 250;

/** @returns what ends it */
export function measureLag(lag: Latency, { every, clock }: Pick<Platform, "every" | "clock">): () => void {
  let tickedMs = clock();
  return every(INTERVAL_MS, () => {
    const nowMs = clock();
    lag.add(1000 * Math.max(0, nowMs - tickedMs - INTERVAL_MS));
    tickedMs = nowMs;
  });
}
