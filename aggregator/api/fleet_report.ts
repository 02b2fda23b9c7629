// The fleet as the API and the console see it: the pipeline's view with its edges, losses and sinks.
import type { JournalView } from "../core.ts";
import type { Edges, EdgeView } from "../edges.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { FleetView } from "../pipeline/views.ts";
import type { EventFanOut, EventsView } from "../sinks/events.ts";
import type { SqliteSink, SqliteSinkView } from "../sinks/sqlite.ts";
import type { Warnings, WarningsView } from "../warnings/warnings.ts";

/** The body of /v1/fleet and of the `fleet` event. */
export interface FleetReport extends FleetView {
  /** Unix µs. */
  timeUs: number;
  /** How far the watermark is behind; null before the first record. */
  watermarkLagMs: number | null;
  edges: EdgeView[];
  /** Since the aggregator started, as edges reported: records that nobody will send again, and those refused for now. */
  lostRecords: number;
  refusedRecords: number;
  journal: JournalView;
  warnings: WarningsView;
  sinks: { sqlite: SqliteSinkView; events: EventsView };
}

/** What the report is made from. */
export interface FleetReportParts {
  nowUs: () => number;
  pipeline: Pick<Pipeline, "fleet">;
  edges: Edges;
  sqlite: Pick<SqliteSink, "view">;
  events: Pick<EventFanOut, "view">;
  journal: () => JournalView;
  warnings: Pick<Warnings, "view">;
}

/** The fleet as it is now. */
export function fleetReport(
  { nowUs, pipeline, edges, sqlite, events, journal, warnings }: FleetReportParts,
): FleetReport {
  const fleet = pipeline.fleet();
  const timeUs = Math.round(nowUs());
  const list = edges.list();
  return {
    timeUs,
    ...fleet,
    watermarkLagMs: fleet.watermarkUs === null ? null : (timeUs - fleet.watermarkUs) / 1000,
    edges: list,
    lostRecords: list.reduce((sum, { lostRecords }) => sum + lostRecords, 0),
    refusedRecords: list.reduce((sum, { refusedRecords }) => sum + refusedRecords, 0),
    journal: journal(),
    warnings: warnings.view,
    sinks: { sqlite: sqlite.view, events: events.view },
  };
}
