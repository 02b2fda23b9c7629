// The dashboards, by the names of their files.
import { AGGREGATOR_METRICS } from "../../aggregator/api/fleet_metrics.ts";
import { EDGE_METRICS } from "../../edge/metrics/edge_metrics.ts";
import { NODE_METRICS } from "../../edge/node/node_metrics.ts";
import { AGGREGATOR_PLAN } from "./aggregator_plan.ts";
import { dashboard } from "./dashboard.ts";
import { EDGE_PLAN } from "./edge_plan.ts";
import { OVERVIEW_PLAN } from "./overview_plan.ts";

const OF_EDGES = [...EDGE_METRICS, ...NODE_METRICS];

/** What each file holds. @throws {Error} when a panel shows what no table has */
export function dashboards(): Map<string, string> {
  return new Map([
    ["slipstream.json", dashboard(OVERVIEW_PLAN, [...OF_EDGES, ...AGGREGATOR_METRICS])],
    ["slipstream-edges.json", dashboard(EDGE_PLAN, OF_EDGES)],
    ["slipstream-aggregator.json", dashboard(AGGREGATOR_PLAN, AGGREGATOR_METRICS)],
  ]);
}
