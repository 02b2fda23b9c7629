// What is published of the journal, as Prometheus is told it, by destination.
import type { Labels, Metric } from "../../platform/metrics.ts";
import type { PublishingView } from "../sinks/publishing/publishing_thread.ts";
import type { FleetReport } from "./fleet_report.ts";

interface Row {
  /** Behind slipstream_aggregator_publishing_; _total: it only grows. */
  metric: string;
  help: string;
  /** Null: nobody knows yet. */
  read: (view: PublishingView) => number | null;
}

const ROWS: readonly Row[] = [
  {
    metric: "behind_entries",
    help: "Entries of the journal that are on the disk and not published",
    read: ({ behind }) => behind,
  },
  {
    metric: "behind_seconds",
    help: "How much older the last entry that is published is than the last on the disk; 0: all are published",
    read: ({ lagMs }) => lagMs === null ? null : lagMs / 1000,
  },
  {
    metric: "trouble",
    help: "1 while nothing can be published; /v1/fleet says why",
    read: ({ trouble }) => Number(trouble !== null),
  },
  {
    metric: "fenced",
    help: "1 once somebody else writes to the same topics: nothing is published before a restart",
    read: ({ isFenced }) => Number(isFenced),
  },
  {
    metric: "missing_entries_total",
    help: "Entries that are published never, as the journal has let them go",
    read: ({ missing }) => missing,
  },
  {
    metric: "left_out_messages_total",
    help: "Messages that are published never, as they are too large",
    read: ({ leftOut }) => leftOut,
  },
  {
    metric: "lost_messages_total",
    help: "Messages that were published and are gone, as their topic was deleted or cut",
    read: ({ lost }) => lost,
  },
  {
    metric: "journal_ratio",
    help: "How much of the room is used that the journal may have for what is not published; beyond 1 that goes",
    read: ({ journalBytes, journalBytesMax }) => journalBytes / journalBytesMax,
  },
];

const NAME = "slipstream_aggregator_publishing";

const typeOf = (metric: string) => metric.endsWith("_total") ? "counter" : "gauge";

export const PUBLISHING_METRICS: readonly Metric<FleetReport>[] = [
  ...ROWS.map(({ metric, help, read }): Metric<FleetReport> => ({
    ...{ name: `${NAME}_${metric}`, help, type: typeOf(metric), labels: ["destination"] },
    read: (report) =>
      report.sinks.publishing.flatMap((view): [Labels, number][] => {
        const value = read(view);
        return value === null ? [] : [[{ destination: view.name }, value]];
      }),
  })),
  {
    name: `${NAME}_messages_total`,
    help: "Messages that are published, by topic",
    type: "counter",
    labels: ["destination", "topic"],
    read: (report) =>
      report.sinks.publishing.flatMap(({ name, sent }) =>
        Object.entries(sent).map(([topic, count]): [Labels, number] => [{ destination: name, topic }, count])
      ),
  },
];
