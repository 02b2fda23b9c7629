import { create, fromBinary, fromJsonString, toBinary, toJsonString } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AlertKind, AlertSchema } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
import { AlertAckSchema } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { AlertOutcome } from "../../../proto/gen/slipstream/v1/uplink_pb.ts";
import { batteryFrame } from "../rig.ts";
import { StillEdge } from "../still_rig.ts";
import { Peer } from "./peer.ts";

const ALERT = { alertId: 5n, revision: 1, kind: AlertKind.CONFLICT, droneIds: ["d1"], message: "mind", ttlMs: 5000 };

function warn(rig: StillEdge, { droneId = "d1", ...alert }: Partial<typeof ALERT> & { droneId?: string } = {}): void {
  rig.tell({ case: "alerts", value: { alerts: [{ droneId, alert: create(AlertSchema, { ...ALERT, ...alert }) }] } });
}

function outcomes(rig: StillEdge): AlertOutcome[] {
  return rig.messages.flatMap(({ body }) =>
    body.case === "alertReceipts" ? body.value.receipts.map(({ outcome }) => outcome) : []
  );
}

type Connect = Parameters<typeof Peer.connect>[1];

async function subscribed(
  rig: StillEdge,
  topic: string,
  { qos = 1, ...connect }: Connect & { qos?: 0 | 1 | 2 } = {},
): Promise<Peer> {
  const peer = await Peer.connect(rig, connect);
  peer.say({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos }] });
  return peer;
}

describe("a warning over MQTT", () => {
  it("goes to who has subscribed, without having sent anything, and his acknowledgement to the aggregator", async () => {
    const rig = await StillEdge.start();
    const peer = await subscribed(rig, "fleet/d1/alerts");
    warn(rig);
    await rig.pass(10);
    const { topic, payload, qos, messageId, properties } = peer.one("publish");
    assertEquals([topic, qos, properties?.messageExpiryInterval], ["fleet/d1/alerts", 1, 5]);
    assertEquals(fromBinary(AlertSchema, payload as Uint8Array).message, "mind");
    peer.say({ cmd: "puback", messageId });
    assertEquals(outcomes(rig), []);
    peer.publish("fleet/d1/alerts/ack", toBinary(AlertAckSchema, create(AlertAckSchema, { alertId: 5n, revision: 1 })));
    await rig.pass(10);
    assertEquals([peer.acknowledged, outcomes(rig)], [[1], [AlertOutcome.ACKNOWLEDGED]]);
    await rig.stop();
  });

  it("goes down as JSON to who asks for that, and is acknowledged by JSON", async () => {
    const rig = await StillEdge.start();
    const peer = await subscribed(rig, "fleet/+/alerts/json");
    warn(rig);
    await rig.pass(10);
    const { topic, payload } = peer.one("publish");
    const alert = fromJsonString(AlertSchema, new TextDecoder().decode(payload as Uint8Array));
    assertEquals([topic, alert.kind, alert.alertId], ["fleet/d1/alerts/json", AlertKind.CONFLICT, 5n]);
    const ack = toJsonString(AlertAckSchema, create(AlertAckSchema, { alertId: 5n, revision: 1 }));
    peer.publish("fleet/d1/alerts/ack/json", ack);
    await rig.pass(10);
    assertEquals(outcomes(rig), [AlertOutcome.ACKNOWLEDGED]);
    await rig.stop();
  });

  it("finds nobody where nobody has subscribed, though the drone publishes", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.connect(rig);
    peer.publish("fleet/d1/telemetry", batteryFrame("d1", [1]));
    warn(rig);
    await rig.pass(10);
    assertEquals([peer.all("publish").length, outcomes(rig)], [0, [AlertOutcome.UNREACHABLE]]);
    await rig.stop();
  });

  it("goes once to who has subscribed to it by several filters, by the highest QoS among them", async () => {
    const rig = await StillEdge.start();
    const peer = await subscribed(rig, "fleet/d1/#", { qos: 0 });
    const subscriptions = [{ topic: "fleet/+/alerts", qos: 2 as const }, { topic: "#", qos: 1 as const }];
    peer.say({ cmd: "subscribe", messageId: 2, subscriptions });
    warn(rig);
    await rig.pass(10);
    const heard = peer.all("publish").map(({ topic, qos }) => [topic, qos]);
    assertEquals(heard, [["fleet/d1/alerts", 2], ["fleet/d1/alerts/json", 1]]);
    await rig.stop();
  });

  it("of QoS 2 is released once it is received", async () => {
    const rig = await StillEdge.start();
    const peer = await subscribed(rig, "fleet/d1/alerts", { qos: 2 });
    warn(rig);
    await rig.pass(10);
    const { messageId } = peer.one("publish");
    peer.say({ cmd: "pubrec", messageId });
    assertEquals(peer.one("pubrel").messageId, messageId);
    peer.say({ cmd: "pubcomp", messageId });
    assertEquals(peer.closed, null);
    await rig.stop();
  });

  it("waits in a session whose client is away, as long as it is worth delivering", async () => {
    const rig = await StillEdge.start();
    const session = { clean: false, properties: { sessionExpiryInterval: 60 } };
    const before = await subscribed(rig, "fleet/d1/alerts", session);
    before.close();
    warn(rig, { alertId: 1n, ttlMs: 1000 });
    warn(rig, { alertId: 2n, ttlMs: 30_000 });
    warn(rig, { alertId: 2n, revision: 2, ttlMs: 30_000 });
    await rig.pass(2000);
    assertEquals(outcomes(rig), [1, 2, 3].map(() => AlertOutcome.UNREACHABLE));
    const after = await Peer.connect(rig, session);
    assertEquals(after.one("connack").sessionPresent, true);
    const heard = after.all("publish").map(({ payload }) => fromBinary(AlertSchema, payload as Uint8Array));
    assertEquals(heard.map(({ alertId, revision }) => [alertId, revision]), [[2n, 2]]);
    await rig.stop();
  });

  it("that was not answered comes again when the client does, marked as such", async () => {
    const rig = await StillEdge.start();
    const session = { clean: false, version: 4 as const };
    const before = await subscribed(rig, "fleet/d1/alerts", session);
    warn(rig);
    await rig.pass(10);
    before.close();
    const after = await Peer.connect(rig, session);
    const [first, again] = [before.one("publish"), after.one("publish")];
    assertEquals([first.dup, again.dup, again.messageId], [false, true, first.messageId]);
    await rig.stop();
  });

  it("waits for a client that does not read, and of QoS 0 is not sent to it at all", async () => {
    const rig = await StillEdge.start();
    const peer = await subscribed(rig, "fleet/d1/alerts");
    const other = await subscribed(rig, "fleet/d1/alerts", { clientId: "c2", qos: 0 });
    for (const each of [peer, other]) each.bufferedAmount = 1 << 20;
    warn(rig);
    await rig.pass(1500);
    assertEquals([peer.all("publish").length, outcomes(rig)], [0, [AlertOutcome.UNREACHABLE]]);
    for (const each of [peer, other]) each.bufferedAmount = 0;
    await rig.pass(1500);
    assertEquals([peer.all("publish").length, other.all("publish").length], [1, 0]);
    await rig.stop();
  });

  it("is not sent beyond what the client takes before it has answered", async () => {
    const rig = await StillEdge.start();
    const peer = await subscribed(rig, "fleet/d1/alerts", { properties: { receiveMaximum: 2 } });
    for (const alertId of [1n, 2n, 3n]) warn(rig, { alertId });
    await rig.pass(10);
    assertEquals(peer.all("publish").length, 2);
    peer.say({ cmd: "puback", messageId: peer.one("publish").messageId });
    assertEquals(peer.all("publish").length, 3);
    await rig.stop();
  });
});
