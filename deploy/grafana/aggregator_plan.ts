// All that aggregators tell.
import type { DashboardPlan } from "./dashboard.ts";
import { PROCESS_PANELS } from "./process_panels.ts";

export const AGGREGATOR_PLAN: DashboardPlan = {
  uid: "slipstream-aggregator",
  title: "Slipstream: aggregator",
  instancesOf: "slipstream_aggregator_drones",
  isComplete: true,
  rows: [
    {
      title: "Alerts",
      panels: [
        { title: "Open, by kind", shows: [{ metric: "slipstream_aggregator_open_alerts", by: ["kind"] }] },
        {
          title: "Open, by severity and whether somebody has seen them",
          shows: [{ metric: "slipstream_aggregator_open_alerts", by: ["severity", "acknowledged"] }],
        },
        {
          title: "What became of alerts",
          shows: [
            { metric: "slipstream_aggregator_alert_changes_total", by: ["transition"] },
            { metric: "slipstream_aggregator_alerts_not_raised_total", as: "not raised" },
          ],
        },
        {
          title: "Measured to alert",
          about: "Budgets: p50 5 ms, p99 15 ms",
          shows: ["slipstream_aggregator_sensor_to_alert_seconds"],
        },
        {
          title: "A warning's way, p99",
          about: "total: from the measurement to the drone's acknowledgement",
          shows: [{ metric: "slipstream_aggregator_warning_stage_seconds", quantiles: [0.99] }],
        },
        { title: "Warnings by outcome", shows: ["slipstream_aggregator_warnings_total"] },
      ],
    },
    {
      title: "Records and windows",
      panels: [
        { title: "Records by fate", shows: ["slipstream_aggregator_records_total"] },
        {
          title: "Accepted by kind",
          shows: [
            "slipstream_aggregator_accepted_records_total",
            { metric: "slipstream_aggregator_retimed_records_total", as: "retimed" },
          ],
        },
        { title: "Batches by verdict", shows: ["slipstream_aggregator_batches_total"] },
        {
          title: "Watermark's lag",
          shows: [
            { metric: "slipstream_aggregator_watermark_lag_seconds", as: "watermark" },
            { metric: "slipstream_aggregator_too_slow_seconds", as: "too slow" },
          ],
        },
        { title: "Measured to window", shows: ["slipstream_aggregator_sensor_to_window_seconds"] },
        {
          title: "Windows, and records that came too late",
          shows: [
            "slipstream_aggregator_windows_total",
            { metric: "slipstream_aggregator_expired_records_total", as: "expired" },
          ],
        },
      ],
    },
    {
      title: "Airspace",
      panels: [
        { title: "Drones", shows: ["slipstream_aggregator_drones"] },
        {
          title: "In the air",
          shows: [
            { metric: "slipstream_aggregator_airspace_tracks", as: "tracks" },
            { metric: "slipstream_aggregator_airspace_ghosts", as: "silent" },
            { metric: "slipstream_aggregator_airspace_conflicts", as: "pairs in conflict" },
            { metric: "slipstream_aggregator_airspace_crowds", as: "crowds" },
          ],
        },
        {
          title: "Pairs looked at",
          about: "Far more candidates than tested: more are in reach than one update tests, and they take turns",
          shows: ["slipstream_aggregator_airspace_pairs_total"],
        },
      ],
    },
    {
      title: "Journal and sinks",
      panels: [
        { title: "Commit of the journal", shows: ["slipstream_aggregator_journal_commit_seconds"] },
        {
          title: "Entries that wait for the disk",
          shows: [
            { metric: "slipstream_aggregator_journal_waiting_entries", as: "waiting" },
            { metric: "slipstream_aggregator_journal_failing", as: "failing" },
          ],
        },
        { title: "Room on the journal's disk", shows: ["slipstream_aggregator_disk_free_bytes"] },
        {
          title: "Rows of SQLite",
          shows: [
            { metric: "slipstream_aggregator_sqlite_written_rows_total", as: "written" },
            { metric: "slipstream_aggregator_sqlite_dropped_rows_total", as: "dropped" },
            { metric: "slipstream_aggregator_sqlite_failures_total", as: "failed flushes" },
          ],
        },
        { title: "Rows that wait for SQLite", shows: ["slipstream_aggregator_sqlite_queued_rows"] },
        { title: "Readers of events", shows: ["slipstream_aggregator_event_readers"] },
      ],
    },
    {
      title: "Webhooks",
      panels: [
        { title: "Requests", shows: ["slipstream_aggregator_webhook_attempts_total"] },
        { title: "Changes of alerts that wait", shows: ["slipstream_aggregator_webhook_waiting_changes"] },
        { title: "The oldest that waits", shows: ["slipstream_aggregator_webhook_oldest_waiting_seconds"] },
        { title: "Changes that were given up", shows: ["slipstream_aggregator_webhook_dead_letters_total"] },
      ],
    },
    {
      title: "Publishing",
      panels: [
        {
          title: "Messages, by topic",
          shows: [{ metric: "slipstream_aggregator_publishing_messages_total", by: ["topic"] }],
        },
        { title: "How late they come", shows: ["slipstream_aggregator_publishing_behind_seconds"] },
        { title: "Entries that are not published", shows: ["slipstream_aggregator_publishing_behind_entries"] },
        {
          title: "Trouble",
          shows: [
            { metric: "slipstream_aggregator_publishing_trouble", as: "trouble" },
            { metric: "slipstream_aggregator_publishing_fenced", as: "another writer" },
          ],
        },
        {
          title: "What readers lack",
          shows: [
            { metric: "slipstream_aggregator_publishing_missing_entries_total", as: "entries let go" },
            { metric: "slipstream_aggregator_publishing_left_out_messages_total", as: "messages too large" },
            { metric: "slipstream_aggregator_publishing_lost_messages_total", as: "messages lost" },
          ],
        },
        { title: "Journal's room for it", shows: ["slipstream_aggregator_publishing_journal_ratio"] },
      ],
    },
    {
      title: "Edges",
      panels: [
        { title: "Edges", shows: ["slipstream_aggregator_edges"] },
        { title: "Their clocks, ahead of ours", shows: ["slipstream_aggregator_edge_clock_offset_seconds"] },
        {
          title: "Records that they lost or refused",
          shows: [
            { metric: "slipstream_aggregator_lost_records", as: "lost" },
            { metric: "slipstream_aggregator_refused_records", as: "refused" },
          ],
        },
        {
          title: "Connections refused",
          shows: [
            "slipstream_aggregator_connections_refused_total",
            { metric: "slipstream_aggregator_denied_total", as: "denied" },
          ],
        },
      ],
    },
    { title: "Processes", panels: PROCESS_PANELS },
  ],
};
