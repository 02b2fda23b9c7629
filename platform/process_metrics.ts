// What every process tells of itself, whatever it does: memory, processor, and how late its event loop comes.
import process from "node:process";
import type { Latency } from "./latency.ts";
import type { Metric } from "./metrics.ts";
import { VERSION } from "./version.ts";

/** What the table is read from. */
export interface ProcessNow {
  memory: Pick<Deno.MemoryUsage, "rss" | "heapUsed" | "heapTotal" | "external">;
  /** Of the processor, in user and kernel together. */
  cpuS: number;
  /** Unix seconds. */
  startedS: number;
  loopLag: Latency;
  /** Until when what its server shows is valid, Unix ms; null: it shows nothing. */
  certificateUntilMs: number | null;
}

/** This process, now; `own` is what only itself knows. */
export function processNow(own: Pick<ProcessNow, "loopLag" | "certificateUntilMs">): ProcessNow {
  const { user, system } = process.cpuUsage();
  return {
    memory: Deno.memoryUsage(),
    cpuS: (user + system) / 1e6,
    startedS: performance.timeOrigin / 1000,
    ...own,
  };
}

export const PROCESS_METRICS: readonly Metric<ProcessNow>[] = [
  {
    name: "slipstream_build_info",
    help: "Which Slipstream runs, on which Deno",
    type: "gauge",
    labels: ["version", "deno"],
    together: "max",
    read: () => [[{ version: VERSION, deno: Deno.version.deno }, 1]],
  },
  {
    name: "process_resident_memory_bytes",
    help: "Memory that the process has, in bytes",
    type: "gauge",
    read: ({ memory }) => memory.rss,
  },
  {
    name: "process_cpu_seconds_total",
    help: "Time of the processor that was used, user and system, in seconds",
    type: "counter",
    read: ({ cpuS }) => cpuS,
  },
  {
    name: "process_start_time_seconds",
    help: "When the process began, in seconds since 1970",
    type: "gauge",
    together: "min",
    read: ({ startedS }) => startedS,
  },
  {
    name: "slipstream_heap_bytes",
    help: "V8's heap: what is used of it, what it has, and what is outside of it, in bytes",
    type: "gauge",
    labels: ["part"],
    read: ({ memory }) => [
      [{ part: "used" }, memory.heapUsed],
      [{ part: "total" }, memory.heapTotal],
      [{ part: "external" }, memory.external],
    ],
  },
  {
    name: "slipstream_certificate_expiry_timestamp_seconds",
    help: "Until when the server's certificate is valid, in seconds since 1970; absent where it ends no TLS",
    type: "gauge",
    together: "min",
    read: ({ certificateUntilMs }) => certificateUntilMs === null ? null : certificateUntilMs / 1000,
  },
  {
    name: "slipstream_event_loop_lag_seconds",
    help: "How much later than asked for the event loop came, some times a second",
    type: "histogram",
    read: ({ loopLag }) => loopLag,
  },
];
