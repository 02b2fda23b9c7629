// What an edge tells Prometheus.
import type { Latency } from "../../platform/latency.ts";
import { by, from, type Metric, type Told, told } from "../../platform/metrics.ts";
import { PROCESS_METRICS, processNow } from "../../platform/process_metrics.ts";
import { COUNTER_METRICS } from "../counters.ts";
import type { Ledger } from "../overload/ledger.ts";
import { MEASURE_METRICS, type ReportParts } from "./measures.ts";

export interface MetricsParts extends ReportParts {
  ledger: Pick<Ledger, "countByReason">;
  /** From sending a batch to its acknowledgement, by lane. */
  ackLatency: Readonly<Record<string, Latency>>;
}

const STATES = ["closed", "half-open", "open"];

/** What is neither counted nor a number in /v1/status. */
const OWN_METRICS: readonly Metric<MetricsParts>[] = [
  {
    name: "slipstream_edge_uplink_connected",
    help: "1 while the aggregator is connected; of a node, to all its edges",
    type: "gauge",
    together: "min",
    read: ({ uplink }) => Number(uplink.state === "connected"),
  },
  {
    name: "slipstream_edge_breaker_state",
    help: "1 for the state that the circuit of the uplink is in; of a node, how many edges are in it",
    type: "gauge",
    labels: ["state"],
    read: ({ breaker }) => STATES.map((state) => [{ state }, Number(breaker.state === state)]),
  },
  {
    name: "slipstream_edge_wanted_replicas",
    help: "How many edges are wanted in the place of this one, as it can tell by itself",
    type: "gauge",
    together: "max",
    read: ({ scaler }) => scaler.view.wanted,
  },
  {
    name: "slipstream_edge_ledger_records_total",
    help:
      "Records that were refused or are lost, by why; shed, expired, rejected, invalid and not-repeated ones are lost",
    type: "counter",
    labels: ["reason"],
    read: ({ ledger }) => by("reason", ledger.countByReason),
  },
  {
    name: "slipstream_edge_acknowledgement_seconds",
    help: "From sending a batch to its acknowledgement, which comes after the disk",
    type: "histogram",
    labels: ["lane"],
    read: ({ ackLatency }) => Object.entries(ackLatency).map(([lane, latency]) => [{ lane }, latency]),
  },
];

/** Tables of everything, in the order in which it is told. */
export const EDGE_METRICS = [...PROCESS_METRICS, ...COUNTER_METRICS, ...MEASURE_METRICS, ...OWN_METRICS];

/** Of this edge alone. */
export function edgeMetrics(parts: MetricsParts): () => Promise<Told> {
  return told([
    from(
      () => processNow({ loopLag: parts.ladder.lag, certificateUntilMs: parts.gate.certificateUntilMs }),
      PROCESS_METRICS,
    ),
    from(() => parts.counters, COUNTER_METRICS),
    from(() => parts, MEASURE_METRICS),
    from(() => parts, OWN_METRICS),
  ]);
}
