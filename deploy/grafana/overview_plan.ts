// The dashboard to begin with: are drones warned in time, is anything lost, what is about to fail.
import type { DashboardPlan } from "./dashboard.ts";

export const OVERVIEW_PLAN: DashboardPlan = {
  uid: "slipstream",
  title: "Slipstream",
  instancesOf: "slipstream_build_info",
  isComplete: false,
  rows: [
    {
      title: "Warnings",
      panels: [
        { title: "Open alerts", shows: [{ metric: "slipstream_aggregator_open_alerts", by: ["kind"] }] },
        {
          title: "Measured to alert",
          about: "Budgets: p50 5 ms, p99 15 ms",
          shows: ["slipstream_aggregator_sensor_to_alert_seconds"],
        },
        {
          title: "Measured to the drone's acknowledgement",
          shows: [{
            metric: "slipstream_aggregator_warning_stage_seconds",
            where: 'stage="total"',
            by: [],
          }],
        },
      ],
    },
    {
      title: "Records",
      panels: [
        { title: "At the edges, by verdict", shows: ["slipstream_edge_records_total"] },
        { title: "Refused or lost, by why", shows: ["slipstream_edge_ledger_records_total"] },
        { title: "At the aggregator, by kind", shows: ["slipstream_aggregator_accepted_records_total"] },
      ],
    },
    {
      title: "What fails next",
      panels: [
        { title: "Overload level", shows: ["slipstream_edge_overload_level"] },
        {
          title: "Backlog: age, and when it is sent",
          shows: [
            { metric: "slipstream_edge_backlog_age_seconds", as: "age" },
            { metric: "slipstream_edge_backlog_eta_seconds", as: "sent in" },
          ],
        },
        { title: "Room on the journal's disk", shows: ["slipstream_aggregator_disk_free_bytes"] },
        { title: "Watermark's lag", shows: ["slipstream_aggregator_watermark_lag_seconds"] },
        {
          title: "Event loop late, p99",
          shows: [{ metric: "slipstream_event_loop_lag_seconds", by: ["instance"], quantiles: [0.99] }],
        },
        { title: "Processor, of one core", shows: ["process_cpu_seconds_total"] },
      ],
    },
  ],
};
