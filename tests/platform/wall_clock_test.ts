import { assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { WallClock } from "../../platform/wall_clock.ts";

const START_MS = 1_790_000_000_000;

function rig() {
  const time = { wallMs: START_MS, monotonicMs: 5.25 };
  const clock = new WallClock({ wallMs: () => Math.floor(time.wallMs), monotonicMs: () => time.monotonicMs });
  const pass = (ms: number) => {
    time.wallMs += ms;
    time.monotonicMs += ms;
  };
  return { time, clock, pass };
}

describe("WallClock", () => {
  it("has fractions of a millisecond", () => {
    const { clock, pass } = rig();
    pass(10.5);
    assertAlmostEquals(clock.now(), START_MS + 10.5, 1e-3);
  });

  for (const stepMs of [3_600_000, -3_600_000, 600, -600]) {
    it(`follows a clock that is set by ${stepMs} ms, and says so once`, () => {
      const { time, clock, pass } = rig();
      pass(1000);
      time.wallMs += stepMs;
      assertAlmostEquals(clock.now(), START_MS + 1000, 1e-3);
      assertAlmostEquals(clock.check(), stepMs, 1);
      assertAlmostEquals(clock.now(), START_MS + 1000 + stepMs, 1);
      assertEquals(clock.check(), 0);
    });
  }

  it("makes up for drift without a step", () => {
    const { time, clock } = rig();
    for (let s = 0; s < 600; s++) {
      time.monotonicMs += 1000;
      time.wallMs += 1000.2;
      assertEquals(clock.check(), 0);
    }
    assertAlmostEquals(clock.now(), time.wallMs, 3);
  });
});
