import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { CrowdPlaces } from "../../aggregator/airspace/crowd_places.ts";
import type { OpenPair } from "../../aggregator/airspace/pairs.ts";
import { type Place, Sky } from "./sky.ts";

const MPS = 8;
const MEET_S = 12;

type Conflict = AlertEvent & { atS: number };

/** A hundred drones that hover 20 m from each other; two that meet at MEET_S, 10 m from those on either side of their way. */
function crossing(sky: Sky): Conflict[] {
  const conflicts: Conflict[] = [];
  for (let i = 0; i < MEET_S * 10; i++) {
    const atS = i / 10;
    sky.at(atS);
    const tell = (id: string, place: Place) => {
      for (const event of sky.tell(id, place)) if (event.kind === "conflict") conflicts.push({ ...event, atS });
    };
    for (let n = 0; n < 100; n++) tell(`d-${n}`, { eastM: 20 * (n % 10), northM: 20 * Math.floor(n / 10) });
    const aheadM = MPS * (MEET_S - atS);
    tell("x-a", { eastM: 90, northM: 90 - aheadM, north: MPS });
    tell("x-b", { eastM: 90, northM: 90 + aheadM, north: -MPS });
    for (const event of sky.tick()) if (event.kind === "conflict") conflicts.push({ ...event, atS });
  }
  return conflicts;
}

describe("two drones of a crowd that will meet", () => {
  it("are warned of each other in time, however many others either comes near and passes on its way", () => {
    const both = crossing(new Sky()).filter(({ droneIds }) => droneIds.join() === "x-a,x-b");
    const raised = both.filter(({ transition }) => transition === "raise");
    assertEquals(raised.map(({ severity }) => severity), ["critical"]);
    assert(raised[0]!.atS < MEET_S - 2.5, `${raised[0]!.atS} s`);
    assertEquals(both.at(-1)?.transition, "raise");
  });

  it("are told of four at a time, and of few of them twice", () => {
    const sky = new Sky();
    const own = crossing(sky).filter(({ droneIds }) => droneIds.includes("x-a"));
    const of = sky.alerts.open().filter(({ kind, droneIds }) => kind === "conflict" && droneIds.includes("x-a"));
    assertEquals(of.length, 4);
    // Those that were told of before there was a crowd are over.
    const raised = own.filter(({ transition, atS }) => transition === "raise" && atS > 3);
    const others = new Set(raised.map(({ droneIds }) => droneIds.join()));
    assert(others.size > 5 && raised.length <= 1.3 * others.size, `${raised.length} of ${others.size}`);
  });
});

describe("CrowdPlaces", () => {
  const rows = new Float64Array(0);
  const NOW_US = 60_000_000;
  const settings = { crowdPairsOfDroneMax: 3 };
  /** Conflicts of drone 0 with 1, 2 …: until each is closest, in s; null: since `passedUs` they come no nearer. */
  const places = (closestS: (number | null)[], { passedUs = 0, outside = [] as number[] } = {}) => {
    const all = closestS.map((s, i): OpenPair => {
      const warnedUs = NOW_US - (s === null ? passedUs : 0);
      return { key: "", a: 0, b: i + 1, withTraffic: false, level: 2, warnedUs, alertedUs: warnedUs };
    });
    let assessed = 0;
    return new CrowdPlaces(settings, {
      pairs: { of: (track) => all.filter(({ a, b }) => a === track || b === track) },
      crowds: { together: (_, a, b) => !outside.includes(Math.max(a, b)) },
      separation: {
        assess: (_, b) => (assessed = b, closestS[b - 1] === null ? 0 : 2),
        get approaches() {
          return closestS[assessed - 1] !== null;
        },
        get closestS() {
          return closestS[assessed - 1] ?? 0;
        },
      },
    });
  };
  const taken = (of: CrowdPlaces, closestS: number) =>
    of.take(rows, [0, 9], { closestS, nowUs: NOW_US })?.map(({ b }) => b) ?? null;

  it("are as many as the settings say now", () => {
    const of = places([1, 2, 3]);
    assertEquals(of.untilS(rows, 0, NOW_US) < Infinity, true);
    settings.crowdPairsOfDroneMax = 4;
    assertEquals(of.untilS(rows, 0, NOW_US), Infinity);
    settings.crowdPairsOfDroneMax = 3;
  });

  it("are free up to their number, not counting who is outside the crowd", () => {
    for (const  of of[places([1, 2]), places([1, 2, 3], { outside: [2] })]) {
      assertEquals([taken(of, 9), of.untilS(rows, 0, NOW_US)], [[], Infinity]);
    }
  });

  it("go from who comes latest to who comes in much less time", () => {
    const of = places([4, 9, 6]);
    assertEquals([taken(of, 6), taken(of, 7)], [[2], null]);
    assertEquals([of.untilS(rows, 0, NOW_US) > 6, of.untilS(rows, 0, NOW_US) < 7], [true, true]);
  });

  it("go from who has passed to anybody, a second later", () => {
    assertEquals(taken(places([4, null, 6], { passedUs: 1_100_000 }), 9), [2]);
    assertEquals(taken(places([4, null, 6], { passedUs: 900_000 }), 9), null);
  });
});
