// What an edge measures of itself now, each once, and everywhere it is told: in /v1/status, in the report to the
// aggregator, to Prometheus.
import type { Entrance } from "../../identity/open.ts";
import type { CpuUse } from "../../platform/cpu_use.ts";
import type { Tally } from "../ingest/mavlink/tally.ts";
import { by, type Metric } from "../../platform/metrics.ts";
import type { Scaler } from "../../platform/scaler.ts";
import type { Refusals } from "../../platform/server/refusals.ts";
import { DRONES_MAX, LaneIndex } from "../../wasm/limits.ts";
import type { EdgeConfig } from "../config.ts";
import type { Counters } from "../counters.ts";
import type { Connections } from "../drones/connections.ts";
import type { Slots } from "../drones/slots.ts";
import type { Zones } from "../drones/zones.ts";
import type { Ladder } from "../overload/ladder.ts";
import type { Backlog } from "../uplink/backlog.ts";
import type { Breaker } from "../uplink/breaker.ts";
import type { Uplink } from "../uplink/uplink.ts";

/** What an edge is made of, as far as its reports need it. */
export interface ReportParts {
  config: EdgeConfig;
  session: bigint;
  counters: Counters;
  uplink: Uplink;
  backlog: Backlog;
  breaker: Breaker;
  ladder: Ladder;
  cpu: Pick<CpuUse, "pct">;
  scaler: Pick<Scaler, "view">;
  connections: Pick<Connections, "size" | "byProtocol">;
  refusals: Pick<Refusals, "view">;
  slots: Slots;
  zones: Pick<Zones, "state">;
  gate: Pick<Entrance, "denied" | "certificateUntilMs">;
  mavlink: Tally;
  /** Unix ms. */
  now: () => number;
}

interface Measure {
  /** In /v1/status: a name, or a group and a name in it. */
  status: readonly [name: string] | readonly [group: string, name: string];
  /** Null: not known now. */
  read: (parts: ReportParts) => number | null | Readonly<Record<string, number>>;
  /** Behind slipstream_edge_; _total: it only grows. */
  metric: string;
  help: string;
  /** What tells several from each other. */
  label?: string;
  /** What Prometheus' unit is of the one in /v1/status: seconds of ms. */
  scale?: number;
  /** Of a node it is the highest of its edges' and not their sum. */
  together?: "max";
}

const MS = 1 / 1000;

/** In the order in which they are told. */
const MEASURES: readonly Measure[] = [
  {
    status: ["connections"],
    read: ({ connections }) => connections.size,
    metric: "connections",
    help: "Drones that are connected",
  },
  {
    status: ["connectionsByProtocol"],
    read: ({ connections }) => ({ ...connections.byProtocol }),
    metric: "protocol_connections",
    help: "Connections by what is spoken there; together as many as there are",
    label: "protocol",
  },
  {
    status: ["connectionsRefused"],
    read: ({ refusals }) => refusals.view,
    metric: "connections_refused_total",
    help: "Connections that were refused or ended for what they are",
    label: "reason",
  },
  {
    status: ["denied"],
    read: ({ gate }) => gate.denied,
    metric: "denied_total",
    help: "Who was not let in, or let go, by what was wrong with the proof",
    label: "reason",
  },
  {
    status: ["slots", "known"],
    read: ({ slots }) => slots.size,
    metric: "slots",
    help: "Drones and boots that the hot path knows",
  },
  {
    status: ["slots", "max"],
    read: () => DRONES_MAX,
    metric: "slots_max",
    help: "Drones and boots for which the hot path has room",
  },
  {
    status: ["slots", "speakers"],
    read: ({ slots }) => slots.speakers,
    metric: "slot_speakers",
    help: "Connections that speak for a slot",
  },
  {
    status: ["mavlink", "links"],
    read: ({ mavlink }) => mavlink.links,
    metric: "mavlink_links",
    help: "Links by which MAVLink is spoken",
  },
  {
    status: ["mavlink", "frames"],
    read: ({ mavlink }) => ({ ...mavlink.counts }),
    metric: "mavlink_frames_total",
    help: "Frames of MAVLink by what came of them",
    label: "fate",
  },
  {
    status: ["mavlink", "radio"],
    read: ({ mavlink }) => ({ ...mavlink.radio }),
    metric: "mavlink_radio_frames_total",
    help: "Frames that vehicles sent by MAVLink: heard, or lost on the way here",
    label: "fate",
  },
  {
    status: ["level"],
    read: ({ ladder }) => ladder.level,
    metric: "overload_level",
    help: "What is given up: 0 nothing, 4 new connections as well",
    together: "max",
  },
  {
    status: ["cpuPct"],
    read: ({ cpu }) => cpu.pct,
    metric: "cpu_ratio",
    help: "How much of a core the process used in the last second or two; absent where nobody can tell",
    scale: 1 / 100,
    together: "max",
  },
  {
    status: ["credit"],
    read: ({ uplink }) => uplink.credit,
    metric: "batches_credit",
    help: "Batches that may be in flight, as the aggregator says; of a node, of all its edges",
    label: "lane",
  },
  {
    status: ["batches", "inFlight"],
    read: ({ backlog }) => backlog.inFlight(LaneIndex.safety) + backlog.inFlight(LaneIndex.bulk),
    metric: "batches_in_flight",
    help: "Batches that were sent and are not answered yet",
  },
  {
    status: ["batches", "taken"],
    read: ({ backlog }) => backlog.takenBatches,
    metric: "batches_taken",
    help: "Batches that the aggregator has judged and not journalled yet",
  },
  {
    status: ["batches", "unacknowledged"],
    read: ({ backlog }) => backlog.unacknowledged,
    metric: "batches_unacknowledged",
    help: "Batches that are not in the journal yet, as far as the edge knows",
  },
  {
    status: ["backlog", "bytes"],
    read: ({ backlog }) => backlog.bytes,
    metric: "backlog_bytes",
    help: "Memory of batches that are kept, in bytes",
  },
  {
    status: ["backlog", "ageMs"],
    read: ({ backlog, now }) => backlog.ageMs(now()),
    metric: "backlog_age_seconds",
    help: "How long the oldest batch has waited for its acknowledgement",
    scale: MS,
    together: "max",
  },
  {
    status: ["backlog", "etaMs"],
    read: ({ backlog }) => backlog.etaMs,
    metric: "backlog_eta_seconds",
    help: "When the backlog is sent, as fast as it goes now; absent while nobody can tell",
    scale: MS,
    together: "max",
  },
];

/** Names in /v1/status of those that are no sums. */
export const HIGHEST: ReadonlySet<string> = new Set(
  MEASURES.filter(({ together }) => together === "max").map(({ status: [group, name = group] }) => name),
);

/** As /v1/status has them. */
export function measuresView(parts: ReportParts): Record<string, unknown> {
  const view: Record<string, unknown> = {};
  for (const { status: [group, name], read } of MEASURES) {
    const value = read(parts);
    view[group] = name === undefined ? value : { ...view[group] as object | undefined, [name]: value };
  }
  return view;
}

/** As Prometheus is told. */
export const MEASURE_METRICS: readonly Metric<ReportParts>[] = MEASURES.map((
  { metric, help, label, scale = 1, together, read },
) => ({
  name: `slipstream_edge_${metric}`,
  help,
  type: metric.endsWith("_total") ? "counter" : "gauge",
  ...label === undefined ? {} : { labels: [label] },
  ...together === undefined ? {} : { together },
  read: (parts) => {
    const value = read(parts);
    if (value === null || typeof value === "number") return value === null ? null : value * scale;
    return by(label ?? "what", value);
  },
}));
