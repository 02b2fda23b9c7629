import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { runScenario, type ScenarioResult } from "./scenario_run.ts";
import { referenceWindows, sentRecords } from "./window_reference.ts";

const SEED = 7;
const DRONES = 10;

const SCENARIOS = [
  { scenario: "calm", seconds: 10, alerts: [] },
  { scenario: "duplicates", seconds: 10, alerts: [] },
  { scenario: "out-of-order", seconds: 10, alerts: [] },
  { scenario: "glitch", seconds: 10, alerts: ["position-glitch"] },
  { scenario: "reconnect-storm", seconds: 14, alerts: [] },
  { scenario: "clock-skew", seconds: 12, alerts: ["clock-skew"] },
  { scenario: "link-loss", seconds: 17, alerts: ["link-loss"] },
  { scenario: "crossing", seconds: 24, alerts: ["conflict"] },
  { scenario: "obstacle", seconds: 16, alerts: ["obstacle"] },
  { scenario: "low-battery", seconds: 21, alerts: ["battery-low"] },
] as const;

type Name = typeof SCENARIOS[number]["scenario"];
const results = new Map<Name, ScenarioResult>();

function resultOf(name: Name): ScenarioResult {
  const result = results.get(name);
  if (!result) throw new Error(`Cannot judge ${name}: it did not run`);
  return result;
}

describe(`a running system, seed ${SEED}`, () => {
  // Side by side: most of a run is waiting for the clock.
  beforeAll(async () => {
    const runs = await Promise.allSettled(SCENARIOS.map(async ({ scenario, seconds }) => {
      results.set(scenario, await runScenario({ scenario, seconds, drones: DRONES, seed: SEED }));
    }));
    for (const [i, run] of runs.entries()) {
      if (run.status === "rejected") console.error(`${SCENARIOS[i]?.scenario}: ${run.reason}`);
    }
  });

  for (const { scenario, alerts } of SCENARIOS) {
    it(`loses and doubles nothing in ${scenario}`, () => {
      const { summary, truth, edge, fleet } = resultOf(scenario);
      const { received, forwarded, duplicate, nearDuplicate, malformed, refused } = edge.records;
      const sent = truth.records.position + truth.records.battery + truth.records.obstacles;
      assertGreater(sent, DRONES * 35 * 5);
      assertEquals(received, forwarded + duplicate + nearDuplicate + malformed + refused, "at the edge");
      assertEquals(summary.lost["crowded-out"], 0);
      assertEquals([summary.sent.records, summary.unacknowledged], [sent, 0], "sent and unacknowledged");
      assertEquals(summary.acknowledged, sent, "acknowledged = sent");
      assertEquals(forwarded + nearDuplicate, fleet.records.accepted + fleet.records.duplicate, "edge = aggregator");
      assertEquals(fleet.records.accepted, sent, "the aggregator counts each record once");
      assertEquals(fleet.records.received, fleet.records.accepted + fleet.records.duplicate, "at the aggregator");
      const { position, battery, obstacles, nearDuplicate: near, late } = fleet.records;
      assertEquals(position + battery + obstacles + near + late, fleet.records.accepted, "kinds");
      if (late === 0) assertEquals([battery, obstacles], [truth.records.battery, truth.records.obstacles]);
      if (late === 0) assertEquals(near, nearDuplicate);
      assertEquals(fleet.lostRecords, 0);
    });

    it(`raises exactly the alerts of the ground truth in ${scenario}`, () => {
      const { alerts: comparison, truth } = resultOf(scenario);
      assertEquals(comparison.unexpected, []);
      assertEquals(comparison.missing, []);
      assertEquals([...new Set(truth.expectedAlerts.map(({ kind }) => kind))], [...alerts]);
    });

    it(`ends cleanly after ${scenario}`, () => {
      const { edgeCode, aggregatorCode, stderr } = resultOf(scenario);
      assertEquals([edgeCode, aggregatorCode], [0, 0], stderr);
      assert(!/internal error|malformed batch|Uncaught/i.test(stderr), stderr);
    });
  }

  for (const scenario of ["calm", "duplicates", "out-of-order"] as const) {
    it(`suppresses what the plain TypeScript way suppresses in ${scenario}`, () => {
      const { emissions, edge } = resultOf(scenario);
      const near = sentRecords(emissions).filter(({ fate }) => fate === "near-duplicate").length;
      assertGreater(near, 0);
      assertEquals(edge.records.nearDuplicate, near);
    });

    it(`gives the windows of the naive reference in ${scenario}`, () => {
      const { emissions, windows, fleet } = resultOf(scenario);
      const expected = referenceWindows(sentRecords(emissions));
      assertEquals(fleet.records.late, 0);
      assertEquals(windows.map(({ startUs }) => startUs), expected.map(({ startUs }) => startUs));
      for (const [i, { battery, ...rest }] of expected.entries()) {
        const window = windows[i]!;
        const { startUs, endUs, dronesReporting, records } = window;
        assertEquals({ startUs, endUs, dronesReporting, records }, rest, `window ${i}`);
        const { averageCpct, ...others } = window.battery;
        const { averageCpct: expectedCpct, ...expectedOthers } = battery;
        assertEquals(others, expectedOthers, `battery of window ${i}`);
        assertAlmostEquals(averageCpct ?? -1, expectedCpct ?? -1, 1e-6, `average charge of window ${i}`);
      }
    });
  }

  it("counts exactly what was sent twice, and what was damaged", () => {
    const { summary, edge } = resultOf("duplicates");
    assertGreater(summary.sent.duplicate, 0);
    assertEquals(edge.records.duplicate, summary.sent.duplicate);
    const glitch = resultOf("glitch");
    assertEquals(glitch.edge.frames.malformed, glitch.summary.sent.malformedFrames);
    assertEquals(glitch.edge.records.malformed, glitch.summary.sent.malformedFrames);
  });

  it("counts records of clocks that are wrong in windows of ingestion time", () => {
    const { fleet, truth } = resultOf("clock-skew");
    assertGreater(fleet.records.retimed, 0);
    assertEquals(fleet.records.late, 0, `${truth.expectedAlerts.length} drones have a wrong clock`);
  });

  it("has every drone back after each storm", () => {
    const { summary } = resultOf("reconnect-storm");
    assertEquals(summary.reconnects, 2 * DRONES);
  });
});
