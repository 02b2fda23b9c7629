import { assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DiskSpace } from "../../aggregator/journal/disk_space.ts";
import { Tally } from "../../aggregator/sinks/tally.ts";
import { alert, tumbling } from "./fake_pipeline.ts";
import { withAggregator } from "./rig.ts";

describe("an aggregator, asked for its metrics", () => {
  it("tells the numbers of /v1/fleet, and open alerts by kind", async () => {
    await withAggregator({}, async ({ aggregator, pipeline, connect }) => {
      await connect().greet();
      pipeline.alerts = [alert(1), alert(2), { ...alert(3), acknowledgedBy: "Ada" }];
      const text = await (await fetch(`${aggregator.url}/metrics`)).text();
      const { kind, severity } = alert(1);
      const has = (line: string) => text.split("\n").includes(`slipstream_aggregator_${line}`);
      for (
        const line of [
          `open_alerts{kind="${kind}",severity="${severity}",acknowledged="no"} 2`,
          `open_alerts{kind="${kind}",severity="${severity}",acknowledged="yes"} 1`,
          'records_total{fate="accepted"} 9',
          'accepted_records_total{kind="near-duplicate"} 1',
          'edges{state="connected"} 1',
          "journal_failing 0",
          "traffic 0",
          'traffic_reports_total{fate="taken"} 0',
        ]
      ) assertEquals(has(line), true, `${line}\n${text}`);
    });
  });

  it("tells how far the clock of an edge is ahead, by no other label than the edge", async () => {
    await withAggregator({}, async ({ aggregator, connect }) => {
      const edge = await connect().greet();
      const aggregatorTimeUs = BigInt(Date.now()) * 1000n;
      edge.send({ case: "clockProbe", value: { aggregatorTimeUs, edgeTimeUs: aggregatorTimeUs + 3_600_000_000n } });
      const told = /^slipstream_aggregator_edge_clock_offset_seconds\{edge="edge-1"\} (\S+)$/m;
      let offsetS: string | undefined;
      while (offsetS === undefined) offsetS = told.exec(await (await fetch(`${aggregator.url}/metrics`)).text())?.[1];
      // Of the hour, half of how long the probe has taken is missing.
      assertAlmostEquals(Number(offsetS), 3600, 30);
    });
  });
});

describe("the tally", () => {
  it("counts windows by kind, first and revised, and alerts by kind and what became of them", () => {
    const tally = new Tally();
    const first = tumbling(0);
    if (first.type !== "tumbling") throw new Error("Cannot count: this is no window");
    tally.deliver([first, { ...first, window: { ...first.window, revision: 2 } }]);
    tally.deliver([
      { type: "alert", alert: { ...alert(1), transition: "raise" } },
      { type: "alert", alert: { ...alert(1), transition: "resolve" } },
      { type: "alert", alert: { ...alert(2), transition: "raise" } },
    ]);
    const { windows, alerts } = tally.view;
    assertEquals(windows.tumbling, { first: 1, revised: 1 });
    assertEquals(Object.fromEntries(alerts.get(alert(1).kind)!), { raise: 2, resolve: 1 });
  });
});

describe("room on a disk", () => {
  it("is what the disk said last, and nobody waits for one that hangs or is asked twice", async () => {
    const answers: PromiseWithResolvers<number>[] = [];
    const space = new DiskSpace("/journal", () => {
      answers.push(Promise.withResolvers<number>());
      return answers.at(-1)!.promise;
    });
    const settled = () => new Promise((resolve) => setTimeout(resolve));
    assertEquals([space.freeBytes, space.freeBytes, answers.length], [null, null, 1]);
    answers[0]!.resolve(5);
    await settled();
    assertEquals([space.freeBytes, answers.length], [5, 2]);
    answers[1]!.reject(new Error("Cannot: the disk is gone"));
    await settled();
    assertEquals(space.freeBytes, null);
  });

  it("is asked of the file system, and of nothing where there is no folder", async () => {
    const space = new DiskSpace(".");
    while (space.freeBytes === null) await new Promise((resolve) => setTimeout(resolve, 1));
    assertEquals((space.freeBytes ?? 0) > 0, true);
    assertEquals(new DiskSpace(":memory:", () => Promise.reject(new Error("Cannot: asked"))).freeBytes, null);
  });
});
