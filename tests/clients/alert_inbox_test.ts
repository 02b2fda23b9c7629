import { create, fromBinary } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AlertKind, AlertSchema, AlertSeverity, AlertState } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { AlertInbox, encodeAlertAck } from "../../clients/typescript/src/alert_inbox.ts";

interface Said {
  id: number;
  revision?: number;
  atS?: number;
  state?: keyof typeof AlertState;
  severity?: keyof typeof AlertSeverity;
  droneIds?: string[];
  detail?: string;
}

function alert({ id, revision = 1, atS = 0, state = "RAISED", severity = "WARNING", droneIds, detail = "" }: Said) {
  return create(AlertSchema, {
    alertId: BigInt(id),
    kind: AlertKind.CONFLICT,
    droneIds: droneIds ?? ["a", "b"],
    detail,
    revision,
    changedTimeUs: BigInt(atS * 1_000_000),
    state: AlertState[state],
    severity: AlertSeverity[severity],
  });
}

describe("AlertInbox", () => {
  // What is said, in this order, and whether it is to be acted on.
  const cases: Record<string, [Said, boolean][]> = {
    "takes a raise once, however often it is repeated": [
      [{ id: 7 }, true],
      [{ id: 7 }, false],
      [{ id: 7 }, false],
    ],
    "takes each revision once, and none that is older than the last": [
      [{ id: 7 }, true],
      [{ id: 7, revision: 2, severity: "CRITICAL" }, true],
      [{ id: 7 }, false],
      [{ id: 7, revision: 2, severity: "CRITICAL" }, false],
    ],
    "takes a resolution once, and the raise after it": [
      [{ id: 7 }, true],
      [{ id: 7, revision: 2, atS: 5, state: "RESOLVED" }, true],
      [{ id: 7, revision: 2, atS: 5, state: "RESOLVED" }, false],
      [{ id: 9, atS: 6 }, true],
    ],
    "does not take an open condition raised again under another id": [
      [{ id: 7, severity: "CRITICAL" }, true],
      [{ id: 9, severity: "CRITICAL" }, false],
      [{ id: 11 }, false],
    ],
    "knows a condition in whatever order its drones stand": [
      [{ id: 7 }, true],
      [{ id: 9, droneIds: ["b", "a"] }, false],
    ],
    "takes what happens to the condition under its other id": [
      [{ id: 7 }, true],
      [{ id: 9, atS: 1 }, false],
      [{ id: 9, revision: 2, atS: 2, state: "RESOLVED" }, true],
    ],
    "takes an open condition raised again with more severity": [
      [{ id: 7 }, true],
      [{ id: 9, severity: "CRITICAL" }, true],
      [{ id: 7 }, false],
    ],
    "does not believe the old id's late resolution while the condition is open under another": [
      [{ id: 7 }, true],
      [{ id: 9, atS: 6 }, false],
      [{ id: 7 }, false],
      [{ id: 7, revision: 2, atS: 5, state: "RESOLVED" }, false],
    ],
    "takes a resolution under an id whose raise never came": [
      [{ id: 7 }, true],
      [{ id: 9, revision: 2, atS: 5, state: "RESOLVED" }, true],
    ],
    "takes a raise long after one whose resolution never came": [
      [{ id: 7 }, true],
      [{ id: 9, atS: 30 }, false],
      [{ id: 11, atS: 61 }, true],
    ],
    "takes a number given twice when it says something worse, or that it is over": [
      [{ id: 7, revision: 2 }, true],
      [{ id: 7, revision: 2, atS: 1, severity: "CRITICAL" }, true],
      [{ id: 7, revision: 2, atS: 2, state: "RESOLVED" }, true],
    ],
    "tells conditions apart by drones and detail": [
      [{ id: 7 }, true],
      [{ id: 8, droneIds: ["a", "c"] }, true],
      [{ id: 9, detail: "sensor 1" }, true],
    ],
  };
  for (const [name, said] of Object.entries(cases)) {
    it(name, () => {
      const inbox = new AlertInbox();
      assertEquals(said.map(([one]) => inbox.take(alert(one))), said.map(([, isNews]) => isNews));
    });
  }

  it("is acknowledged by whatever clock a drone has", () => {
    const identity = { droneId: "d", bootId: 1 };
    const times = [-5, NaN, Infinity, 1.5].map((nowMs) => {
      const frame = fromBinary(TelemetryFrameSchema, encodeAlertAck(alert({ id: 7 }), { identity, nowMs }));
      return frame.alertAcks[0]?.receivedTimeUs;
    });
    assertEquals(times, [0n, 0n, BigInt(Number.MAX_SAFE_INTEGER), 1500n]);
  });

  it("remembers 256 conditions, those heard of lately", () => {
    const inbox = new AlertInbox();
    const take = (n: number) => inbox.take(alert({ id: n, detail: `${n}` }));
    for (let n = 1; n <= 256; n++) take(n);
    assertEquals(take(1), false);
    assertEquals(take(257), true);
    assertEquals([take(1), take(2)], [false, true]);
  });
});
