// The report of /v1/fleet as Prometheus is told it: each number once.
import { by, type Labels, type Metric } from "../../platform/metrics.ts";
import type { FleetReport } from "./fleet_report.ts";

interface Row {
  /** Behind slipstream_aggregator_; _total: it only grows. */
  metric: string;
  help: string;
  /** What tells several from each other. */
  label?: string | readonly string[];
  read: Extract<Metric<FleetReport>, { type: "gauge" | "counter" }>["read"];
}

const ROWS: readonly Row[] = [
  {
    metric: "drones",
    help: "Drones by how they are: known at all, in the air, silent in the air",
    label: "state",
    read: ({ drones, dronesAirborne, dronesLinkLost }) =>
      by("state", { known: drones, airborne: dronesAirborne, "link-lost": dronesLinkLost }),
  },
  {
    metric: "records_total",
    help: "Records that came, by what became of them",
    label: "fate",
    read: ({ records: { accepted, duplicate } }) => by("fate", { accepted, duplicate }),
  },
  {
    metric: "accepted_records_total",
    help: "Accepted records by kind; late ones are those whose windows had expired",
    label: "kind",
    read: ({ records: { position, battery, obstacles, nearDuplicate, late } }) =>
      by("kind", { position, battery, obstacles, "near-duplicate": nearDuplicate, late }),
  },
  {
    metric: "retimed_records_total",
    help: "Records that count as measured when they came, since the drone's clock cannot be trusted",
    read: ({ records }) => records.retimed,
  },
  {
    metric: "batches_total",
    help: "Batches by what became of them; quarantined: entries of any kind that made the pipeline throw",
    label: "verdict",
    read: ({ batches: { accepted, duplicate, unknownSlot, quarantined } }) =>
      by("verdict", { accepted, duplicate, "unknown-slot": unknownSlot, quarantined }),
  },
  {
    metric: "watermark_lag_seconds",
    help: "How far event time, as far as it is complete, is behind; absent before the first record",
    read: ({ watermarkLagMs }) => watermarkLagMs === null ? null : watermarkLagMs / 1000,
  },
  {
    metric: "past_windows_seconds",
    help: "Seconds that are over and can still be revised",
    read: ({ past }) => past.seconds,
  },
  {
    metric: "past_windows_bytes",
    help: "Memory of those, about, in bytes",
    read: ({ past }) => past.bytes,
  },
  {
    metric: "alerts_not_raised_total",
    help: "Alerts that were not raised, as too many of their kind were open",
    label: "kind",
    read: ({ alertsNotRaised }) => by("kind", alertsNotRaised),
  },
  {
    metric: "airspace_tracks",
    help: "Drones in the air, ghosts included",
    read: ({ airspace }) => airspace.tracks,
  },
  {
    metric: "airspace_ghosts",
    help: "Drones that fell silent in the air",
    read: ({ airspace }) => airspace.ghosts,
  },
  {
    metric: "airspace_conflicts",
    help: "Pairs in conflict now",
    read: ({ airspace }) => airspace.conflicts,
  },
  {
    metric: "airspace_pairs_total",
    help: "Pairs that were in reach of each other when one of them moved: candidates, and those that were tested",
    label: "stage",
    read: ({ airspace }) => by("stage", { candidate: airspace.candidates, tested: airspace.tested }),
  },
  {
    metric: "airspace_crowds",
    help: "Places with more drones than can be warned of each other one by one",
    read: ({ airspace }) => airspace.crowds,
  },
  {
    metric: "airspace_conflicts_not_opened_total",
    help: "Conflicts without an alert, as there were too many",
    read: ({ airspace }) => airspace.conflictsNotOpened,
  },
  {
    metric: "airspace_drones_not_tracked_total",
    help: "Drones without a track, as there were too many",
    read: ({ airspace }) => airspace.dronesNotTracked,
  },
  {
    metric: "traffic",
    help: "Aircraft that are nobody's here",
    read: ({ traffic }) => traffic.known,
  },
  {
    metric: "traffic_reports_total",
    help: "Reports of them by what became of each",
    label: "fate",
    read: ({ traffic: { reports } }) => by("fate", { ...reports }),
  },
  {
    metric: "edges",
    help: "Edges by whether they are connected",
    label: "state",
    read: ({ edges }) => {
      const connected = edges.filter(({ connections }) => connections > 0).length;
      return by("state", { connected, away: edges.length - connected });
    },
  },
  {
    metric: "connections_refused_total",
    help: "Connections that were refused or ended for what they are",
    label: "reason",
    read: ({ connectionsRefused }) => by("reason", connectionsRefused),
  },
  {
    metric: "too_slow_seconds",
    help: "How late comes what does not keep up; 0: all keeps up",
    read: ({ tooSlow }) => (tooSlow?.lagMs ?? 0) / 1000,
  },
  {
    metric: "lost_records",
    help: "Records that nobody will send again, as the edges that are remembered have reported",
    read: ({ lostRecords }) => lostRecords,
  },
  {
    metric: "refused_records",
    help: "Records refused for now, as the edges that are remembered have reported",
    read: ({ refusedRecords }) => refusedRecords,
  },
  {
    metric: "journal_failing",
    help: "1 while the journal cannot be written",
    read: ({ journal }) => Number(journal.state === "failing"),
  },
  {
    metric: "journal_entries_total",
    help: "Entries of the journal that the pipeline has taken, since the journal began",
    read: ({ journal }) => journal.lastIndex,
  },
  {
    metric: "journal_waiting_entries",
    help: "Entries that the pipeline has taken and the disk has not",
    read: ({ journal }) => journal.waiting,
  },
  {
    metric: "warnings_waiting",
    help: "Warnings that their drones have not acknowledged yet",
    read: ({ warnings }) => warnings.waiting,
  },
  {
    metric: "warnings_total",
    help: "Warnings by what became of them",
    label: "outcome",
    read: ({ warnings }) => by("outcome", warnings.outcomes),
  },
  {
    metric: "sqlite_queued_rows",
    help: "Rows that wait for SQLite",
    read: ({ sinks }) => sinks.sqlite.queuedRows,
  },
  {
    metric: "sqlite_written_rows_total",
    help: "Rows that SQLite has",
    read: ({ sinks }) => sinks.sqlite.writtenRows,
  },
  {
    metric: "sqlite_dropped_rows_total",
    help: "Rows that found the queue full, or that no flush could write",
    read: ({ sinks }) => sinks.sqlite.droppedRows,
  },
  {
    metric: "sqlite_failures_total",
    help: "Flushes that failed",
    read: ({ sinks }) => sinks.sqlite.failures,
  },
  {
    metric: "event_readers",
    help: "Readers of events",
    read: ({ sinks }) => sinks.events.clients,
  },
  {
    metric: "event_readers_dropped_total",
    help: "Readers of events that did not keep up, and were disconnected",
    read: ({ sinks }) => sinks.events.droppedClients,
  },
  {
    metric: "webhook_attempts_total",
    help: "Requests to webhooks by what became of them; refused and failed ones are tried again",
    label: ["webhook", "outcome"],
    read: ({ sinks }) =>
      sinks.webhooks.flatMap(({ name, counts: { delivered, refused, failed } }) =>
        Object.entries({ delivered, refused, failed }).map(([outcome, count]): [Labels, number] => [
          { webhook: name, outcome },
          count,
        ])
      ),
  },
  {
    metric: "webhook_dead_letters_total",
    help: "Changes of alerts that a webhook will not be told, by why",
    label: ["webhook", "reason"],
    read: ({ sinks }) =>
      sinks.webhooks.flatMap(({ name, counts: { dead } }) =>
        Object.entries(dead).map(([reason, count]): [Labels, number] => [{ webhook: name, reason }, count])
      ),
  },
  {
    metric: "webhook_waiting_changes",
    help: "Changes of alerts that a webhook has not been told yet",
    label: ["webhook"],
    read: ({ sinks }) => sinks.webhooks.map(({ name, waiting }): [Labels, number] => [{ webhook: name }, waiting]),
  },
  {
    metric: "webhook_oldest_waiting_seconds",
    help: "For how long the oldest change has waited that a webhook has not been told; 0: none waits",
    label: ["webhook"],
    read: ({ sinks, timeUs }) =>
      sinks.webhooks.map(({ name, oldestUs }): [Labels, number] => [
        { webhook: name },
        oldestUs === null ? 0 : Math.max(0, timeUs - oldestUs) / 1e6,
      ]),
  },
];

export const REPORT_METRICS: readonly Metric<FleetReport>[] = ROWS.map(({ metric, help, label, read }) => ({
  name: `slipstream_aggregator_${metric}`,
  help,
  type: metric.endsWith("_total") ? "counter" : "gauge",
  ...label === undefined ? {} : { labels: [label].flat() },
  read,
}));
