import { assert, assertAlmostEquals, assertEquals, assertGreater, assertGreaterOrEqual, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { positionAt, type Round, STILL } from "../../sim/encounters/round.ts";
import { encounterRounds } from "../../sim/encounters/script.ts";
import { Fleet } from "../../sim/fleet.ts";
import { horizontalM, M_PER_DEG, minus, type Point } from "../../sim/geo.ts";
import { subjectOf } from "../../sim/truth.ts";
import { type Fix, forwardedFixes, pairsInAir, predictsConflict } from "./straight_line.ts";

const START_US = 1_760_000_000_000_000;
const SEEDS = [1, 2, 3, 7];
/** A conflict and a near-miss of each kind of first round, and one drone without a partner. */
const DRONES = 17;
const SECONDS = 100;
const PAIRS = 8;
console.log(`sim encounters seeds ${SEEDS}`);

function firstRounds(seed: number, pair: number, count = 30): Round[] {
  return encounterRounds({ seed, pair }).take(count).toArray();
}

const scripts = SEEDS.flatMap((seed) =>
  Array.from({ length: PAIRS }, (_, pair) => ({ name: `seed ${seed} pair ${pair}`, rounds: firstRounds(seed, pair) }))
);

/** From the first drone to the second. */
function apartAt({ tracks: [first, second] }: Round, atS: number) {
  return minus(positionAt(second, atS), positionAt(first, atS));
}

describe("encounterRounds", () => {
  it("gives the same rounds to both partners", () => {
    assertEquals(firstRounds(5, 3), firstRounds(5, 3));
  });

  it("has conflicts and near-misses in turn, and every first kind as both", () => {
    for (const { rounds, name } of scripts) {
      for (const [i, { conflict }] of rounds.entries()) {
        assertEquals(conflict, rounds[0]!.conflict === (i % 2 === 0), name);
      }
    }
    const firsts = scripts.map(({ rounds }) => rounds[0]!);
    const kinds = new Set(firsts.map(({ kind, conflict }) => `${kind} ${conflict}`));
    const expected = ["head-on", "crossing", "overtaking", "vertical"].flatMap((k) => [`${k} true`, `${k} false`]);
    assertEquals(kinds, new Set(expected));
  });

  it("begins every round where the one before has ended, 3 s after both have stopped", () => {
    for (const { rounds, name } of scripts) {
      for (const [i, { tracks, fromS }] of rounds.entries()) {
        const before = rounds[i - 1];
        if (!before) continue;
        assertEquals(fromS, before.endS);
        assertAlmostEquals(fromS - Math.max(...before.tracks.map(({ stopS }) => stopS)), 3, 1e-9, name);
        for (const side of [0, 1] as const) {
          assertEquals(tracks[side].from, positionAt(before.tracks[side], before.endS));
        }
      }
    }
  });

  it("comes as near as it says, when it says, at no time nearer, and ends far apart", () => {
    for (const { rounds, name } of scripts) {
      for (const round of rounds) {
        const { fromS, closestS, endS, horizontalM: missM, verticalM, conflict } = round;
        const closest = apartAt(round, closestS);
        assertAlmostEquals(horizontalM(closest), missM, 1e-6, name);
        assertAlmostEquals(Math.abs(closest.upM), verticalM, 1e-6, name);
        for (let s = fromS; s <= endS; s += 0.1) assertGreaterOrEqual(horizontalM(apartAt(round, s)), missM - 1e-6);
        assertGreaterOrEqual(horizontalM(apartAt(round, endS)), 150);
        const isInside = missM >= 2 && missM <= 20 && verticalM <= 8;
        const isOutside = missM >= 90 && verticalM <= 8 || missM >= 2 && verticalM >= 30;
        assertEquals([isInside, isOutside], [conflict, !conflict], name);
        const afterS = closestS - fromS;
        assert(afterS >= 16 && afterS <= (fromS === 0 ? 22 : 20), `${name}: ${afterS} s`);
      }
    }
  });

  it("flies at 3 to 15 m/s, 40 to 150 m up, near its site, and climbs at most 3 m/s", () => {
    for (const { rounds, name } of scripts) {
      for (const { tracks, endS, kind } of rounds) {
        for (const track of tracks) {
          const speedMps = horizontalM(track.velocity);
          assert(speedMps >= 3 && speedMps <= 15, `${name}: ${speedMps} m/s`);
          assertLess(Math.abs(track.velocity.upM), kind === "vertical" ? 3.01 : 2.51, name);
          for (const { upM, ...place } of [track.from, positionAt(track, endS)]) {
            assert(upM >= 40 - 1e-9 && upM <= 150 + 1e-9, `${name}: ${upM} m up`);
            assertLess(horizontalM({ ...place, upM }), 750, name);
          }
        }
      }
    }
  });
});

/** A fix at time 0, as good as a receiver's worst, of a pair whose site is on the equator. */
function fixOf(position: Point, velocity: Point): Fix {
  return {
    timeUs: 0,
    inAir: true,
    latDeg: position.northM / M_PER_DEG,
    lonDeg: position.eastM / M_PER_DEG,
    upM: position.upM,
    eastMps: velocity.eastM,
    northMps: velocity.northM,
    upMps: velocity.upM,
    hAccM: 1.25,
    vAccM: 1.75,
  };
}

describe("a near-miss", () => {
  it("is not predicted as a conflict by somebody who has seen only one of both set out", () => {
    let missed = 0;
    for (const { rounds, name } of scripts) {
      for (const { tracks: [first, second], conflict, fromS } of rounds) {
        if (conflict || fromS === 0) continue;
        missed++;
        const settings = { atUs: 0, volume: "inflated" } as const;
        for (const [a, b] of [[STILL, second.velocity], [first.velocity, STILL]] as const) {
          assertEquals(predictsConflict(fixOf(first.from, a), fixOf(second.from, b), settings), false, name);
        }
      }
    }
    assertGreater(missed, 10);
  });
});

describe("the encounters of crossing", () => {
  for (const seed of SEEDS) {
    it(`seed ${seed}: are predicted straight on exactly where they are conflicts, in time, until they are past`, () => {
      const endUs = START_US + SECONDS * 1e6;
      const fleet = new Fleet({ drones: DRONES, seed, scenario: "crossing", startUs: START_US, coalesce: false });
      const fixes = forwardedFixes(fleet, endUs);
      const { encounters } = fleet.truth();
      const wrong: string[] = [];
      const note = (what: string, atUs: number, ids: string) =>
        wrong.push(`${what} ${ids} at ${(atUs - START_US) / 1e6}`);
      for (const { atUs, droneIds, a, b } of pairsInAir(fixes, { fromUs: START_US + 200_000, toUs: endUs })) {
        const subject = subjectOf(droneIds);
        const encounter = encounters.findLast((e) => subjectOf(e.droneIds) === subject && e.fromUs <= atUs);
        const inConflict = encounter?.conflict && atUs <= encounter.atUs + 12e6;
        if (!inConflict && predictsConflict(a, b, { atUs, volume: "inflated" })) note("nuisance", atUs, subject);
        // The first fixes of a drone that sets out from a hover may be near-duplicates.
        const isDue = encounter?.conflict && atUs >= encounter.fromUs + 0.5e6 && atUs <= encounter.atUs;
        if (isDue && !predictsConflict(a, b, { atUs, volume: "bare" })) note("missed", atUs, subject);
      }
      assertEquals(wrong, []);
    });
  }

  it("are all in the truth once they have begun, with an alert for each conflict", () => {
    const fleet = new Fleet({ drones: DRONES, seed: 1, scenario: "crossing", startUs: START_US, coalesce: false });
    assertEquals(fleet.truth().encounters.length, PAIRS);
    fleet.advance(START_US + SECONDS * 1e6);
    const { encounters, expectedAlerts } = fleet.truth();
    const begun = Array.from(
      { length: PAIRS },
      (_, pair) => firstRounds(1, pair).filter(({ fromS }) => fromS < SECONDS),
    );
    assertEquals(encounters.length, begun.flat().length);
    assertEquals(
      expectedAlerts,
      encounters.filter(({ conflict }) => conflict).map(({ droneIds, fromUs, atUs }) => (
        { kind: "conflict", droneId: subjectOf(droneIds), notBeforeUs: fromUs, byUs: atUs - 8e6 }
      )),
    );
  });
});
