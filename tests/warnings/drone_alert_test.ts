import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fromBinary } from "@bufbuild/protobuf";
import { encodeDroneAlerts } from "../../aggregator/warnings/drone_alert.ts";
import { AlertKind, AlertSeverity, AlertState } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { EdgeDownlinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { conflict, PATH, T0 } from "./conflict.ts";

describe("encodeDroneAlerts", () => {
  it("says what is known, and leaves out what is not", () => {
    const alert = conflict(7, { severity: "critical" });
    const bytes = encodeDroneAlerts(
      ["a", "b"].map((droneId) => ({ droneId, named: droneId, alert, raisedUs: T0, ttlMs: 9 })),
    );
    const { body } = fromBinary(EdgeDownlinkSchema, bytes);
    if (body.case !== "alerts") throw new Error(`Cannot judge: ${body.case}`);
    assertEquals(body.value.alerts.map(({ droneId, alert }) => [droneId, alert?.alertId]), [["a", 7n], ["b", 7n]]);
    const message = body.value.alerts[0]?.alert;
    assertEquals(
      [message?.alertId, message?.kind, message?.severity, message?.state, message?.revision, message?.ttlMs],
      [7n, AlertKind.CONFLICT, AlertSeverity.CRITICAL, AlertState.RAISED, 1, 9],
    );
    if (message?.what.case !== "conflict") throw new Error(`Cannot judge: ${message?.what.case}`);
    const { closestVerticalCm, closestHorizontalCm, assumed } = message.what.value;
    assertEquals([closestVerticalCm, closestHorizontalCm, assumed.length], [undefined, 800, 1]);
    assertEquals([message.path?.eventTimeUs, message.path?.raisedUs], [BigInt(PATH.eventTimeUs), BigInt(T0)]);
  });

  it("tells each drone where the other one is, by what the alert calls it", () => {
    const intruders = ["a", "b"].map((named) => {
      const warning = { droneId: "a", named, alert: conflict(7), raisedUs: T0, ttlMs: 9 };
      const { body } = fromBinary(EdgeDownlinkSchema, encodeDroneAlerts([warning]));
      const what = body.case === "alerts" ? body.value.alerts[0]?.alert?.what : undefined;
      return what?.case === "conflict" ? what.value.intruder : undefined;
    });
    assertEquals(intruders.map((intruder) => [intruder?.id, intruder?.latE7]), [["b", 470_000_001], [
      "a",
      470_000_000,
    ]]);
    const { trackCdeg, speedCms, climbCms, altMslMm, ageMs } = intruders[0]!;
    assertEquals([trackCdeg, speedCms, climbCms, altMslMm, ageMs], [27_000, 1500, 0, undefined, 40]);
  });
});
