import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Observation } from "../../sim/observer.ts";
import { statusLine } from "../../sim/status_line.ts";

function observation(fleet: Partial<Observation["fleet"]>): Observation {
  const records = { received: 0, forwarded: 0, duplicate: 0, nearDuplicate: 0, malformed: 0, refused: 0, shed: 0 };
  return {
    edge: {
      connections: 0,
      records,
      frames: { received: 0, malformed: 0 },
      bytes: { received: 0, batchRaw: 0, batchSent: 0 },
      batches: { safety: 0, bulk: 0 },
    },
    fleet: {
      drones: 3,
      dronesAirborne: 2,
      openAlerts: 0,
      alertsNotRaised: {},
      tooSlow: null,
      records: { received: 0, accepted: 0, duplicate: 0, late: 0, nearDuplicate: 0, retimed: 0 },
      sensorToWindowMs: null,
      sensorToAlertMs: null,
      ...fleet,
    },
    alerts: [],
  };
}

function lineOf(fleet: Partial<Observation["fleet"]>, simulatorLagMs = 0): string {
  return statusLine({ before: observation({}), now: observation(fleet), seconds: 1, ageS: 7, simulatorLagMs });
}

describe("the demo's status line", () => {
  it("says which part of the machine is too slow, and by how much, before anything else", () => {
    assertMatch(lineOf({}, 13_240), /^ {3}7 s \| TOO SLOW: simulator 13\.2 s late \| 3 drones/);
    const tooSlow = { what: "edge edge-1", lagMs: 640 };
    assertMatch(lineOf({ tooSlow }), /^ {3}7 s \| TOO SLOW: edge edge-1 0\.6 s late \| /);
    assertMatch(lineOf({ tooSlow }, 900), /TOO SLOW: simulator 0\.9 s late, edge edge-1 0\.6 s late/);
    assertEquals(lineOf({}, 400).includes("TOO SLOW"), false);
  });

  it("says how many alerts of which kind were not raised", () => {
    assertMatch(
      lineOf({ openAlerts: 5, alertsNotRaised: { "link-loss": 12, conflict: 1 } }),
      /\b5 alert\(s\) open, not raised: link-loss 12, conflict 1$/,
    );
    assertMatch(lineOf({ openAlerts: 5 }), /\b5 alert\(s\) open$/);
  });
});
