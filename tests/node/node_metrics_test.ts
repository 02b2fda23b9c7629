import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { NodeMetrics } from "../../edge/node/node_metrics.ts";
import { Latency } from "../../platform/latency.ts";
import { from, type Metric, type Told, told } from "../../platform/metrics.ts";

interface Source {
  seen: number;
  drones: number;
  delays: Latency;
}

const TABLE: readonly Metric<Source>[] = [
  { name: "seen_total", help: "All", type: "counter", read: ({ seen }) => seen },
  { name: "drones", help: "Now", type: "gauge", read: ({ drones }) => drones },
  { name: "delay_seconds", help: "How long", type: "histogram", read: ({ delays }) => delays },
];

/** What an edge says that has seen so many records, with as many drones. */
async function said(seen: number): Promise<Told> {
  const delays = new Latency();
  for (let i = 0; i < seen; i++) delays.add(1000);
  // As it comes from another process.
  return JSON.parse(JSON.stringify(await told([from(() => ({ seen, drones: seen, delays }), TABLE)])()));
}

async function read(metrics: NodeMetrics, answering: number[]): Promise<Record<string, number>> {
  const now = { states: ["answers", "silent", "answers"], restarts: 4 } as const;
  const { text } = await metrics.together(new Set(answering), now);
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const [, name, value] = /^([^# ].*) (\S+)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(value)]];
    }),
  );
}

const SEEN = ["seen_total", "drones", "delay_seconds_count"];
const of = (told: Record<string, number>) => SEEN.map((name) => told[name]);

describe("what a node tells Prometheus", () => {
  it("is what its edges tell, added", async () => {
    const metrics = new NodeMetrics();
    for (const [edge, seen] of [3, 4, 5].entries()) metrics.heard(edge, await said(seen));
    assertEquals(of(await read(metrics, [0, 1, 2])), [12, 12, 12]);
    metrics.heard(1, await said(6));
    assertEquals(of(await read(metrics, [0, 1, 2])), [14, 14, 14]);
  });

  it("never counts back when an edge ends, hangs, or begins anew", async () => {
    const metrics = new NodeMetrics();
    for (const [edge, seen] of [3, 4].entries()) metrics.heard(edge, await said(seen));
    assertEquals(of(await read(metrics, [0])), [7, 3, 7]);
    metrics.gone(1);
    assertEquals(of(await read(metrics, [0])), [7, 3, 7]);
    // It has ended before it was asked anything.
    metrics.gone(1);
    metrics.heard(1, await said(1));
    assertEquals(of(await read(metrics, [0, 1])), [8, 4, 8]);
    metrics.gone(1);
    metrics.gone(0);
    assertEquals(of(await read(metrics, [])), [8, undefined, 8]);
  });

  it("says how its edges are, and how often one was started again", async () => {
    const all = await read(new NodeMetrics(), []);
    const named = Object.entries(all).filter(([name]) => name.startsWith("slipstream_edge_"));
    assertEquals(named, [
      ['slipstream_edge_processes{state="answers"}', 2],
      ['slipstream_edge_processes{state="silent"}', 1],
      ['slipstream_edge_processes{state="ended"}', 0],
      ["slipstream_edge_process_restarts_total", 4],
    ]);
  });

  it("has the memory of all its processes, its own as well, and since when it runs", async () => {
    const table: readonly Metric<number>[] = [
      { name: "process_resident_memory_bytes", help: "All", type: "gauge", read: (value) => value },
      { name: "process_start_time_seconds", help: "When", type: "gauge", together: "min", read: (value) => value },
    ];
    const metrics = new NodeMetrics();
    metrics.heard(0, await told([from(() => 1e12, table)])());
    const all = await read(metrics, [0]);
    assertEquals(all.process_resident_memory_bytes! > 1e12, true);
    assertEquals(all.process_start_time_seconds, performance.timeOrigin / 1000);
  });
});
