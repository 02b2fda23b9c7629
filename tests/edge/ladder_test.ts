import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Ladder, LADDER_DEFAULTS } from "../../edge/overload/ladder.ts";

const STEP_MS = 200;

/** Levels after each of these fills, some times a second. */
function climb(fills: number[], lagMs = 0): number[] {
  const ladder = new Ladder();
  return fills.map((fill, i) => {
    ladder.advance({ fill, lagMs }, i * STEP_MS);
    return ladder.level;
  });
}

const held = (times: number, fill: number) => Array.from({ length: times }, () => fill);

describe("Ladder", () => {
  it("takes the level that its pressure calls for, once it has held", () => {
    for (const [fill, level] of [[0.05, 0], [0.1, 1], [0.4, 2], [0.7, 3], [0.9, 4], [2, 4]] as const) {
      assertEquals(climb(held(3, fill)), [0, 0, level], `fill ${fill}`);
    }
    assertEquals(climb(held(3, 0), 25), [0, 0, 1]);
    assertEquals(climb(held(3, 0), 500), [0, 0, 3]);
  });

  it("tells how late the event loop came at worst since it was asked last", () => {
    const ladder = new Ladder();
    for (const [i, lagMs] of [3, 700, -1, 20].entries()) ladder.advance({ fill: 0, lagMs }, i * STEP_MS);
    assertEquals([ladder.takeLagMs(), ladder.takeLagMs()], [700, 0]);
    ladder.advance({ fill: 0, lagMs: 5 }, 4 * STEP_MS);
    assertEquals(ladder.takeLagMs(), 5);
  });

  it("does not move for a pressure that comes and goes", () => {
    assertEquals(Math.max(...climb(Array.from({ length: 50 }, (_, i) => i % 2 === 0 ? 0.95 : 0))), 0);
  });

  it("comes down one level at a time, each after calm, and not at the pressure that is just below", () => {
    const levels = climb([...held(3, 0.95), ...held(80, 0)]);
    assertEquals([...new Set(levels.slice(2))], [4, 3, 2, 1, 0]);
    const stepsDown = LADDER_DEFAULTS.downAfterMs / STEP_MS;
    assertEquals(levels.indexOf(3), 3 + stepsDown);
    assertEquals(new Set(climb([...held(3, 0.95), ...held(80, 0.89)]).slice(2)), new Set([4]));
  });

  it("never changes twice within the time that a change takes", () => {
    const fills = fc.array(fc.double({ min: 0, max: 1.2, noNaN: true }), { maxLength: 200 });
    fc.assert(fc.property(fills, (all) => {
      const levels = climb(all);
      const changes = levels.flatMap((level, i) => i > 0 && level !== levels[i - 1] ? [i] : []);
      const least = LADDER_DEFAULTS.upAfterMs / STEP_MS;
      assert(changes.every((at, i) => i === 0 || at - changes[i - 1]! >= least));
    }));
  });
});
