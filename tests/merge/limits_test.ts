import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Merger } from "../../aggregator/merge/merger.ts";
import { NOWHERE } from "../../aggregator/merge/place.ts";
import { keyOf } from "./regions_rig.ts";
import { AT, Rig, RIG_SETTINGS, seconds } from "./merger_rig.ts";
import { T0_S, telling } from "./tellings.ts";

const DRONES = Array.from({ length: 30 }, (_, i) => `drone-${i}`);
const DAY_S = 86_400;

/** What a region tells of so many seconds at once, when it comes back. */
function backlog(count: number, { final = 0 } = {}): Uint8Array[] {
  const all = Array.from({ length: count }, (_, second) => telling({ region: "eu", second, drones: DRONES }));
  return [...all, telling({ region: "eu", fired: count, final })];
}

function take(merger: Merger, values: readonly Uint8Array[]): void {
  for (const [offset, value] of values.entries()) merger.take("eu", { offset: BigInt(offset), value }, AT);
}

function told(merger: Merger, nowMs: number) {
  return merger.advance(nowMs).map((output) => ({ key: keyOf(output), endS: output.window.endUs / 1e6 - T0_S }));
}

describe("a merger that has much to tell at once", () => {
  const settings = { ...RIG_SETTINGS, regions: ["eu"] };

  it("tells it a piece at a time, in the order in which windows end, and keeps few seconds in objects", () => {
    const whole = new Merger(settings);
    const merger = new Merger({ ...settings, panesMax: 1000 });
    for (const each of [whole, merger]) take(each, backlog(100));
    const pieces: ReturnType<typeof told>[] = [];
    do {
      pieces.push(told(merger, 0));
      assertLess(pieces.at(-1)!.length, 60);
      assertLess(merger.held.openSeconds, 25);
    } while (merger.isBehind && pieces.length < 1000);
    assertGreater(pieces.length, 20);
    const ends = pieces.flat().map(({ endS }) => endS);
    assertEquals(ends, ends.toSorted((a, b) => a - b));
    const all = told(whole, 0).map(({ key }) => key);
    assertEquals(pieces.flat().map(({ key }) => key).sort(), all.sort());
    assertEquals(new Set(all).size, all.length);
  });

  it("is no further with what is final than it has told, and drops nothing that a restart needs", () => {
    const merger = new Merger({ ...settings, panesMax: 1000 });
    take(merger, backlog(100, { final: 100 }));
    const last = new Set<string>();
    let places = 0;
    do {
      for (const { key } of told(merger, 0)) last.add(key);
      const { finalS, offsets } = merger.takePlace();
      const untold = [...Array(100).keys()].findIndex((second) => !last.has(`tumbling survey/north ${second}`));
      if (!merger.isBehind) break;
      places++;
      assertLess(finalS - T0_S, untold + 2);
      assertLess(Number(offsets.eu), Math.max(1, untold + 1));
    } while (places < 1000);
    assertGreater(places, 20);
    assertEquals([merger.takePlace().finalS - T0_S, last.size], [100, 400]);
  });
});

describe("a merger's bound on what it holds", () => {
  it("counts what small messages take beside what is in them", () => {
    const rig = new Rig();
    const { length } = telling({ region: "eu", second: 0, drones: ["a"] });
    rig.tell({ region: "eu", second: 0, drones: ["a"] }, 0);
    assertGreater(rig.merger.held.bytes, length + 1000);
  });
});

describe("a region whose messages are not all there", () => {
  it("is missing in windows that began before it was heard of, until they are final and after a restart", () => {
    const rig = new Rig();
    rig.merger.lack("us");
    rig.tell({ region: "eu", second: 0, drones: ["a"] }, 0);
    rig.tell({ region: "eu", second: 5, drones: ["a"], fired: 16 }, 0);
    rig.tell({ region: "us", fired: 4 }, 0);
    rig.tell({ region: "us", fired: 16 }, 0);
    const of = (kind: string) =>
      rig.outputs.filter(({ type, window }) => type === kind && window.zone === "north").map(({ window }) =>
        [window.startUs / 1e6 - T0_S, window.missingRegions.join(), window.complete] as const
      );
    assertEquals(of("tumbling"), [[0, "us", false], [5, "", true]]);
    const sliding = of("sliding");
    assertEquals(sliding.filter(([startS]) => startS < 5).map(([, missing]) => missing), Array(14).fill("us"));
    assertEquals(sliding.find(([startS]) => startS === 5), [5, "", true]);

    const after = new Rig();
    after.merger.resume(rig.merger.takePlace());
    after.tell({ region: "eu", second: 0, drones: ["a"], fired: 16 }, 0);
    assertEquals(seconds(after.tell({ region: "us", fired: 16 }, 0)), [[0, 1, "eu", "us", false]]);
  });

  it("is missing also in the second that fires as it is heard of: some of its zones may have been told before", () => {
    const rig = new Rig();
    rig.merger.lack("us");
    rig.tell({ region: "eu", second: 5, drones: ["a"], fired: 6 }, 0);
    rig.tell({ region: "us", fired: 5 }, 0);
    assertEquals(seconds(rig.tell({ region: "us", fired: 6 }, 0))[0], [5, 1, "eu", "us", false]);
  });

  it("is read from where it was after two restarts, though nothing of it came between them", () => {
    const [one, two] = [new Rig(), new Rig()];
    one.tell({ region: "us", second: 0, drones: ["a"], fired: 1, final: 1 }, 0);
    const place = one.merger.takePlace();
    two.merger.resume(place);
    two.tell({ region: "eu", fired: 1 }, 0);
    assertEquals([typeof place.offsets.us, two.merger.takePlace().offsets.us], ["string", place.offsets.us]);
  });

  it("begins no window with parts from before", () => {
    const rig = new Rig({ regions: ["eu"] });
    rig.tell({ region: "eu", second: 0, part: 0, parts: 2, drones: ["a"] }, 0);
    rig.merger.lack("eu");
    rig.tell({ region: "eu", second: 0, part: 1, parts: 2, drones: ["b"] }, 0);
    assertEquals(rig.merger.held.seconds, 0);
  });
});

describe("a region whose clock was ahead, and is set back", () => {
  it("counts again at once, is waited for, and is missing in what it has not told", () => {
    const rig = new Rig();
    rig.tell({ region: "us", fired: 1, final: 1 }, 0);
    rig.tell({ region: "eu", fired: 3600, final: 3500 }, 0);
    rig.advance(6000);
    rig.tell({ region: "eu", fired: 20, final: 5 }, 7000);
    assertEquals(rig.tell({ region: "us", second: 24, drones: ["a"] }, 7000), []);
    assertEquals(seconds(rig.tell({ region: "us", fired: 25, final: 5 }, 7000)), []);
    assertEquals(seconds(rig.advance(12_001)), [[24, 1, "us", "eu", false]]);
    rig.tell({ region: "eu", second: 24, drones: ["b"] }, 13_000);
    assertEquals(seconds(rig.tell({ region: "eu", fired: 25, final: 5 }, 14_000)), [[24, 2, "eu,us", "", false]]);
    assertEquals(rig.merger.counts.late, 0);
  });

  it("makes no revision smaller than one before", () => {
    const rig = new Rig();
    rig.tell({ region: "us", second: 24, drones: ["a"], fired: 25, final: 1 }, 0);
    rig.tell({ region: "eu", fired: 3600, final: 3500 }, 0);
    rig.tell({ region: "eu", fired: 20, final: 5 }, 6000);
    rig.tell({ region: "us", second: 24, revision: 1, drones: ["a", "b"] }, 7000);
    rig.advance(20_000);
    assertEquals(seconds(rig.outputs).map(([, drones, , missing]) => [drones, missing]), [[1, ""], [2, "eu"]]);
    const [before, after] = rig.outputs.filter(({ type, window }) => type === "tumbling" && window.zone === "north");
    assertGreater(after!.window.revision, before!.window.revision);
  });
});

describe("a merger that goes on after a restart", () => {
  it("needs seconds that were final then, for windows of ten seconds that were not, and none of those later", () => {
    const rig = new Rig({ regions: ["eu"] });
    rig.merger.resume({ ...NOWHERE, step: 1, finalS: T0_S + 5 });
    for (let second = 0; second < 6; second++) rig.tell({ region: "eu", second, drones: ["a"] }, 0);
    const outputs = rig.tell({ region: "eu", fired: 6, final: 4 }, 0);
    const whole = outputs.find(({ type, window }) => type === "sliding" && window.endUs === (T0_S + 6) * 1e6);
    // Each contribution counts, and the region that has told.
    assertEquals([whole?.window.revision, rig.merger.counts.late], [6, 0]);
    rig.tell({ region: "eu", fired: 20, final: 16 }, 0);
    for (const second of [3, 8]) rig.tell({ region: "eu", second, revision: 1, drones: ["a"] }, 0);
    assertEquals([rig.merger.counts.late, rig.merger.held.seconds], [2, 0]);
  });
});

describe("a message that says what cannot be", () => {
  for (
    const [what, of] of [
      ["windows that have fired", { fired: DAY_S + 1 }],
      ["windows that are final", { final: DAY_S + 1 }],
      ["a window", { second: DAY_S + 1, drones: ["a"] }],
      ["a window in too many messages", { second: 0, part: 0, parts: 2 ** 31 }],
    ] as const
  ) {
    it(`is left out: ${what}${what === "a window in too many messages" ? "" : " of the day after tomorrow"}`, () => {
      const rig = new Rig();
      rig.tell({ region: "eu", ...of }, 0);
      assertEquals([rig.merger.counts.unreadable, rig.merger.held.seconds], [1, 0]);
      assert(rig.merger.regions.every(({ firedS, finalS }) => firedS === -Infinity && finalS === -Infinity));
    });
  }
});
