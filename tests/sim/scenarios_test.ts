import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fromBinary } from "@bufbuild/protobuf";
import { RecordFlag, type Telemetry, TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { Fleet } from "../../sim/fleet.ts";
import type { ScenarioName } from "../../sim/scenarios/table.ts";
import type { Emission } from "../../sim/traffic.ts";
import { compareAlerts, type GroundTruth } from "../../sim/truth.ts";

const START_US = 1_760_000_000_000_000;
const SEED = 3;
const DRONES = 20;
console.log(`sim scenarios seed ${SEED}`);

interface Sent {
  truth: GroundTruth;
  emissions: Emission[];
  byDrone: Map<string, { record: Telemetry; atUs: number }[]>;
  named: Set<string>;
}

function send(scenario: ScenarioName, seconds = 20): Sent {
  const fleet = new Fleet({ drones: DRONES, seed: SEED, scenario, startUs: START_US, coalesce: false });
  const emissions = fleet.advance(START_US + seconds * 1e6);
  const byDrone = new Map<string, { record: Telemetry; atUs: number }[]>();
  for (const { droneId, records, note, atUs } of emissions) {
    if (note) continue;
    const list = byDrone.get(droneId) ?? [];
    byDrone.set(droneId, list);
    for (const record of records) list.push({ record, atUs });
  }
  const truth = fleet.truth();
  return { truth, emissions, byDrone, named: new Set(truth.expectedAlerts.map(({ droneId }) => droneId)) };
}

describe("scenarios", () => {
  const steady: { scenario: ScenarioName; kinds: string[] }[] = [
    { scenario: "calm", kinds: [] },
    { scenario: "duplicates", kinds: [] },
    { scenario: "out-of-order", kinds: [] },
    { scenario: "reconnect-storm", kinds: [] },
    { scenario: "crossing", kinds: ["conflict"] },
    { scenario: "glitch", kinds: ["position-glitch"] },
    { scenario: "obstacle", kinds: ["obstacle"] },
  ];
  for (const { scenario, kinds } of steady) {
    it(`${scenario}: nobody falls low, silent or out of time, and the truth expects ${kinds[0] ?? "no"} alerts`, () => {
      const { truth, byDrone } = send(scenario);
      assertEquals([...new Set(truth.expectedAlerts.map(({ kind }) => kind))], kinds);
      for (const records of byDrone.values()) {
        for (const [i, { record: { body, eventTimeUs }, atUs }] of records.entries()) {
          if (body.case === "battery") assertGreater(body.value.remainingCpct!, 3500);
          assertLess(Math.abs(atUs - Number(eventTimeUs)), 100_000);
          if (i > 0) assertLess(atUs - records[i - 1]!.atUs, 200_000);
        }
      }
    });
  }

  it("low-battery: exactly the drones that the truth names are below 25 %, soon and for good", () => {
    const { truth, byDrone, named } = send("low-battery", 40);
    assertEquals(named.size, 2);
    for (const [droneId, records] of byDrone) {
      const charges = records.flatMap(({ record: { body }, atUs }) =>
        body.case === "battery" ? [{ atUs, cpct: body.value.remainingCpct! }] : []
      );
      const first = charges.findIndex(({ cpct }) => cpct < 2500);
      assertEquals(first !== -1, named.has(droneId));
      if (first === -1) continue;
      assertLess(charges[first]!.atUs, START_US + 6e6);
      assert(charges.slice(first).every(({ cpct }) => cpct < 2500 && cpct > 2000));
    }
    assertEquals(new Set(truth.expectedAlerts.map(({ kind }) => kind)), new Set(["battery-low"]));
  });

  it("link-loss: exactly the drones that the truth names are silent for more than 5 s, in the air, and come back", () => {
    const { truth, byDrone, named } = send("link-loss");
    assertEquals(named.size, 2);
    for (const [droneId, records] of byDrone) {
      const gaps = records.flatMap(({ record, atUs }, i) => {
        const before = records[i - 1];
        return before && atUs - before.atUs > 1e6 ? [{ gapUs: atUs - before.atUs, before, record }] : [];
      });
      assertEquals(gaps.length, named.has(droneId) ? 1 : 0);
      for (const { gapUs, before } of gaps) {
        assertGreater(gapUs, 5e6);
        assert(before.record.flags & RecordFlag.IN_AIR);
        const expected = truth.expectedAlerts.find((alert) => alert.droneId === droneId)!;
        assert(before.atUs + 3e6 >= expected.notBeforeUs && before.atUs + 3.5e6 <= expected.byUs);
      }
    }
  });

  it("clock-skew: exactly the drones that the truth names are fast or unset", () => {
    const { byDrone, named } = send("clock-skew", 2);
    assertEquals(named.size, 4);
    const skews = { fast: 0, unset: 0 };
    for (const [droneId, records] of byDrone) {
      for (const { record, atUs } of records.slice(0, 1)) {
        const offUs = Number(record.eventTimeUs) - atUs;
        const isRight = Math.abs(offUs) < 10_000;
        assertEquals(isRight, !named.has(droneId));
        if (Number(record.eventTimeUs) < 1e12) skews.unset++;
        else if (!isRight) skews.fast++;
      }
    }
    assertEquals(skews, { fast: 2, unset: 2 });
  });

  it("duplicates: repeated frames have the bytes of frames before, and the truth counts their records", () => {
    const { truth, emissions } = send("duplicates", 5);
    const seen = new Set<string>();
    let repeated = 0;
    for (const { frame, note, records } of emissions) {
      const key = frame.toHex();
      assertEquals(seen.has(key), note === "duplicate");
      seen.add(key);
      if (note === "duplicate") repeated += records.length;
    }
    assertGreater(repeated, 50);
    assertEquals(truth.duplicateRecords, repeated);
  });

  it("out-of-order: event times go back, by at most 80 ms", () => {
    let back = 0;
    for (const records of send("out-of-order", 5).byDrone.values()) {
      let highest = 0;
      for (const { record } of records) {
        const eventTimeUs = Number(record.eventTimeUs);
        if (eventTimeUs < highest) back++;
        assertGreater(eventTimeUs, highest - 80_000);
        highest = Math.max(highest, eventTimeUs);
      }
    }
    assertGreater(back, 100);
  });

  it("glitch: the truth names every jump, lost fix and null island, and damaged frames do not decode", () => {
    const { truth, emissions, byDrone } = send("glitch");
    const named = new Set(truth.glitches.map(({ droneId, atUs }) => `${droneId} ${atUs}`));
    assertGreater(named.size, 5);
    assertEquals(new Set(truth.glitches.map(({ sort }) => sort)).size, 3);
    const bad = [...byDrone].flatMap(([droneId, records]) => badFixes(records).map((timeUs) => `${droneId} ${timeUs}`));
    assertEquals(new Set(bad), named);
    const damaged = emissions.filter(({ note }) => note === "malformed");
    assertGreater(damaged.length, 0);
    assertEquals(damaged.length, truth.malformedFrames);
    for (const { frame } of damaged) {
      let decoded = true;
      try {
        fromBinary(TelemetryFrameSchema, frame);
      } catch (error) {
        assert(error instanceof Error);
        decoded = false;
      }
      assertEquals(decoded, false);
    }
  });

  it("glitch: the truth expects an alert at every bad fix after which 10 s without one come to an end", () => {
    const { truth, byDrone } = send("glitch", 90);
    const seen = [...byDrone].flatMap(([droneId, records]) => {
      const bad = badFixes(records);
      return bad.filter((timeUs, i) => timeUs - (bad[i - 1] ?? 0) > 10e6)
        .map((raisedUs) => ({ kind: "position-glitch", droneId, raisedUs }));
    });
    assertGreater(seen.length, 5);
    assertEquals(compareAlerts(truth.expectedAlerts, { seen: seen, endUs: START_US + 90e6 }).matches, true);
    for (const records of byDrone.values()) {
      const bad = badFixes(records);
      for (const [i, timeUs] of bad.entries()) {
        const sinceUs = timeUs - (bad[i - 1] ?? 0);
        assert(sinceUs <= 9e6 || sinceUs >= 11e6, `${sinceUs} µs is too near to 10 s`);
      }
    }
  });

  it("crossing: pairs come as near as the truth says, when it says", () => {
    const { truth, byDrone } = send("crossing", 30);
    const past = truth.encounters.filter(({ atUs }) => atUs < START_US + 30e6);
    assertEquals(past.length, DRONES / 2);
    for (const { droneIds, atUs, horizontalM, verticalM } of past) {
      const [a, b] = droneIds.map((droneId) => positionAt(byDrone.get(droneId)!, atUs));
      const northM = (a!.latE7 - b!.latE7) * 0.011119;
      const eastM = (a!.lonE7 - b!.lonE7) * 0.011119 * Math.cos(47.4 * Math.PI / 180);
      // Each receiver has a bias of its own.
      assertAlmostEquals(Math.hypot(northM, eastM), horizontalM, 8);
      assertAlmostEquals(Math.abs(a!.altM - b!.altM), verticalM, 6);
    }
  });
});

/** Event times, Unix µs, of positions without a fix, at 0°/0°, or more than 500 m from the last good one. */
function badFixes(records: { record: Telemetry }[]): number[] {
  let good: { latE7: number; lonE7: number } | null = null;
  return records.flatMap(({ record: { body, eventTimeUs } }) => {
    if (body.case !== "position") return [];
    const { latE7, lonE7, fixType } = body.value;
    const isFar = good !== null && Math.hypot(latE7 - good.latE7, lonE7 - good.lonE7) > 50_000;
    if (fixType < 2 || (latE7 === 0 && lonE7 === 0) || isFar) return [Number(eventTimeUs)];
    good = { latE7, lonE7 };
    return [];
  });
}

function positionAt(records: { record: Telemetry; atUs: number }[], atUs: number) {
  const fixes = records.flatMap(({ record: { body, eventTimeUs } }) =>
    body.case === "position" ? [{ ...body.value, offUs: Math.abs(Number(eventTimeUs) - atUs) }] : []
  );
  const { latE7, lonE7, altMslMm, vnCms, veCms, offUs } = fixes.toSorted((a, b) => a.offUs - b.offUs)[0]!;
  assertLess(Math.hypot(vnCms, veCms) * offUs / 1e8, 1.5);
  return { latE7, lonE7, altM: (altMslMm ?? 0) / 1000 };
}

describe("compareAlerts", () => {
  const expected = [{ kind: "link-loss", droneId: "a", notBeforeUs: 100, byUs: 200 }];
  const table = [
    { name: "the expected alert matches", seen: [{ kind: "link-loss", droneId: "a", raisedUs: 150 }], matches: true },
    {
      name: "kinds the truth is silent about are not judged",
      seen: [
        { kind: "link-loss", droneId: "a", raisedUs: 150 },
        { kind: "degraded", droneId: "b", raisedUs: 150 },
      ],
      matches: true,
    },
    { name: "nothing is missing", seen: [], matches: false },
    { name: "too early is unexpected", seen: [{ kind: "link-loss", droneId: "a", raisedUs: 50 }], matches: false },
    {
      name: "twice is unexpected",
      seen: [
        { kind: "link-loss", droneId: "a", raisedUs: 150 },
        { kind: "link-loss", droneId: "a", raisedUs: 160 },
      ],
      matches: false,
    },
  ];
  for (const { name, seen, matches } of table) {
    it(name, () => assertEquals(compareAlerts(expected, { seen: seen, endUs: 300 }).matches, matches));
  }

  it("an alert that still had time to come is not missing", () => {
    assertEquals(compareAlerts(expected, { seen: [], endUs: 150 }).matches, true);
  });
});
