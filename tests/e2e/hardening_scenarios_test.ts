import { assertEquals, assertGreater } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { runScenario, type ScenarioResult } from "./scenario_run.ts";

const SEED = 9;

const SCENARIOS = [
  { scenario: "formation", seconds: 12, drones: 20, alerts: ["conflict"] },
  { scenario: "drone-show", seconds: 36, drones: 36, alerts: ["conflict"] },
  { scenario: "crowd", seconds: 14, drones: 36, alerts: ["conflict", "crowd"] },
  { scenario: "frozen-receiver", seconds: 22, drones: 10, alerts: ["conflict"] },
  { scenario: "clock-step", seconds: 26, drones: 10, alerts: ["clock-skew", "conflict"] },
  { scenario: "twins", seconds: 12, drones: 10, alerts: ["identity-clash"] },
] as const;

type Name = typeof SCENARIOS[number]["scenario"];
const results = new Map<Name, ScenarioResult>();

function resultOf(name: Name): ScenarioResult {
  const result = results.get(name);
  if (!result) throw new Error(`Cannot judge ${name}: it did not run`);
  return result;
}

describe(`a running system and what stopped it once, seed ${SEED}`, () => {
  // Side by side: most of a run is waiting for the clock.
  beforeAll(async () => {
    const runs = await Promise.allSettled(SCENARIOS.map(async ({ scenario, seconds, drones }) => {
      results.set(scenario, await runScenario({ scenario, seconds, drones, seed: SEED }));
    }));
    for (const [i, run] of runs.entries()) {
      if (run.status === "rejected") console.error(`${SCENARIOS[i]?.scenario}: ${run.reason}`);
    }
  });

  for (const { scenario, alerts, drones } of SCENARIOS) {
    it(`goes on through ${scenario}, and every record counts once`, () => {
      const { summary, truth, fleet, edgeCode, aggregatorCode, stderr } = resultOf(scenario);
      const sent = truth.records.position + truth.records.battery + truth.records.obstacles;
      assertGreater(sent, drones * 35 * 5);
      assertEquals([summary.sent.records, summary.acknowledged, summary.unacknowledged], [sent, sent, 0]);
      assertEquals(fleet.records.accepted, sent, "the aggregator counts each record once");
      assertEquals([summary.reconnects, fleet.lostRecords], [0, 0]);
      assertEquals([edgeCode, aggregatorCode], [0, 0], stderr);
    });

    it(`raises exactly the alerts of the ground truth in ${scenario}`, () => {
      const { alerts: comparison, truth } = resultOf(scenario);
      assertEquals(comparison.unexpected, []);
      assertEquals(comparison.missing, []);
      assertEquals([...new Set(truth.expectedAlerts.map(({ kind }) => kind))].sort(), [...alerts]);
    });
  }
});
