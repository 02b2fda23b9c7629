import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fromBinary } from "@bufbuild/protobuf";
import { type Telemetry, TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { Fleet } from "../../sim/fleet.ts";
import type { ScenarioName } from "../../sim/scenarios/table.ts";
import { ANYBODY, type GroundTruth, subjectOf } from "../../sim/truth.ts";
import { type Fix, forwardedFixes, pairsInAir, predictsConflict } from "./straight_line.ts";

const START_US = 1_760_000_000_000_000;
const SEED = 4;
/** All have told where they are. */
const BEGUN_US = 1e6;
console.log(`sim neighbours seed ${SEED}`);

function fleetOf(scenario: ScenarioName, drones: number): Fleet {
  return new Fleet({ drones, seed: SEED, scenario, startUs: START_US, coalesce: false });
}

/** When the plain way to predict conflicts first sees each pair, and last, in µs since the start. */
function predicted(fixes: Map<string, Fix[]>, seconds: number): Map<string, [firstUs: number, lastUs: number]> {
  const seen = new Map<string, [number, number]>();
  const span = { fromUs: START_US + BEGUN_US, toUs: START_US + seconds * 1e6 };
  for (const { atUs, droneIds, a, b } of pairsInAir(fixes, span)) {
    if (!predictsConflict(a, b, { atUs, volume: "warned" })) continue;
    const pair = subjectOf(droneIds);
    seen.set(pair, [seen.get(pair)?.[0] ?? atUs - START_US, atUs - START_US]);
  }
  return seen;
}

function conflictsOf({ expectedAlerts }: GroundTruth): string[] {
  return expectedAlerts.filter(({ kind }) => kind === "conflict").map(({ droneId }) => droneId).sort();
}

describe("drones side by side", () => {
  for (
    const { scenario, drones, pairs } of [
      // 7 of a group abreast, 10 of a V; the last group has three.
      { scenario: "formation", drones: 23, pairs: 2 * 7 + 2 * 10 + 3 },
      // A grid of 6 × 5: 20 m 49 times, 28 m 40 times, 40 m 38 times, 45 m 62 times.
      { scenario: "crowd", drones: 30, pairs: 49 + 40 + 38 + 62 },
    ] as const
  ) {
    it(`${scenario}: exactly the pairs of the truth are in conflict, from the beginning to the end`, () => {
      const fleet = fleetOf(scenario, drones);
      const fixes = forwardedFixes(fleet, START_US + 40e6);
      const expected = conflictsOf(fleet.truth());
      assertEquals(expected.length, pairs);
      const seen = predicted(fixes, 40);
      assertEquals([...seen.keys()].sort(), expected);
      for (const [pair, [firstUs, lastUs]] of seen) {
        assertEquals([firstUs, lastUs], [BEGUN_US, 40e6], pair);
      }
    });
  }

  it("crowd of 500: one alert must come, and each pair may be in another one before", () => {
    const { expectedAlerts } = fleetOf("crowd", 500).truth();
    const must = expectedAlerts.filter(({ optional }) => !optional);
    assertEquals(must.map(({ kind, droneId }) => [kind, droneId]), [["crowd", ANYBODY]]);
    const conflicts = conflictsOf(fleetOf("crowd", 500).truth());
    const ofDrone = Map.groupBy(conflicts.flatMap((pair): string[] => JSON.parse(pair)), (droneId) => droneId);
    assertEquals(Math.max(...[...ofDrone.values()].map(({ length }) => length)), 20);
    assertGreater(conflicts.length, 4000);
    assertLess(conflicts.length, 16_384);
    assertEquals(new Set(conflicts).size, conflicts.length);
  });

  it("drone-show: all but the first declare one formation, and the first conflicts with all within 50 m", () => {
    const fleet = fleetOf("drone-show", 36);
    const conflicts = conflictsOf(fleet.truth());
    assertEquals(conflicts.length, 7);
    assert(conflicts.every((pair) => JSON.parse(pair).includes("drone-0001")), `${conflicts}`);
    const frames = fleet.advance(START_US + 1e6).map(({ frame }) => fromBinary(TelemetryFrameSchema, frame));
    const declared = new Map(frames.map(({ droneId, group }) => [droneId, group]));
    assertEquals(declared.size, 36);
    for (const [droneId, group] of declared) assertEquals(group, droneId === "drone-0001" ? "" : "show");
  });

  it("drone-show: the grid moves at 1 m/s and hovers, in turns", () => {
    const speeds = [...forwardedFixes(fleetOf("drone-show", 4), START_US + 36e6).values()]
      .flat().map(({ northMps }) => northMps);
    assertGreater(Math.max(...speeds), 0.95);
    assertLess(Math.max(...speeds), 1.1);
    assertGreater(speeds.filter((mps) => Math.abs(mps) < 0.05).length, 20);
  });
});

describe("frozen-receiver", () => {
  it("a tenth repeats its place for more than 10 s at 12 m/s, and a partner is warned of a ghost, not of the drone", () => {
    const fleet = fleetOf("frozen-receiver", 20);
    const fixes = forwardedFixes(fleet, START_US + 40e6);
    const expected = fleet.truth().expectedAlerts;
    assertEquals(expected.length, 2);
    for (const [droneId, list] of fixes) {
      const believed = list.filter((fix, i) => !isRepeat(fix, list[i - 1]));
      const gapUs = Math.max(...believed.map(({ timeUs }, i) => timeUs - (believed[i - 1]?.timeUs ?? timeUs)));
      const isFrozen = expected.some((alert) => JSON.parse(alert.droneId)[0] === droneId);
      assertEquals(gapUs > 10e6, isFrozen, droneId);
      fixes.set(droneId, believed);
    }
    const seen = predicted(fixes, 40);
    assertEquals([...seen.keys()].sort(), conflictsOf(fleet.truth()));
    for (const { droneId, notBeforeUs, byUs } of expected) {
      const [firstUs] = seen.get(droneId)!;
      assert(START_US + firstUs >= notBeforeUs && START_US + firstUs <= byUs - 1e6, `${droneId} at ${firstUs}`);
    }
  });
});

function isRepeat(fix: Fix, before: Fix | undefined): boolean {
  return before?.latDeg === fix.latDeg && before.lonDeg === fix.lonDeg && Math.hypot(fix.northMps, fix.eastMps) > 1;
}

/** What each drone sent, by its id and boot and which of twins. */
function sentBy(fleet: Fleet, seconds: number): Map<string, { atUs: number; record: Telemetry }[]> {
  const sent = fleet.advance(START_US + seconds * 1e6).flatMap(({ droneId, bootId, twin, records, atUs }) =>
    records.map((record) => ({ speaker: `${droneId}/${bootId}/${twin ?? 0}`, atUs, record }))
  );
  return Map.groupBy(sent, ({ speaker }) => speaker);
}

describe("clock-step", () => {
  it("the clocks that the truth names are set back, ahead for a while, and stopped, in flight", () => {
    const fleet = fleetOf("clock-step", 10);
    const offsets = [...sentBy(fleet, 30)].sort().map(([speaker, sent]) => {
      const off = sent.map(({ atUs, record }) => Math.round((atUs - Number(record.eventTimeUs)) / 1e6));
      return [speaker, off[0], Math.min(...off), Math.max(...off), off.at(-1)];
    });
    assertEquals(offsets.filter(([, , least, most]) => least !== 0 || most !== 0), [
      ["drone-0001/1/0", 0, 0, 300, 300],
      ["drone-0002/1/0", 0, -18, 0, 0],
      ["drone-0003/1/0", 0, 0, 24, 24],
    ]);
    const named = fleet.truth().expectedAlerts.filter(({ kind }) => kind === "clock-skew");
    assertEquals(named.map(({ droneId }) => droneId), ["drone-0001", "drone-0002", "drone-0003"]);
  });

  it("the two that fly at each other do so after their clocks were set, and meet after the warning is due", () => {
    const fleet = fleetOf("clock-step", 10);
    const clocksRight = new Map([...sentFixes(fleet, 40)]);
    const seen = predicted(clocksRight, 40);
    const [conflict] = fleet.truth().expectedAlerts.filter(({ kind }) => kind === "conflict");
    assertEquals([...seen.keys()], [conflict!.droneId]);
    const [firstUs, lastUs] = seen.get(conflict!.droneId)!;
    assert(START_US + firstUs >= conflict!.notBeforeUs && START_US + firstUs < conflict!.byUs);
    assertGreater(START_US + lastUs, conflict!.byUs + 8e6);
  });
});

/** Positions of all, at the times at which they were sent. */
function sentFixes(fleet: Fleet, seconds: number): Map<string, Fix[]> {
  return new Map([...sentBy(fleet, seconds)].map(([speaker, sent]) => {
    const fixes = sent.flatMap(({ atUs, record: { body, flags } }): Fix[] => {
      if (body.case !== "position") return [];
      const { latE7, lonE7, altMslMm = NaN, vnCms, veCms, vdCms, hAccMm = NaN, vAccMm = NaN } = body.value;
      const place = { timeUs: atUs, inAir: (flags & 2) !== 0, latDeg: latE7 / 1e7, lonDeg: lonE7 / 1e7 };
      const velocity = { eastMps: veCms / 100, northMps: vnCms / 100, upMps: -vdCms / 100 };
      return [{ ...place, ...velocity, upM: altMslMm / 1000, hAccM: hAccMm / 1000, vAccM: vAccMm / 1000 }];
    });
    return [speaker.split("/")[0]!, fixes];
  }));
}

describe("twins", () => {
  it("two of ten say that they are one drone in one boot, two in boots of their own, and the truth names both ids", () => {
    const fleet = fleetOf("twins", 10);
    assertEquals([...sentBy(fleet, 2).keys()].sort(), [
      ...["drone-0001/1/0", "drone-0001/1/1", "drone-0003/1/0", "drone-0003/2/0"],
      ...[5, 6, 7, 8, 9].map((n) => `drone-000${n}/1/0`),
      "drone-0010/1/0",
    ]);
    const { expectedAlerts, sent } = fleet.truth();
    assertEquals(expectedAlerts.map(({ kind, droneId }) => [kind, droneId]), [
      ["identity-clash", "drone-0001"],
      ["identity-clash", "drone-0003"],
    ]);
    assertEquals(sent.length, 10);
  });
});
