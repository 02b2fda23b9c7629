// Requests to the aggregator's API and console, over a history with something in it.
import { OPEN_GATE } from "../../../identity/gate.ts";
import { Refusals } from "../../../platform/server/refusals.ts";
import { createApi } from "../../../aggregator/api/api.ts";
import { fleetReport } from "../../../aggregator/api/fleet_report.ts";
import { Operations } from "../../../aggregator/alerts/operations.ts";
import { Sequencer } from "../../../aggregator/core/sequencer.ts";
import { Edges } from "../../../aggregator/intake/edges.ts";
import { volatileJournal } from "../../../aggregator/journal/journal.ts";
import { EventFanOut } from "../../../aggregator/sinks/events.ts";
import { askHere } from "../../../aggregator/sinks/history.ts";
import { outputRow } from "../../../aggregator/sinks/rows.ts";
import { SqliteSink } from "../../../aggregator/sinks/sqlite.ts";
import { Warnings } from "../../../aggregator/warnings/warnings.ts";
import { alert, drone, FakePipeline, TIME_US, tumbling } from "../../aggregator/fake_pipeline.ts";
import { answered, requestOf, requestSeeds } from "../request.ts";
import type { Session, Target } from "../target.ts";

const SEEDS = requestSeeds([
  ...[
    "GET /v1/fleet",
    "GET /v1/drones",
    "GET /v1/drones/drone-1",
    "GET /v1/losses?limit=5",
    "GET /",
    "GET /console.js",
  ],
  ...[
    "GET /v1/alerts?state=all&limit=10",
    "GET /v1/deliveries?alert=7",
    "GET /v1/events?only=alert,drones",
    "GET /readyz",
  ],
  "GET /v1/windows?kind=sliding&fleet=f&zone=z&from=1790000000000000&to=1790000001000000&limit=60",
  'POST /v1/alerts/7/acknowledge\ncontent-type: application/json\n\n{"by":"Ada"}',
  "GET /v1/export/windows?kind=tumbling&from=1790000000000000&to=1790000010000000&format=geojson",
  "GET /v1/export/alerts?from=0&to=9000000000000000\naccept: application/geo+json",
  "GET /v1/export/tracks?drone=drone-1&from=0&to=9000000000000000",
  "GET /openapi.json",
  "GET /v1/settings",
  'PATCH /v1/settings\ncontent-type: application/json\n\n{"by":"Ada","set":{"airspace.warning.radiusM":60,"linkLossUs":3000000}}',
  "GET /v1/uplink\nupgrade: websocket\nhost: localhost",
]);
const WORDS = [
  "POST",
  "HEAD",
  "PATCH",
  "set",
  "host",
  "content-length",
  "..",
  "drones",
  "acknowledge",
  "tumbling",
  "by",
];

function open(): Session {
  const pipeline = new FakePipeline();
  pipeline.all = [drone("drone-1"), drone("é/../<b>")];
  pipeline.alerts = [alert(7), alert(8)];
  const sqlite = new SqliteSink({ path: ":memory:", queueRowsMax: 100 });
  const events = new EventFanOut({ clientsMax: 4 });
  const nowUs = () => TIME_US;
  const clock = () => 0;
  const none = { clock, warn: () => {}, deliver: () => {}, onLosses: () => {}, onClockStep: () => {} };
  const journalled = { onFull: () => {}, onGap: () => {}, onMissed: () => {} };
  const sequencer = new Sequencer({ nowUs, journal: volatileJournal(), pipeline, ...none, ...journalled });
  const noEdge = { usedId: (id: string) => id, edgeOf: () => undefined, edges: () => [], send: () => {} };
  const warnings = new Warnings({ nowUs, clock, ...noEdge, openAlerts: () => [], onReport: () => {} });
  const journal = () => ({
    state: "volatile" as const,
    journalId: "j",
    waiting: 0,
    commitMs: null,
    recovered: null,
    lastIndex: 0,
  });
  for (const output of [tumbling(TIME_US), { type: "alert" as const, alert: alert(1) }]) {
    sqlite.take(...outputRow(output, { journalId: "j", index: 1, atUs: TIME_US, ordinal: 0 })!);
  }
  sqlite.flush();
  const api = createApi({
    ...{ pipeline, sequencer, events, gate: OPEN_GATE, clock, nowUs, pseudonym: (id: string) => `drone:${id.length}` },
    erase: () => Promise.resolve("refused" as const),
    ...{ erasedIndex: () => 0, owesErasure: () => false, journalFolder: null },
    operations: new Operations({ nowUs, ...none }),
    intake: { upgrade: () => ({ status: 426, error: "Cannot: no sockets here" }) },
    askHistory: askHere(sqlite.db),
    hosts: new Set(["ops.example.com"]),
    fleet: () =>
      fleetReport({
        region: null,
        ...{ nowUs, pipeline, sqlite, events, journal, warnings, refusals: new Refusals() },
        edges: new Edges(),
        webhooks: { view: [] },
        publishers: { views: [] },
        presence: { tooSlow: null },
      }),
    metrics: () => Promise.resolve({ contentType: "text/plain", text: "" }),
    scaling: { report: null },
    notReady: () => null,
    log: () => {},
  });
  return {
    run: async (input) => {
      const request = requestOf(input);
      return request ? await answered(await api.fetch(request), request) : "no request";
    },
    close: () => sqlite.close(),
  };
}

export const API_HTTP: Target = {
  ...{ name: "api-http", format: "text", bytesMax: 20_000, words: WORDS, sessionExecutions: 20_000 },
  seeds: () => SEEDS,
  open,
};
