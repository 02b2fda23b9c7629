// What an aggregator tells Prometheus: the report of /v1/fleet in numbers, and the histograms behind it.
import type { Entrance } from "../../identity/open.ts";
import type { Latency } from "../../platform/latency.ts";
import { by, type Exposition, exposition, from, type Labels, type Metric, told } from "../../platform/metrics.ts";
import { PROCESS_METRICS, processNow } from "../../platform/process_metrics.ts";
import type { Operations } from "../alerts/operations.ts";
import type { DiskSpace } from "../journal/disk_space.ts";
import type { Scaling } from "../intake/scaling.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Tally } from "../sinks/tally.ts";
import type { Warnings } from "../warnings/warnings.ts";
import type { FleetReport } from "./fleet_report.ts";
import { PUBLISHING_METRICS } from "./publishing_metrics.ts";
import { REPORT_METRICS } from "./report_metrics.ts";

/** What it is read from. */
export interface MetricsParts {
  fleet: () => FleetReport;
  pipeline: Pick<Pipeline, "openAlerts" | "latencies">;
  operations: Pick<Operations, "openAlerts">;
  gate: Pick<Entrance, "denied" | "certificateUntilMs">;
  tally: Pick<Tally, "view">;
  warnings: Pick<Warnings, "stages" | "edgeClocks">;
  commits: Latency;
  disk: Pick<DiskSpace, "freeBytes">;
  scaling: Pick<Scaling, "report">;
  /** How late the event loop came. */
  lag: Latency;
}

const OWN_METRICS: readonly Metric<MetricsParts>[] = [
  {
    name: "slipstream_aggregator_open_alerts",
    help: "Alerts that are open, by kind, severity, and whether somebody has acknowledged them",
    type: "gauge",
    labels: ["kind", "severity", "acknowledged"],
    read: ({ pipeline, operations }) => {
      const open = Object.groupBy(
        [...operations.openAlerts(), ...pipeline.openAlerts()],
        ({ kind, severity, acknowledgedBy }) => `${kind} ${severity} ${acknowledgedBy === null ? "no" : "yes"}`,
      );
      return Object.entries(open).map(([key, alerts]) => {
        const [kind = "", severity = "", acknowledged = ""] = key.split(" ");
        return [{ kind, severity, acknowledged }, alerts?.length ?? 0];
      });
    },
  },
  {
    name: "slipstream_aggregator_alert_changes_total",
    help: "What became of alerts, by kind: raise, escalate, downgrade, remind, acknowledge, resolve",
    type: "counter",
    labels: ["kind", "transition"],
    read: ({ tally }) =>
      Array.from(tally.view.alerts, ([kind, changes]) => {
        return Array.from(changes, ([transition, count]): [Labels, number] => [{ kind, transition }, count]);
      }).flat(),
  },
  {
    name: "slipstream_aggregator_windows_total",
    help: "Windows that fired, for the first time or again for late records",
    type: "counter",
    labels: ["kind", "revision"],
    read: ({ tally }) =>
      Object.entries(tally.view.windows).flatMap(([kind, { first, revised }]): [Labels, number][] => [
        [{ kind, revision: "first" }, first],
        [{ kind, revision: "later" }, revised],
      ]),
  },
  {
    name: "slipstream_aggregator_expired_records_total",
    help: "Records that came when their windows had expired, and count in none",
    type: "counter",
    read: ({ tally }) => tally.view.lateRecords,
  },
  {
    name: "slipstream_aggregator_denied_total",
    help: "Who was not let in, or let go, by what was wrong with the proof",
    type: "counter",
    labels: ["reason"],
    read: ({ gate }) => by("reason", gate.denied),
  },
  {
    name: "slipstream_aggregator_edge_clock_offset_seconds",
    help: "How far the clock of an edge that is connected is ahead of the aggregator's, once it has told its time",
    type: "gauge",
    labels: ["edge"],
    read: ({ fleet, warnings }) =>
      fleet().edges.flatMap(({ edgeId, connections }): [Labels, number][] => {
        const clock = connections > 0 ? warnings.edgeClocks.of(edgeId) : null;
        return clock === null ? [] : [[{ edge: edgeId }, clock.offsetUs / 1e6]];
      }),
  },
  {
    name: "slipstream_aggregator_disk_free_bytes",
    help: "Room that the journal's disk has left, in bytes",
    type: "gauge",
    read: ({ disk }) => disk.freeBytes,
  },
  {
    name: "slipstream_aggregator_wanted_replicas",
    help: "How many edges and aggregators are wanted, as /v1/scale says it; absent in the first half minute",
    type: "gauge",
    labels: ["kind"],
    read: ({ scaling: { report } }) => {
      return report && by("kind", { edge: report.edges.wanted, aggregator: report.aggregator.wanted });
    },
  },
  {
    name: "slipstream_aggregator_journal_commit_seconds",
    help: "From the beginning of a commit of the journal to fdatasync's return",
    type: "histogram",
    read: ({ commits }) => commits,
  },
  {
    name: "slipstream_aggregator_sensor_to_window_seconds",
    help: "From when a record was measured to when it was let in, of drones whose clock is trusted",
    type: "histogram",
    read: ({ pipeline }) => pipeline.latencies.sensorToWindow,
  },
  {
    name: "slipstream_aggregator_sensor_to_alert_seconds",
    help: "From when a record was measured to the alert that it raised",
    type: "histogram",
    read: ({ pipeline }) => pipeline.latencies.sensorToAlert,
  },
  {
    name: "slipstream_aggregator_warning_stage_seconds",
    help: "How long each part of the way of a warning took that its drone has acknowledged",
    type: "histogram",
    labels: ["stage"],
    read: ({ warnings }) => Array.from(warnings.stages, ([stage, latency]) => [{ stage }, latency]),
  },
];

/** Tables of everything, in the order in which it is told. */
export const AGGREGATOR_METRICS = [...PROCESS_METRICS, ...REPORT_METRICS, ...PUBLISHING_METRICS, ...OWN_METRICS];

/** Answers /metrics. */
export function fleetMetrics(parts: MetricsParts): () => Promise<Exposition> {
  const all = told([
    from(() => processNow({ loopLag: parts.lag, certificateUntilMs: parts.gate.certificateUntilMs }), PROCESS_METRICS),
    from(() => parts.fleet(), [...REPORT_METRICS, ...PUBLISHING_METRICS]),
    from(() => parts, OWN_METRICS),
  ]);
  return async () => exposition([await all()]);
}
