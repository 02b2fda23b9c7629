import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { eventually } from "../chaos/eventually.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { HoveringPair } from "./hovering_pair.ts";
import { runToEnd } from "./process.ts";

/** Beyond the volume of a warning as it is by default, and within what an operator makes of it. */
const APART_M = 80;
const WIDER_M = 120;

describe("settings of a running aggregator", () => {
  it("hold at once, after a kill -9 as before it, and in a replay from where they were changed", async () => {
    await using system = await ChaosSystem.start({ checkpointS: 3600 });
    const url = `${system.aggregatorUrl}/v1/settings`;
    const change = async (radiusM: number): Promise<unknown> => {
      const body = JSON.stringify({ by: "Ada", set: { "airspace.warning.radiusM": radiusM } });
      const headers = { "content-type": "application/json" };
      return await (await fetch(url, { method: "PATCH", headers, body })).json();
    };
    const conflicts = async (state = "open"): Promise<AlertEvent[]> => {
      const { alerts } = await (await fetch(`${system.aggregatorUrl}/v1/alerts?state=${state}`)).json();
      return alerts.filter(({ kind }: AlertEvent) => kind === "conflict");
    };
    {
      await using _ = new HoveringPair(system.telemetryUrl, { apartM: APART_M });
      assert(await eventually(async () => (await system.fleet()).records.accepted > 40), "nobody is heard");
      assertEquals(await conflicts(), []);
      assertEquals(await change(WIDER_M), {
        by: "Ada",
        changes: [{ name: "airspace.warning.radiusM", before: 50, after: WIDER_M }],
      });
      assert(await eventually(async () => (await conflicts()).length === 1), "the change does not hold");

      await system.killAggregator();
      await system.startAggregator();
      const { settings } = await (await fetch(url)).json();
      const radius = settings.find(({ name }: { name: string }) => name === "airspace.warning.radiusM");
      assertEquals([radius.value, radius.default], [WIDER_M, 50]);
      assertEquals((await conflicts()).length, 1);
      await change(50);
      assert(await eventually(async () => (await conflicts()).length === 0), "it does not hold after a restart");
    }
    await system.stopAggregator();

    const replay = ["run", "-A", "--quiet", "aggregator/replay/main.ts", "--journal", system.journalPath];
    const compared = await runToEnd([...replay, "--sqlite", system.sqlitePath, "--diff"]);
    assertEquals([compared.code, compared.stdout], [0, ""], compared.stderr);
    const [, equal] = /(\d+) windows and alerts are equal, 0 differ/.exec(compared.stderr) ?? [];
    assertGreater(Number(equal), 5);
    const raised = /"kind":"conflict".*"transition":"raise"/g;
    const asItWas = await runToEnd(replay);
    assertEquals([asItWas.code, asItWas.stdout.match(raised)?.length], [0, 1], asItWas.stderr);
    assertMatch(asItWas.stdout, /"type":"configuration"/);
    const fixed = await runToEnd([...replay, "--set", "airspace.warning.radiusM=50"]);
    assertEquals([fixed.code, fixed.stdout.match(raised)], [0, null], fixed.stderr);
  });
});
