import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AlertKind } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import type { GroundTruth } from "../../sim/truth.ts";
import type { Told } from "./flyers.ts";
import { brokenPromises, countAlerts, type StoredAlert } from "./judgement.ts";
import { gapsMs } from "./lane_gaps.ts";

const PAIR = ["d1", "d2"];
const S = 1e6;
const truth: GroundTruth = {
  ...{ scenario: "crossing", seed: 1, encounters: [], glitches: [], sent: [], duplicateRecords: 0, malformedFrames: 0 },
  records: { position: 0, battery: 0, obstacles: 0 },
  expectedAlerts: [
    { kind: "conflict", droneId: '["d1","d2"]', notBeforeUs: 0, byUs: 10 * S },
    { kind: "conflict", droneId: '["d1","d2"]', notBeforeUs: 40 * S, byUs: 50 * S },
  ],
};
const stored = (alertId: number, atS: number, droneIds = PAIR): StoredAlert => {
  return { alertId, kind: "conflict", droneIds, raisedTimeUs: atS * S };
};
const told = (alertId: number, atS: number, droneIds = PAIR): Told => {
  return { droneId: "d1", alertId: BigInt(alertId), kind: AlertKind.CONFLICT, droneIds, raisedTimeUs: atS * S };
};
const good = { alerts: [stored(1, 5), stored(2, 45)], told: [told(1, 5), told(1, 5), told(2, 45)] };
const count = (over: Partial<{ alerts: StoredAlert[]; told: Told[]; blindUs: number }>) => {
  return countAlerts({ truth, endUs: 60 * S, blindUs: 0, ...good, ...over });
};
const kept = {
  sent: 9,
  acknowledged: 8,
  shed: 1,
  stored: 8,
  lost: 0,
  uncounted: 0,
  doubled: 0,
  invented: 0,
  unreported: 0,
};

describe("the judgement of an upgrade", () => {
  it("finds nothing wrong with alerts that were repeated under their numbers, each conflict having its own", () => {
    assertEquals(count({}), { expected: 2, missing: 0, beyond: 0, toldTwice: 0, reused: 0 });
    assertEquals(brokenPromises({ records: kept, alerts: count({}) }), []);
  });

  for (
    const [what, over, expected] of [
      ["raised again", { alerts: [...good.alerts, stored(3, 46)] }, { beyond: 1, toldTwice: 1 }],
      ["told again", { told: [...good.told, told(9, 6)] }, { toldTwice: 1 }],
      ["told under the number of another", { told: [...good.told, told(2, 80, ["d1", "d9"])] }, { reused: 1 }],
      ["not raised", { alerts: [stored(1, 5)] }, { missing: 1 }],
      ["raised too late", { alerts: [stored(1, 5), stored(2, 53)] }, { missing: 1, beyond: 1 }],
    ] as [string, Parameters<typeof count>[0], Partial<ReturnType<typeof count>>][]
  ) {
    it(`counts what was ${what}`, () => {
      const { expected: _, ...counted } = count(over);
      assertEquals(counted, { missing: 0, beyond: 0, toldTwice: 0, reused: 0, ...expected });
    });
  }

  it("forgives a warning that comes late as long as nobody was heard", () => {
    assertEquals(count({ alerts: [stored(1, 5), stored(2, 53)], blindUs: 4 * S }).missing, 0);
  });

  it("names each promise that is broken", () => {
    const alerts = count({});
    const broken = (over: Partial<typeof kept>) => brokenPromises({ records: { ...kept, ...over }, alerts }).length;
    assertEquals([{ lost: 1 }, { doubled: 1 }, { uncounted: 1 }, { unreported: 1 }, { shed: 0 }].map(broken), [
      1,
      1,
      1,
      1,
      1,
    ]);
    for (const over of [{ expected: 0 }, { missing: 1 }, { toldTwice: 1 }, { reused: 1 }]) {
      assertEquals(brokenPromises({ records: kept, alerts: { ...alerts, ...over } }).length, 1, JSON.stringify(over));
    }
  });
});

describe("the gap of the safety lane", () => {
  it("is each drone's longest between two fresh positions, where it ends", () => {
    const heard = new Map([["d1", [1, 1.1, 1.2, 3.2, 3.3].map((s) => s * S)], ["d2", [1, 1.5, 2].map((s) => s * S)]]);
    const rounded = (fromS: number, toS: number) => gapsMs(heard, { fromUs: fromS * S, toUs: toS * S }).map(Math.round);
    assertEquals([rounded(0, 2), rounded(2, 9)], [[100, 500], [0, 2000]]);
  });
});
