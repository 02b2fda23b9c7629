// Receivers of ADS-B that the edge asks itself. What speaks with them is loaded where there are any.
import type { Platform } from "../../platform/system.ts";
import type { Counters } from "../counters.ts";
import type { TrafficConfig } from "../settings/traffic.ts";
import type { TrafficReports } from "./traffic/reports.ts";

export interface TrafficReceiversParts extends Pick<Platform, "clock" | "after" | "random" | "log"> {
  config: TrafficConfig;
  reports: Pick<TrafficReports, "receiver">;
  counters: Counters;
}

/** Begins to hear them. @returns what ends it */
export function hearTraffic({ config, reports, ...parts }: TrafficReceiversParts): () => void {
  const stopped = new AbortController();
  const begin = async () => {
    const [{ Sbs1Receiver }, { dial }] = await Promise.all([
      import("./sbs1/receiver.ts"),
      import("../../platform/stream_client.ts"),
    ]);
    if (stopped.signal.aborted) return;
    for (const place of config.sbs1) {
      const receiver = new Sbs1Receiver({ ...parts, place, dial, hear: reports.receiver() });
      stopped.signal.addEventListener("abort", () => receiver.stop());
      receiver.start();
    }
  };
  if (config.sbs1.length > 0) {
    begin().catch((error: unknown) => parts.log("warn", `Cannot hear receivers of ADS-B: ${error}`));
  }
  return () => stopped.abort();
}
