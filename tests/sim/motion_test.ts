import { assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { legs, type Motion, MotionFlight, steady, swelling } from "../../sim/motion.ts";

const STEP_S = 0.01;
const NORTH = { eastM: 0, northM: 2, upM: 0 };
const EAST = { eastM: 3, northM: 0, upM: 0 };

describe("motions", () => {
  const motions: Record<string, Motion> = {
    "steady": steady(NORTH),
    "legs": legs({ forS: 3, velocity: NORTH }, { forS: 5, velocity: EAST }),
    "swelling": swelling(NORTH, { holdS: 2, rampS: 4 }),
  };
  for (const [name, motion] of Object.entries(motions)) {
    it(`${name}: comes as far as its velocity takes it, at every moment`, () => {
      let [eastM, northM] = [0, 0];
      for (let step = 0; step < 3000; step++) {
        const { velocity } = motion((step + 0.5) * STEP_S);
        eastM += velocity.eastM * STEP_S;
        northM += velocity.northM * STEP_S;
        const { moved } = motion((step + 1) * STEP_S);
        assertAlmostEquals(moved.eastM, eastM, 0.02);
        assertAlmostEquals(moved.northM, northM, 0.02);
      }
    });
  }

  it("swelling: hovers, gathers speed, keeps it and brakes, in rounds", () => {
    const speeds = [1, 4, 7, 10, 13, 16].map((ageS) => motions.swelling!(ageS).velocity.northM);
    assertEquals(speeds, [0, 1, 2, 1, 0, 1]);
  });

  it("legs: end in a hover", () => {
    assertEquals(motions.legs!(20), { moved: { eastM: 15, northM: 6, upM: 0 }, velocity: { ...NORTH, northM: 0 } });
  });

  it("are flown by a drone that looks where it goes, and hovers when it stands", () => {
    const flight = new MotionFlight({ eastM: 1, northM: 1, upM: 50 }, legs({ forS: 3, velocity: EAST }));
    assertEquals([flight.state.phase, flight.state.position.upM], ["leg", 50]);
    flight.advance(5);
    assertEquals(flight.state.phase, "hover");
    assertEquals(flight.state.position, { eastM: 10, northM: 1, upM: 50 });
    assertAlmostEquals(flight.state.headingRad, Math.PI / 2);
  });
});
