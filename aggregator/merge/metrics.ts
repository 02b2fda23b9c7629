// What a merger tells Prometheus: /v1/regions in numbers.
import type { Entrance } from "../../identity/open.ts";
import type { Latency } from "../../platform/latency.ts";
import { by, type Exposition, exposition, from, type Labels, type Metric, told } from "../../platform/metrics.ts";
import { PROCESS_METRICS, processNow } from "../../platform/process_metrics.ts";
import type { MergeReport, RegionView } from "./report.ts";

interface Now {
  report: MergeReport;
  /** Unix µs. */
  nowUs: number;
}

const perRegion = (regions: readonly RegionView[], read: (region: RegionView) => number | null) =>
  regions.flatMap((region): [Labels, number][] => {
    const value = read(region);
    return value === null ? [] : [[{ region: region.region }, value]];
  });

const MERGE_METRICS: readonly Metric<Now>[] = [
  {
    name: "slipstream_merger_region_lag_seconds",
    help: "How long ago the last window ended that a region has told; absent before the first",
    type: "gauge",
    labels: ["region"],
    read: ({ report, nowUs }) =>
      perRegion(report.regions, ({ firedBeforeUs }) => firedBeforeUs > 0 ? (nowUs - firedBeforeUs) / 1e6 : null),
  },
  {
    name: "slipstream_merger_region_behind_messages",
    help: "Messages that are in a region's topic and not read",
    type: "gauge",
    labels: ["region"],
    read: ({ report }) => perRegion(report.regions, ({ behind }) => behind),
  },
  {
    name: "slipstream_merger_region_readable",
    help: "Whether a region's topic can be read: 1, or 0",
    type: "gauge",
    labels: ["region"],
    read: ({ report }) => perRegion(report.regions, ({ trouble }) => trouble === null ? 1 : 0),
  },
  {
    name: "slipstream_merger_publishing",
    help: "Whether windows can be published: 1, or 0",
    type: "gauge",
    read: ({ report }) => report.trouble === null ? 1 : 0,
  },
  {
    name: "slipstream_merger_messages_total",
    help: "Messages of regions, by what came of them",
    type: "counter",
    labels: ["outcome"],
    read: ({ report }) => by("outcome", report.messages),
  },
  {
    name: "slipstream_merger_windows_total",
    help: "Windows of all regions that were told, for the first time or again",
    type: "counter",
    read: ({ report }) => report.told,
  },
  {
    name: "slipstream_merger_held_bytes",
    help: "What regions have told of windows that are not final, in bytes",
    type: "gauge",
    read: ({ report }) => report.held.bytes,
  },
  {
    name: "slipstream_merger_queued_rows",
    help: "Windows that wait for the database",
    type: "gauge",
    read: ({ report }) => report.store.queuedRows,
  },
  {
    name: "slipstream_merger_dropped_rows_total",
    help: "Windows that are not in the database, as it did not take them in time",
    type: "counter",
    read: ({ report }) => report.store.droppedRows,
  },
];

/** Answers /metrics. */
export function mergeMetrics(
  { report, nowUs, lag, gate }: {
    report: () => MergeReport;
    nowUs: () => number;
    /** How late the event loop came. */
    lag: Latency;
    gate: Pick<Entrance, "certificateUntilMs">;
  },
): () => Promise<Exposition> {
  const all = told([
    from(() => processNow({ loopLag: lag, certificateUntilMs: gate.certificateUntilMs }), PROCESS_METRICS),
    from(() => ({ report: report(), nowUs: nowUs() }), MERGE_METRICS),
  ]);
  return async () => exposition([await all()]);
}
