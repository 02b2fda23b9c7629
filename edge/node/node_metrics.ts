// What a node tells Prometheus: all its edges together, and itself. What counts never goes back, or Prometheus would take it for
// a new beginning: of an edge that has ended, or does not answer, there stays what it told last.
import { Latency } from "../../platform/latency.ts";
import {
  by,
  counted,
  counts,
  type Exposition,
  exposition,
  from,
  type Metric,
  type Told,
  told,
} from "../../platform/metrics.ts";
import { PROCESS_METRICS, processNow } from "../../platform/process_metrics.ts";

/** How an edge is: it answers, runs and says nothing, or is started again. */
const STATES = ["answers", "silent", "ended"] as const;
export type EdgeState = typeof STATES[number];

export interface NodeNow {
  states: readonly EdgeState[];
  restarts: number;
}

/** What nothing but a node of several edges has to tell. */
export const NODE_METRICS: readonly Metric<NodeNow>[] = [
  {
    name: "slipstream_edge_processes",
    help: "Edges of a node, by how they are",
    type: "gauge",
    labels: ["state"],
    read: ({ states }) =>
      by("state", Object.fromEntries(STATES.map((one) => [one, states.filter((state) => state === one).length]))),
  },
  {
    name: "slipstream_edge_process_restarts_total",
    help: "Edges that had ended, and were started again",
    type: "counter",
    read: ({ restarts }) => restarts,
  },
];

export class NodeMetrics {
  /** By edge, as long as it runs. */
  readonly #last = new Map<number, Told>();
  #ended: Promise<Told> = Promise.resolve([]);

  /** An edge has answered. */
  heard(edge: number, told: Told): void {
    this.#last.set(edge, told);
  }

  /** It has ended: whoever comes in its place counts from zero. */
  gone(edge: number): void {
    const last = this.#last.get(edge);
    if (!last) return;
    this.#last.delete(edge);
    this.#ended = this.#ended.then((ended) => counted([ended, last]));
  }

  /** @param answering edges of which also that holds which does not only grow */
  async together(answering: ReadonlySet<number>, now: NodeNow): Promise<Exposition> {
    const [last, ended] = [[...this.#last], this.#ended];
    const edges = last.map(([edge, told]) => answering.has(edge) ? told : counts(told));
    // Nobody measures how late the node itself comes: nothing waits for it.
    const own = told([
      from(() => processNow({ loopLag: new Latency(), certificateUntilMs: null }), PROCESS_METRICS),
      from(() => now, NODE_METRICS),
    ]);
    return await exposition([...edges, await ended, await own()]);
  }
}
