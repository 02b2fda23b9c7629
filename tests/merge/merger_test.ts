import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { GlobalOutput } from "../../aggregator/merge/global_window.ts";
import { Merger, type MergerSettings } from "../../aggregator/merge/merger.ts";
import { AT, Rig, RIG_SETTINGS, seconds } from "./merger_rig.ts";
import { T0_S, telling } from "./tellings.ts";
import { contentOf, flights, type FlownThrough, flyThrough, keyOf, REGIONS } from "./regions_rig.ts";

const SETTINGS: MergerSettings = { ...RIG_SETTINGS, regions: REGIONS };
const MESSAGE_MS = 100;

/** Messages of all regions, each in order; whose turn it is says `order`. */
function* turns(told: FlownThrough["told"], order: readonly number[]) {
  const next = new Map<string, number>(REGIONS.map((region) => [region, 0]));
  for (let i = 0;; i++) {
    const left = REGIONS.filter((region) => next.get(region)! < told.get(region)!.length);
    if (left.length === 0) return;
    const region = left[order[i % order.length]! % left.length]!;
    const at = next.get(region)!;
    next.set(region, at + 1);
    yield { region, offset: BigInt(at), value: told.get(region)![at]! };
  }
}

/** The last of each window. */
function last(outputs: readonly GlobalOutput[]): Map<string, object> {
  return new Map(outputs.map((output) => [keyOf(output), contentOf(output.window)]));
}

const orders = fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 40 });

describe("windows of several regions", () => {
  it("are those of one pipeline that heard all of them, whoever roams, and however regions take turns", () => {
    fc.assert(
      fc.property(flights, orders, (flight, order) => {
        const flown = flyThrough(flight);
        assertEquals(flown.retimed, 0);
        const merger = new Merger(SETTINGS);
        const outputs = [...turns(flown.told, order)].flatMap(({ region, ...message }, i) => {
          merger.take(region, message, AT);
          return merger.advance(i * MESSAGE_MS);
        });
        assertEquals(last(outputs), flown.whole);
        assertGreater(flown.whole.size, 0);
      }),
      { numRuns: 120 },
    );
  });
});

describe("a merger", () => {
  it("waits until all regions have told a window, and says once who is in it", () => {
    const rig = new Rig();
    assertEquals(rig.tell({ region: "eu", second: 0, drones: ["a", "b"] }, 0), []);
    assertEquals(rig.tell({ region: "eu", fired: 1 }, 0), []);
    assertEquals(rig.tell({ region: "us", second: 0, drones: ["b", "c"] }, 4000), []);
    assertEquals(seconds(rig.tell({ region: "us", fired: 1 }, 4000)), [[0, 3, "eu,us", "", false]]);
    assertEquals(rig.advance(60_000), []);
  });

  it("tells a window without a region that lets it wait, says so, and tells it again with that region", () => {
    const rig = new Rig();
    rig.tell({ region: "eu", second: 0, drones: ["a"] }, 0);
    rig.tell({ region: "eu", fired: 1 }, 0);
    assertEquals(rig.advance(4999), []);
    assertEquals(seconds(rig.advance(5000)), [[0, 1, "eu", "us", false]]);
    const { window: { revision, complete } } = rig.outputs[0]!;
    assertEquals(complete, false);
    // Nobody was there: the same drones, and another word on who has told them.
    const [again] = rig.tell({ region: "us", fired: 1 }, 7000);
    assertEquals(seconds([again!], again!.window.zone), [[0, 1, "eu,us", "", false]]);
    assertGreater(again!.window.revision, revision);
    assertEquals(again!.window.complete, true);
  });

  it("tells what late records change at most once a second, with a higher revision", () => {
    const rig = new Rig();
    for (const region of ["eu", "us"]) rig.tell({ region, second: 0, drones: [region] }, 0);
    for (const region of ["eu", "us"]) rig.tell({ region, fired: 1 }, 0);
    assertEquals(rig.tell({ region: "eu", second: 0, revision: 1, drones: ["eu", "x"] }, 300), []);
    assertEquals(rig.tell({ region: "eu", second: 0, revision: 2, drones: ["eu", "x", "y"] }, 600), []);
    assertEquals(seconds(rig.advance(1000)), [[0, 4, "eu,us", "", false]]);
    const revisions = rig.outputs.filter(({ type, window }) => type === "tumbling" && window.zone === "north")
      .map(({ window }) => window.revision);
    assertEquals(revisions, revisions.toSorted((a, b) => a - b));
    assertEquals(new Set(revisions).size, 2);
  });

  it("keeps a later revision when an earlier one comes again", () => {
    const rig = new Rig({ regions: ["eu"] });
    rig.tell({ region: "eu", second: 0, revision: 1, drones: ["a", "b"] }, 0);
    rig.tell({ region: "eu", second: 0, revision: 0, drones: ["a"] }, 0);
    assertEquals(seconds(rig.tell({ region: "eu", fired: 1 }, 0)), [[0, 2, "eu", "", false]]);
  });

  it("tells a window for the last time when it is final in all regions, and takes nothing of it then", () => {
    const rig = new Rig();
    for (const region of ["eu", "us"]) rig.tell({ region, second: 0, drones: [region] }, 0);
    for (const region of ["eu", "us"]) rig.tell({ region, fired: 1 }, 0);
    assertEquals(rig.tell({ region: "eu", fired: 20, final: 1 }, 0), []);
    assertEquals(seconds(rig.tell({ region: "us", fired: 20, final: 1 }, 0)), [[0, 2, "eu,us", "", true]]);
    rig.tell({ region: "eu", second: 0, revision: 5, drones: ["late"] }, 9000);
    assertEquals([rig.merger.counts.late, seconds(rig.advance(20_000))], [1, []]);
    rig.tell({ region: "eu", final: 11, fired: 20 }, 30_000);
    rig.tell({ region: "us", final: 11, fired: 20 }, 30_000);
    assertEquals(rig.merger.held, { seconds: 0, openSeconds: 0, bytes: 0 });
  });

  it("takes a window of several messages when all of them are there, and none whose beginning it has not read", () => {
    const rig = new Rig({ regions: ["eu"] });
    rig.tell({ region: "eu", second: 0, part: 1, parts: 2, drones: ["b"] }, 0);
    assertEquals(seconds(rig.tell({ region: "eu", fired: 1 }, 0)), []);
    rig.tell({ region: "eu", second: 5, part: 0, parts: 2, drones: ["c"] }, 0);
    rig.tell({ region: "eu", second: 6, part: 1, parts: 2, drones: ["d"] }, 0);
    assertEquals(rig.merger.held.seconds, 0);
    rig.tell({ region: "eu", second: 1, part: 0, parts: 2, drones: ["a"] }, 0);
    assertEquals(seconds(rig.tell({ region: "eu", second: 1, part: 1, parts: 2, drones: ["b"], fired: 2 }, 0)), [
      [1, 2, "eu", "", false],
    ]);
  });

  it("takes nothing from a topic that is another region's, or that it cannot read, and counts it", () => {
    const rig = new Rig();
    rig.merger.take("eu", {
      offset: 0n,
      value: telling({ region: "us", second: 0, drones: ["a"], fired: 9, final: 9 }),
    }, AT);
    rig.merger.take("eu", { offset: 1n, value: new Uint8Array([255]) }, AT);
    rig.merger.take("eu", { offset: 2n, value: telling({ region: "eu", second: 0.5, drones: ["a"] }) }, AT);
    const { stranger, unreadable } = rig.merger.counts;
    assertEquals([stranger, unreadable, rig.advance(60_000)], [1, 2, []]);
  });

  it("counts a drone whose place is no cell, in none", () => {
    const rig = new Rig({ regions: ["eu"] });
    rig.tell({ region: "eu", second: 0, drones: ["a"], cell: 5n }, 0);
    const [output] = rig.tell({ region: "eu", fired: 1 }, 0);
    assertEquals(output!.type === "tumbling" && [output!.window.dronesReporting, output!.window.density], [1, []]);
  });

  it("has no more of what is not final than it may: the oldest windows are final then", () => {
    const bytes = 2 * (telling({ region: "eu", second: 0, drones: ["a"] }).length + 1536);
    const rig = new Rig({ bytesMax: bytes });
    for (let second = 0; second < 4; second++) rig.tell({ region: "eu", second, drones: ["a"], fired: second }, 0);
    assertEquals(rig.merger.held.bytes <= bytes, true);
    const finals = seconds(rig.outputs).filter(([, , , , final]) => final);
    assertEquals(finals.slice(0, 2).map(([second]) => second), [0, 1]);
  });

  it("goes on after a restart with what is not final, and gives the same last rows", () => {
    const of = (merger: Merger, from: number) => {
      const outputs: GlobalOutput[] = [];
      for (const [offset, value] of tellings.entries()) {
        if (offset >= from) merger.take("eu", { offset: BigInt(offset), value }, AT);
        outputs.push(...merger.advance(offset * 1000));
      }
      return outputs;
    };
    const tellings = Array.from({ length: 40 }, (_, second) => [
      telling({ region: "eu", second, drones: [`drone-${second % 3}`] }),
      telling({ region: "eu", fired: second + 1, final: second - 5 }),
    ]).flat();
    const settings = { ...SETTINGS, regions: ["eu"] };
    const whole = last(of(new Merger(settings), 0));
    const before = new Merger(settings);
    const told = new Map<string, object>();
    for (const [offset, value] of tellings.slice(0, 50).entries()) {
      before.take("eu", { offset: BigInt(offset), value }, AT);
      for (const [key, content] of last(before.advance(offset * 1000))) told.set(key, content);
    }
    const place = before.takePlace();
    const from = Number(place.offsets.eu);
    assertGreater(from, 0);
    const after = new Merger(settings);
    after.resume(place);
    const resumed = last(of(after, from));
    assertEquals(new Map([...whole].map(([key]) => [key, resumed.get(key) ?? told.get(key)])), whole);
    assertGreater(after.takePlace().step, place.step);
    const finals = [...resumed.keys()].filter((key) => Number(key.split(" ").at(-1)) + 1 <= place.finalS - T0_S);
    assertEquals(finals.filter((key) => key.startsWith("tumbling")), []);
  });
});
