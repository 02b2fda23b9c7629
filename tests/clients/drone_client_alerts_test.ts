import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { fromBinary } from "@bufbuild/protobuf";
import { AlertState } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { ClientRig } from "./client_rig.ts";

let rig: ClientRig;

describe("a DroneClient that is warned", () => {
  beforeEach(() => void (rig = new ClientRig()));
  afterEach(() => rig[Symbol.dispose]());

  it("acknowledges an alert with its revision and the time, before it hands it on", () => {
    const { socket } = rig.connected();
    rig.onAlert = () => assertEquals(socket.sent.length, 1);
    socket.alert({ alertId: 7n, revision: 3 });
    assertEquals(socket.alertAcks, [{ alertId: 7n, receivedTimeUs: 1_760_000_000_000_000n, revision: 3 }]);
    assertEquals(fromBinary(TelemetryFrameSchema, socket.sent[0]!).droneId, "d");
    assertEquals(rig.alerts, [7n]);
  });

  it("acknowledges an alert each time it is repeated, and hands it on once", () => {
    const { socket } = rig.connected();
    for (const revision of [1, 1, 2, 1, 2]) socket.alert({ alertId: 7n, revision });
    assertEquals(socket.alertAcks.map(({ revision }) => revision), [1, 1, 2, 1, 2]);
    assertEquals(rig.alerts, [7n, 7n]);
  });

  it("acknowledges an open condition raised again under another id, and does not hand it on", () => {
    const { socket } = rig.connected();
    for (const alertId of [7n, 9n]) socket.alert({ alertId, revision: 1, state: AlertState.RAISED });
    assertEquals(socket.alertAcks.map(({ alertId }) => alertId), [7n, 9n]);
    assertEquals(rig.alerts, [7n]);
  });

  it("acknowledges an alert that is past its ttl", () => {
    const { socket } = rig.connected();
    socket.alert({ alertId: 7n, revision: 1, changedTimeUs: 1_759_999_000_000_000n, ttlMs: 1000 });
    assertEquals(socket.alertAcks.map(({ alertId }) => alertId), [7n]);
  });

  it("hands an alert on also when the edge does not read, and adds nothing to what waits in the socket", () => {
    const { socket } = rig.connected();
    socket.bufferedAmount = 2 << 20;
    socket.alert({ alertId: 7n, revision: 1 });
    assertEquals([socket.sent.length, rig.alerts], [0, [7n]]);
  });

  it("remembers over a reconnect which alerts it handed on", () => {
    const { socket } = rig.connected();
    socket.alert({ alertId: 7n, revision: 1 });
    socket.close();
    rig.time.tick(1000);
    rig.socket.accept();
    rig.socket.alert({ alertId: 7n, revision: 1 });
    assertEquals(rig.socket.alertAcks.length, 1);
    assertEquals(rig.alerts, [7n]);
  });
});
