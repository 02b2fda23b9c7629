import { create, fromBinary } from "@bufbuild/protobuf";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Connection } from "../../edge/drones/connection.ts";
import { webSocketWire } from "../../edge/ingest/websocket.ts";
import { zeroCounters } from "../../edge/counters.ts";
import { Subscribers } from "../../edge/drones/subscribers.ts";
import { Slots } from "../../edge/drones/slots.ts";
import { Warnings } from "../../edge/drones/warnings.ts";
import { Guard } from "../../platform/guard.ts";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { AlertOutcome, type AlertReceipt, DroneAlertSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { until } from "../e2e/system.ts";
import { batteryFrame, type FakeDrone, frame, type Rig, withEdge } from "./rig.ts";

const RECEIVED_US = 1_790_000_000_000_000n;

function ackFrame(droneId: string, revision: number, records: { seq: number }[] = []): Uint8Array<ArrayBuffer> {
  return frame({ droneId, bootId: 1, records, alertAcks: [{ alertId: 7n, receivedTimeUs: RECEIVED_US, revision }] });
}

function warn({ aggregator }: Rig, droneId: string, revision = 1): void {
  const alert = { alertId: 7n, revision, message: "drone-2 ahead", path: { droneId: "d2", raisedUs: 5n } };
  aggregator.tell({ case: "alerts", value: { alerts: [{ droneId, alert }] } });
}

/** A drone whose records an edge has seen. */
async function flying({ connect }: Rig, droneId: string, seq = 1): Promise<FakeDrone> {
  const drone = connect();
  await drone.hello();
  drone.send(batteryFrame(droneId, [seq]));
  await drone.inbox.until(() => drone.acknowledged().includes(seq));
  return drone;
}

const nowUs = () => BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000));

describe("a warning", () => {
  it("reaches the drone with the time it left the edge, and the drone's acknowledgement the aggregator", () =>
    withEdge({}, async (rig) => {
      const { aggregator, status } = rig;
      const drone = await flying(rig, "d1");
      const beforeUs = nowUs();
      warn(rig, "d1", 3);
      const alert = await drone.inbox.until(() => drone.alerts[0]);
      assertEquals([alert.alertId, alert.revision, alert.message], [7n, 3, "drone-2 ahead"]);
      assertEquals([alert.path?.droneId, alert.path?.raisedUs], ["d2", 5n]);
      drone.send(ackFrame("d1", 3));
      const receipt = await aggregator.messages.until(() => aggregator.receipts[0]);
      assertEquals([receipt.droneId, receipt.alertId, receipt.revision], ["d1", 7n, 3]);
      assertEquals([receipt.outcome, receipt.droneReceivedUs], [AlertOutcome.ACKNOWLEDGED, RECEIVED_US]);
      assertEquals(receipt.edgeSentUs, alert.path?.edgeBackUs);
      assert(beforeUs <= receipt.edgeSentUs && receipt.edgeSentUs <= receipt.edgeAcknowledgedUs);
      assert(receipt.edgeAcknowledgedUs <= nowUs());
      const { warnings, alertAcks } = await status();
      assertEquals(warnings, { sent: 1, delivered: 0, unreachable: 0, acknowledged: 1 });
      assertEquals(alertAcks, { received: 1, unknown: 0 });
    }));

  it("for a drone that has no connection is called unreachable at once", () =>
    withEdge({}, async (rig) => {
      const { aggregator, status } = rig;
      const drone = await flying(rig, "d1");
      await drone.close();
      await until("it has gone", async () => (await status()).connections === 0);
      for (const droneId of ["d1", "nobody"]) warn(rig, droneId, 2);
      await aggregator.messages.until(() => aggregator.receipts.length === 2);
      assertEquals(
        aggregator.receipts.map(({ droneId, alertId, revision, outcome }) => [droneId, alertId, revision, outcome]),
        ["d1", "nobody"].map((droneId) => [droneId, 7n, 2, AlertOutcome.UNREACHABLE]),
      );
      assertEquals((await status()).warnings, { sent: 0, delivered: 0, unreachable: 2, acknowledged: 0 });
    }));

  it("for an absent drone is answered in one message with all others of its message", () =>
    withEdge({}, async (rig) => {
      const { aggregator } = rig;
      const drone = await flying(rig, "d1");
      const drones = ["nobody", "d1", "nowhere", "never"];
      const alerts = drones.map((droneId, i) => ({ droneId, alert: { alertId: BigInt(i), revision: 1 } }));
      aggregator.tell({ case: "alerts", value: { alerts } });
      await aggregator.messages.until(() => aggregator.receipts.length > 0);
      const told = aggregator.messages.all.flatMap(({ body }) => body.case === "alertReceipts" ? [body.value] : []);
      assertEquals(
        told.map(({ receipts }) => receipts.map(({ droneId, alertId, outcome }) => [droneId, alertId, outcome])),
        [[0, 2, 3].map((i) => [drones[i], BigInt(i), AlertOutcome.UNREACHABLE])],
      );
      assertEquals((await drone.inbox.until(() => drone.alerts[0])).alertId, 1n);
    }));

  it("goes to each connection on which the drone spoke just now, once", () =>
    withEdge({}, async (rig) => {
      const drones = [await flying(rig, "d1", 1), await flying(rig, "d1", 2)];
      warn(rig, "d1");
      for (const drone of drones) await drone.inbox.until(() => drone.alerts.length === 1);
      assertEquals((await rig.status()).warnings.sent, 1);
    }));

  it("is acknowledged by a frame whose records are refused", () =>
    withEdge({ droneRatePerS: 1, droneBurst: 1 }, async (rig) => {
      const { aggregator, status } = rig;
      const drone = await flying(rig, "d1");
      warn(rig, "d1");
      await drone.inbox.until(() => drone.alerts[0]);
      drone.send(ackFrame("d1", 1, [{ seq: 2 }, { seq: 3 }]));
      await aggregator.messages.until(() => aggregator.receipts[0]);
      assertEquals((await status()).records.refused, 2);
    }));

  it("acknowledged by another drone, or never sent, is unknown to the edge", () =>
    withEdge({}, async (rig) => {
      const { aggregator, status } = rig;
      const drone = await flying(rig, "d1");
      warn(rig, "d1", 2);
      await drone.inbox.until(() => drone.alerts[0]);
      for (const unknown of [ackFrame("d2", 2), ackFrame("d1", 1), ackFrame("d1", 2)]) drone.send(unknown);
      await aggregator.messages.until(() => aggregator.receipts[0]);
      assertEquals(aggregator.receipts.map(({ droneId, revision }) => [droneId, revision]), [["d1", 2]]);
      assertEquals((await status()).alertAcks, { received: 3, unknown: 2 });
    }));
});

describe("a clock probe", () => {
  it("comes back at once with the edge's time", () =>
    withEdge({}, async ({ aggregator }) => {
      const beforeUs = nowUs();
      aggregator.tell({ case: "clockProbe", value: { aggregatorTimeUs: 17n } });
      const probe = await aggregator.messages.until((all) =>
        all.flatMap(({ body }) => body.case === "clockProbe" ? [body.value] : [])[0]
      );
      assertEquals(probe.aggregatorTimeUs, 17n);
      assert(beforeUs <= probe.edgeTimeUs && probe.edgeTimeUs <= nowUs());
    }));
});

/** Warnings of drone "d1" at a time that the test sets. */
function rig() {
  const sent: Uint8Array[] = [];
  const socket = {
    bufferedAmount: 0,
    readyState: WebSocket.OPEN as number,
    send: (bytes: Uint8Array) => sent.push(bytes),
  };
  const connection = new Connection(webSocketWire(socket as unknown as WebSocket), { clock: () => 0 });
  const slots = new Slots();
  const slot = slots.add({ slot: 1, droneId: "d1", bootId: 1, source: 0 }, { fleet: "f", zone: "z" });
  slots.spoke(slot, connection, { nowMs: 0 });
  const receipts: AlertReceipt[] = [];
  /** Receipts in each message. */
  const told: number[] = [];
  const clock = { nowUs: 1000n, ms: 0 };
  const counters = zeroCounters();
  const warnings = new Warnings({
    slots,
    subscribers: new Subscribers(),
    counters,
    nowUs: () => clock.nowUs,
    clock: () => clock.ms,
    attempt: (fn) => new Guard({ clock: () => clock.ms, log: () => {} }).run(fn),
    tell: (several) => {
      told.push(several.length);
      receipts.push(...several);
    },
  });
  return {
    sent,
    socket,
    clock,
    counters,
    receipts,
    told,
    warnings,
    deliver: (alertId: bigint, revision = 1, path?: { raisedUs: bigint }) =>
      warnings.deliver([create(DroneAlertSchema, { droneId: "d1", alert: { alertId, revision, path } })]),
    acknowledge: (alertId: bigint, revision = 1) =>
      warnings.acknowledge("d1", [{ alertId, revision, receivedTimeUs: RECEIVED_US }]),
  };
}

describe("Warnings", () => {
  it("tell a repeated acknowledgement once, and again after the warning was sent again", () => {
    const { sent, receipts, clock, deliver, acknowledge } = rig();
    deliver(7n);
    acknowledge(7n);
    acknowledge(7n);
    assertEquals([sent.length, receipts.length], [1, 1]);
    clock.nowUs = 2000n;
    deliver(7n);
    acknowledge(7n);
    assertEquals([sent.length, receipts.map(({ edgeSentUs }) => edgeSentUs)], [2, [1000n, 2000n]]);
  });

  it("tell all acknowledgements of a frame in one message, and nothing when there is nothing to tell", () => {
    const { warnings, receipts, told, deliver } = rig();
    for (const alertId of [7n, 8n]) deliver(alertId);
    const acks = [7n, 9n, 8n].map((alertId) => ({ alertId, revision: 1, receivedTimeUs: RECEIVED_US }));
    warnings.acknowledge("d1", acks);
    warnings.acknowledge("d1", acks);
    assertEquals([told, receipts.map(({ alertId }) => alertId)], [[2], [7n, 8n]]);
  });

  it("count from the first try that was not acknowledged: the drone may answer any of them", () => {
    const { receipts, clock, deliver, acknowledge } = rig();
    deliver(7n);
    clock.nowUs = 2000n;
    deliver(7n);
    clock.nowUs = 2500n;
    acknowledge(7n);
    acknowledge(7n);
    const times = receipts.map(({ edgeSentUs, edgeAcknowledgedUs }) => [edgeSentUs, edgeAcknowledgedUs]);
    assertEquals(times, [[1000n, 2500n]]);
  });

  it("take an acknowledgement without a revision for the latest that was sent", () => {
    const { receipts, clock, deliver, acknowledge } = rig();
    deliver(7n, 1);
    clock.nowUs = 2000n;
    deliver(7n, 2);
    acknowledge(7n, 0);
    acknowledge(7n, 2);
    acknowledge(7n, 1);
    assertEquals(receipts.map(({ revision, edgeSentUs }) => [revision, edgeSentUs]), [[2, 2000n], [1, 1000n]]);
  });

  it("leave an alert without a path without one", () => {
    const { sent, clock, deliver } = rig();
    deliver(7n);
    clock.nowUs = 2000n;
    deliver(8n, 1, { raisedUs: 5n });
    const paths = sent.map((bytes) => {
      const { droneId, body } = fromBinary(DroneDownlinkSchema, bytes);
      return [droneId, body.case === "alert" && body.value.path?.edgeBackUs];
    });
    assertEquals(paths, [["d1", undefined], ["d1", 2000n]]);
  });

  for (
    const [name, state] of [
      ["does not read", { bufferedAmount: 2 << 20 }],
      ["is being closed", { readyState: WebSocket.CLOSING }],
    ] as const
  ) {
    it(`call a drone unreachable whose socket ${name}`, () => {
      const { sent, socket, receipts, counters, deliver, acknowledge } = rig();
      Object.assign(socket, state);
      deliver(7n);
      acknowledge(7n);
      assertEquals([sent.length, receipts.map(({ outcome }) => outcome)], [0, [AlertOutcome.UNREACHABLE]]);
      assertEquals([counters.warningsUnreachable, counters.alertAcksUnknown], [1, 1]);
    });
  }

  it("know an acknowledgement for 10 s", () => {
    const { receipts, counters, clock, deliver, acknowledge } = rig();
    deliver(7n);
    deliver(8n);
    clock.ms += 9999;
    acknowledge(7n);
    clock.ms += 1;
    acknowledge(8n);
    assertEquals([receipts.map(({ alertId }) => alertId), counters.alertAcksUnknown], [[7n], 1]);
  });

  it("remember 16,384, those sent longest ago go first", () => {
    const { receipts, counters, deliver, acknowledge } = rig();
    for (const id of [0n, 1n, 0n]) deliver(id);
    for (let id = 2n; id < 16_385n; id++) deliver(id);
    for (const id of [0n, 1n, 2n, 16_384n]) acknowledge(id);
    assertEquals([receipts.map(({ alertId }) => alertId), counters.alertAcksUnknown], [[0n, 2n, 16_384n], 1]);
  });
});
