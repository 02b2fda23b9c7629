import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { ObstacleScan, Telemetry } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { Fleet } from "../../sim/fleet.ts";
import { ObstacleFrame } from "../../sim/obstacles.ts";
import { SCENARIO_NAMES, type ScenarioName } from "../../sim/scenarios/table.ts";
import { compareAlerts, type GroundTruth, type SeenAlert } from "../../sim/truth.ts";

const START_US = 1_760_000_000_000_000;
const SEED = 5;
const DRONES = 20;
const SECONDS = 60;
const END_US = START_US + SECONDS * 1e6;
console.log(`sim obstacles seed ${SEED}`);

function fly(scenario: ScenarioName): { truth: GroundTruth; byDrone: Map<string, Telemetry[]> } {
  const fleet = new Fleet({ drones: DRONES, seed: SEED, scenario, startUs: START_US, coalesce: false });
  const byDrone = new Map<string, Telemetry[]>();
  for (const { droneId, records, note } of fleet.advance(END_US)) {
    if (!note) byDrone.set(droneId, [...byDrone.get(droneId) ?? [], ...records]);
  }
  return { truth: fleet.truth(), byDrone };
}

/** What a warning is for: within 10 m, or 5 s away. */
function isUrgent({ hits }: ObstacleScan): boolean {
  return hits.some(({ rangeCm, rangeRateCms = 0 }) => rangeCm <= 1000 || rangeCm <= -rangeRateCms * 5);
}

function scansOf(records: Telemetry[]): { atUs: number; scan: ObstacleScan }[] {
  return records.flatMap(({ body, eventTimeUs }) =>
    body.case === "obstacles" ? [{ atUs: Number(eventTimeUs), scan: body.value }] : []
  );
}

/** The plain way: two urgent looks running raise, a second without one resolves. */
function alertsOf(droneId: string, records: Telemetry[]): SeenAlert[] {
  const alerts: SeenAlert[] = [];
  let running = 0;
  let urgentUs = -Infinity;
  let open = false;
  for (const { atUs, scan } of scansOf(records)) {
    running = isUrgent(scan) ? running + 1 : 0;
    if (running > 0) urgentUs = atUs;
    if (running >= 2 && !open) alerts.push({ kind: "obstacle", droneId, raisedUs: atUs });
    open = running >= 2 || (open && atUs - urgentUs < 1e6);
  }
  return alerts;
}

describe("obstacle sensors", () => {
  for (const scenario of SCENARIO_NAMES.filter((name) => name !== "obstacle")) {
    it(`${scenario}: see things, and nothing urgent`, () => {
      const scans = [...fly(scenario).byDrone.values()].flatMap(scansOf).map(({ scan }) => scan);
      assertEquals(scans.filter(isUrgent), []);
      assertGreater(scans.filter(({ hits }) => hits.length > 0).length, scans.length / 20);
    });
  }
});

describe("obstacle", () => {
  const { truth, byDrone } = fly("obstacle");
  const named = new Set(truth.expectedAlerts.map(({ droneId }) => droneId));

  it("warns the plain way exactly of what the truth expects, a fifth of the drones every quarter of a minute", () => {
    const seen = [...byDrone].flatMap(([droneId, records]) => alertsOf(droneId, records));
    const { missing, unexpected } = compareAlerts(truth.expectedAlerts, { seen: seen, endUs: END_US });
    assertEquals([missing, unexpected], [[], []]);
    assertEquals(named.size, DRONES / 5);
    assertGreater(seen.length, named.size * 3 - 1);
  });

  it("has clutter in single looks of the other drones", () => {
    for (const [droneId, records] of byDrone) {
      if (named.has(droneId)) continue;
      const urgent = scansOf(records).map(({ scan }) => isUrgent(scan));
      assertGreater(urgent.filter(Boolean).length, 3);
      assert(!urgent.some((is, i) => is && urgent[i + 1]), droneId);
    }
  });

  it("has sensors that point north, and such as turn with the drone", () => {
    const frames = new Map<number, number>();
    for (const droneId of named) {
      let headingCdeg = 0;
      for (const { body } of byDrone.get(droneId) ?? []) {
        if (body.case === "position") headingCdeg = body.value.headingCdeg ?? 0;
        if (body.case !== "obstacles" || body.value.hits.length === 0) continue;
        const { frame, hits } = body.value;
        frames.set(frame, (frames.get(frame) ?? 0) + 1);
        const offCdeg = hits[0]!.bearingCdeg - (frame === ObstacleFrame.north ? headingCdeg : 0);
        // In front of it, give or take a turn since the last position.
        assertAlmostEquals(Math.cos(offCdeg * Math.PI / 18_000), 1, 0.5);
      }
    }
    assertEquals([...frames.keys()].sort(), [ObstacleFrame.north, ObstacleFrame.body]);
  });
});
