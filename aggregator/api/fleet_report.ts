// The fleet as the API and the console see it: the pipeline's view with its edges, losses and sinks.
import type { Refusals } from "../../platform/server/refusals.ts";
import { VERSION } from "../../platform/version.ts";
import type { JournalView } from "../core/core.ts";
import type { Edges, EdgeView } from "../intake/edges.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Presence, TooSlow } from "../intake/presence.ts";
import type { FleetView } from "../views.ts";
import type { EventFanOut, EventsView } from "../sinks/events.ts";
import type { Publishers } from "../sinks/publishing/publishers.ts";
import type { PublishingView } from "../sinks/publishing/publishing_thread.ts";
import type { SqliteSink, SqliteSinkView } from "../sinks/sqlite.ts";
import type { Warnings, WarningsView } from "../warnings/warnings.ts";
import type { WebhookView } from "../webhooks/progress.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";

/** The body of /v1/fleet and of the `fleet` event. */
export interface FleetReport extends FleetView {
  /** Of the aggregator's software. */
  version: string;
  /** Where the aggregator runs; null: that was not said. */
  region: string | null;
  /** Unix µs. */
  timeUs: number;
  /** How far the watermark is behind; null before the first record. */
  watermarkLagMs: number | null;
  /** What does not keep up, and how late it comes: a process, or the way from the drones to an edge; null: all do. */
  tooSlow: TooSlow | null;
  edges: EdgeView[];
  /** Since the aggregator started, by reason: connections that did not get as far as to ask. */
  connectionsRefused: Refusals["view"];
  /** Since the aggregator started, as edges reported: records that nobody will send again, and those refused for now. */
  lostRecords: number;
  refusedRecords: number;
  journal: JournalView;
  warnings: WarningsView;
  sinks: { sqlite: SqliteSinkView; events: EventsView; webhooks: WebhookView[]; publishing: PublishingView[] };
}

/** What the report is made from. */
export interface FleetReportParts {
  region: string | null;
  nowUs: () => number;
  pipeline: Pick<Pipeline, "fleet">;
  edges: Edges;
  sqlite: Pick<SqliteSink, "view">;
  events: Pick<EventFanOut, "view">;
  webhooks: Pick<Webhooks, "view">;
  publishers: Pick<Publishers, "views">;
  journal: () => JournalView;
  warnings: Pick<Warnings, "view">;
  presence: Pick<Presence, "tooSlow">;
  refusals: Pick<Refusals, "view">;
}

/** The fleet as it is now. */
export function fleetReport(
  { region, nowUs, pipeline, edges, sqlite, events, webhooks, publishers, journal, ...parts }: FleetReportParts,
): FleetReport {
  const { warnings, presence, refusals } = parts;
  const fleet = pipeline.fleet();
  const { stalest } = fleet;
  const timeUs = Math.round(nowUs());
  const list = edges.list();
  return {
    version: VERSION,
    region,
    timeUs,
    ...fleet,
    watermarkLagMs: fleet.watermarkUs === null ? null : (timeUs - fleet.watermarkUs) / 1000,
    tooSlow: stalest ? { what: `drones through ${stalest.edgeId}`, lagMs: stalest.lateMs } : presence.tooSlow,
    edges: list,
    connectionsRefused: refusals.view,
    lostRecords: list.reduce((sum, { lostRecords }) => sum + lostRecords, 0),
    refusedRecords: list.reduce((sum, { refusedRecords }) => sum + refusedRecords, 0),
    journal: journal(),
    warnings: warnings.view,
    sinks: { sqlite: sqlite.view, events: events.view, webhooks: webhooks.view, publishing: publishers.views },
  };
}
