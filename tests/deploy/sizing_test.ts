import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { plan } from "../../deploy/sizing/plan.ts";
import { tableUnder } from "../docs/pages.ts";
import { runToEnd } from "../e2e/process.ts";
import { ROOT } from "./tools.ts";

const FLEET = {
  ...{ drones: 10_000, recordsPerDroneS: 35, recordBytes: 80 },
  costUs: { edge: 10, aggregator: 8, publishing: 1, broker: 2, flink: 6 },
  ...{ busyPct: 50, dronesPerAggregator: 10_000, replicas: 3 },
};

describe("what a fleet takes", () => {
  it("is rates times costs, and so much more that nobody is busier than he may be", () => {
    const { recordsPerS, parts, mbPerS, tbPerDay } = plan(FLEET);
    assertEquals([recordsPerS, mbPerS], [350_000, 28]);
    assertAlmostEquals(tbPerDay, 2.4192);
    assertEquals(parts.edge, { cores: 3.5, count: 7 });
    assertEquals(parts.aggregator, { cores: 2.8, count: 1 });
    // Each replica takes all of it.
    assertAlmostEquals(parts.broker.cores, 2.1);
    assertEquals([parts.broker.count, parts.flink], [5, { cores: 2.1, count: 5 }]);
    assertEquals(plan({ ...FLEET, drones: 10_001 }).parts.aggregator.count, 2);
    // A thread that is to publish more than it can is more aggregators.
    const { aggregator, publishing } = plan({ ...FLEET, costUs: { ...FLEET.costUs, publishing: 4 } }).parts;
    assertEquals([publishing.count, aggregator.count], [3, 3]);
  });

  it("is in the documentation as deno task sizing tells it", async () => {
    const { code, stdout, stderr } = await runToEnd(["task", "--quiet", "sizing"]);
    assertEquals([code, stderr], [0, ""]);
    const cellsOf = (line: string) => line.split("|").slice(1, -1).map((cell) => cell.trim());
    const [, , ...rows] = stdout.trim().split("\n").map(cellsOf);
    const path = "docs/scale.md";
    const page = { path, text: await Deno.readTextFile(new URL(path, ROOT)) } as Parameters<typeof tableUnder>[1];
    assertEquals(tableUnder("## How many of everything", page), rows);
    assertGreater(rows.length, 5);
  });
});
