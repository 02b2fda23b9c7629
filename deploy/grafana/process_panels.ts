// What every process tells of itself, alike on each dashboard.
import type { PanelPlan } from "./dashboard.ts";

export const PROCESS_PANELS: readonly PanelPlan[] = [
  {
    title: "Event loop late",
    about: "From 25 ms on an edge gives something up: see the overload level",
    shows: [{ metric: "slipstream_event_loop_lag_seconds", by: ["instance"], quantiles: [0.99] }],
  },
  { title: "Processor, of one core", shows: ["process_cpu_seconds_total"] },
  {
    title: "Memory",
    shows: [
      { metric: "process_resident_memory_bytes", as: "process" },
      { metric: "slipstream_heap_bytes", as: "heap" },
    ],
  },
  {
    title: "Certificate is valid for",
    about: "Of the server; it reads a new one from the same files by itself",
    shows: [{ metric: "slipstream_certificate_expiry_timestamp_seconds", time: "until" }],
  },
  { title: "Runs since", shows: [{ metric: "process_start_time_seconds", time: "since" }] },
  { title: "Versions", shows: ["slipstream_build_info"] },
];
