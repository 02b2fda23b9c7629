// How many edges an edge would have in its place, as far as it can tell by itself; how many there are, the aggregator knows.
import { CpuUse } from "../../platform/cpu_use.ts";
import { Scaler } from "../../platform/scaler.ts";
import type { Load } from "../../platform/scaling.ts";
import type { Platform } from "../../platform/system.ts";
import type { ReportParts } from "./measures.ts";

/** What tells how much an edge has to do. */
interface Own {
  cpu: CpuUse;
  scaler: Scaler;
}

/** A machine that may tell of its processor. */
export interface Measurable {
  /** All that this process has used of it, in ms; null, or absent: nobody can tell. */
  cpuMs?: () => number | null;
}

export function ownNeed({ cpuMs, log }: Measurable & Pick<Platform, "log">): Own {
  const scaler = new Scaler(({ before, after, reasons }) => {
    log("info", `${after} edges are wanted in place of this one, ${before} before: ${reasons.join("; ")}`);
  });
  return { cpu: new CpuUse(cpuMs), scaler };
}

/** @param lagMs how late the event loop came */
export function ownLoad(
  { config, connections, backlog, cpu, uplink, now }: ReportParts,
  { lagMs }: { lagMs: number },
): Load {
  // What waits for an aggregator that is away would wait in two edges as well.
  const backlogMs = uplink.state === "connected" ? backlog.ageMs(now(), { withTaken: false }) : null;
  const connectionsPct = 100 * connections.size / config.connectionsMax;
  return { replicas: 1, signals: { cpuPct: cpu.pct, lagMs, connectionsPct, backlogMs } };
}
