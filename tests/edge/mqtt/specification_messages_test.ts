// Normative statements of MQTT 5.0 (and, where said, of 3.1.1) about messages and subscriptions, as far as they are about a
// server for these topics.
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isFilter, isTopicName, matches } from "../../../edge/ingest/mqtt/topics.ts";
import { batteryFrame } from "../rig.ts";
import { StillEdge } from "../still_rig.ts";
import { Peer } from "./peer.ts";

type Test = (peer: Peer, rig: StillEdge) => Promise<void> | void;

const TOPIC = "fleet/d1/telemetry";
const ALERTS = "fleet/d1/alerts";

function subscribe(peer: Peer, topics: string[], rest: Record<string, unknown> = {}): number[] {
  const before = peer.all("suback").length;
  peer.say({ cmd: "subscribe", messageId: 7, subscriptions: topics.map((topic) => ({ topic, qos: 1 })), ...rest });
  return (peer.all("suback")[before]?.granted ?? []) as number[];
}

function changed(peer: Peer, bytes: Uint8Array, change: (bytes: Uint8Array) => void): void {
  change(bytes);
  peer.receive(bytes);
}

const publish = (peer: Peer, qos: 0 | 1 | 2 = 1) =>
  peer.bytes({ cmd: "publish", topic: TOPIC, payload: "", qos, messageId: 3, dup: false, retain: false });

const STATEMENTS: Record<string, Test> = {
  "[MQTT-2.2.1-3] closes over a packet identifier of 0": (peer) => {
    const bytes = peer.bytes({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: ALERTS, qos: 0 }] });
    changed(peer, bytes, () => bytes[3] = 0);
    assertEquals(peer.one("disconnect").reasonCode, 0x82);
  },
  "[MQTT-2.2.1-5] acknowledges by the identifier of what it acknowledges": async (peer, rig) => {
    for (const messageId of [1, 500, 65_535]) peer.publish(TOPIC, batteryFrame("d1", [messageId]), { messageId });
    await rig.pass(1000);
    assertEquals(peer.acknowledged.sort((a, b) => a - b), [1, 500, 65_535]);
  },
  "[MQTT-2.2.1-6] acknowledges subscriptions by the identifier of what it acknowledges": (peer) => {
    subscribe(peer, [ALERTS], { messageId: 321 });
    assertEquals(peer.one("suback").messageId, 321);
  },
  "[MQTT-3.3.1-2] closes over DUP at QoS 0": (peer) => {
    changed(peer, publish(peer, 0), (bytes) => bytes[0]! |= 8);
    assertEquals(peer.one("disconnect").reasonCode, 0x82);
  },
  "[MQTT-3.3.1-4] closes over a QoS of 3": (peer) => {
    changed(peer, publish(peer), (bytes) => bytes[0]! |= 6);
    assertEquals(peer.one("disconnect").reasonCode, 0x81);
  },
  "[MQTT-3.3.2-1] closes over a topic that is no text": (peer) => {
    changed(peer, publish(peer), (bytes) => bytes[4] = 0xff);
    assertEquals(peer.one("disconnect").reasonCode, 0x90);
  },
  "[MQTT-3.3.2-2] closes over wildcards in a topic": (peer) => {
    peer.publish("fleet/+/telemetry", "");
    assertEquals(peer.one("disconnect").reasonCode, 0x90);
  },
  "[MQTT-3.3.2-9] takes no topic alias, as it has said": (peer) => {
    peer.publish(TOPIC, "", { properties: { topicAlias: 1 } });
    assertEquals(peer.one("disconnect").reasonCode, 0x94);
  },
  "[MQTT-3.3.4-1] answers each QoS as it must": async (peer, rig) => {
    peer.publish(TOPIC, batteryFrame("d1", [1]), { qos: 0 });
    peer.publish(TOPIC, batteryFrame("d1", [2]), { qos: 1, messageId: 4 });
    peer.publish(TOPIC, batteryFrame("d1", [3]), { qos: 2, messageId: 5 });
    await rig.pass(1000);
    assertEquals([peer.acknowledged, peer.all("pubrec").map(({ messageId }) => messageId)], [[4], [5]]);
  },
  "[MQTT-3.3.4-6] closes over a subscription identifier of a client's PUBLISH": (peer) => {
    peer.publish(TOPIC, "", { properties: { subscriptionIdentifier: 1 } });
    assertEquals(peer.one("disconnect").reasonCode, 0x82);
  },
  "[MQTT-3.3.4-9] closes when more are not acknowledged than it takes": async (peer, rig) => {
    rig.answer = () => null;
    for (let messageId = 1; messageId <= 1024; messageId++) {
      peer.publish(TOPIC, batteryFrame("d1", [messageId]), { messageId });
    }
    await rig.pass(10);
    assertEquals(peer.closed, null);
    peer.publish(TOPIC, batteryFrame("d1", [1025]), { messageId: 1025 });
    assertEquals(peer.one("disconnect").reasonCode, 0x93);
  },
  "[MQTT-3.6.1-1] closes over flags of a PUBREL that are not 2": (peer) => {
    changed(peer, peer.bytes({ cmd: "pubrel", messageId: 1 }), (bytes) => bytes[0] = 0x60);
    assertEquals(peer.one("disconnect").reasonCode, 0x81);
  },
  "[MQTT-3.8.1-1] closes over flags of a SUBSCRIBE that are not 2": (peer) => {
    const bytes = peer.bytes({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: ALERTS, qos: 0 }] });
    changed(peer, bytes, () => bytes[0] = 0x80);
    assertEquals(peer.one("disconnect").reasonCode, 0x81);
  },
  "[MQTT-3.8.3-2] closes over a SUBSCRIBE without a filter": (peer) => {
    peer.receive(Uint8Array.of(0x82, 3, 0, 1, 0));
    assertEquals(peer.one("disconnect").reasonCode, 0x82);
  },
  "[MQTT-3.8.3-4] closes over No Local on a shared subscription": (peer) => {
    peer.say({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "$share/g/#", qos: 0, nl: true }] });
    assertEquals(peer.one("disconnect").reasonCode, 0x82);
  },
  "[MQTT-3.8.3-5] closes over reserved bits of a subscription's options": (peer) => {
    const bytes = peer.bytes({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: ALERTS, qos: 0 }] });
    changed(peer, bytes, () => bytes[bytes.length - 1] = 0x40);
    assertEquals(peer.one("disconnect").reasonCode, 0x81);
  },
  "[MQTT-3.8.4-5] answers many filters at once, and [MQTT-3.8.4-6] each of them, in their order": (peer) => {
    const topics = [ALERTS, "$SYS/#", "fleet/d1/telemetry", "a/#/b", "$share/g/fleet/d1/alerts", "fleet/+/alerts/json"];
    assertEquals(subscribe(peer, topics), [1, 0x87, 0x87, 0x8f, 0x9e, 1]);
  },
  "[MQTT-3.10.4-1] ends the subscription with exactly that filter, and [MQTT-3.10.4-5] says where there is none": (
    peer,
  ) => {
    subscribe(peer, [ALERTS, "fleet/d1/#"]);
    peer.say({ cmd: "unsubscribe", messageId: 9, unsubscriptions: ["fleet/d1/#", "fleet/+/alerts", ALERTS, ALERTS] });
    assertEquals([peer.one("unsuback").messageId, peer.one("unsuback").granted], [9, [0, 0x11, 0, 0x11]]);
  },
  "[MQTT-3.10.3-2] closes over an UNSUBSCRIBE without a filter": (peer) => {
    peer.receive(Uint8Array.of(0xa2, 3, 0, 1, 0));
    assertEquals(peer.one("disconnect").reasonCode, 0x82);
  },
  "[MQTT-3.12.4-1] answers a PINGREQ": (peer) => {
    peer.say({ cmd: "pingreq" });
    assertEquals(peer.all("pingresp").length, 1);
  },
  "[MQTT-3.14.1-1] closes over flags of a DISCONNECT": (peer) => {
    peer.receive(Uint8Array.of(0xe1, 0));
    assertEquals(peer.one("disconnect").reasonCode, 0x81);
  },
  "[MQTT-3.14.2-2] takes no expiry of a session that was to have none": (peer) => {
    peer.say({ cmd: "disconnect", reasonCode: 0, properties: { sessionExpiryInterval: 5 } });
    assertEquals(peer.one("disconnect").reasonCode, 0x82);
  },
  "[MQTT-3.15.1-1] takes no AUTH, as none was begun": (peer) => {
    peer.say({ cmd: "auth", reasonCode: 0x18, properties: { authenticationMethod: "x" } });
    assertEquals(peer.one("disconnect").reasonCode, 0x82);
  },
  "[MQTT-4.3.3-11] completes what it is told to release, and says what it does not know": async (peer, rig) => {
    peer.publish(TOPIC, batteryFrame("d1", [1]), { qos: 2, messageId: 5 });
    await rig.pass(1000);
    for (const messageId of [5, 5]) peer.say({ cmd: "pubrel", messageId });
    assertEquals(peer.all("pubcomp").map(({ reasonCode }) => reasonCode), [0, 0x92]);
  },
  "[MQTT-4.3.3-9] answers by a failure of QoS 2 what can be sent anew by the same identifier": async (peer, rig) => {
    peer.publish(TOPIC, "no frame", { qos: 2, messageId: 5 });
    peer.publish(TOPIC, batteryFrame("d1", [1]), { qos: 2, messageId: 5 });
    await rig.pass(1000);
    assertEquals(peer.all("pubrec").map(({ reasonCode }) => reasonCode), [0x99, 0]);
  },
  "[MQTT-4.13.1-1] closes over a packet that is none": (peer) => {
    peer.receive(Uint8Array.of(0x82, 2, 0, 0));
    assert(peer.closed !== null);
  },
  "retained messages are refused by 0x9a": (peer) => {
    peer.publish(TOPIC, batteryFrame("d1", [1]), { retain: true });
    assertEquals(peer.one("disconnect").reasonCode, 0x9a);
  },
  "packets that are too long are refused by 0x95, before they have come": (peer) => {
    peer.receive(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f));
    assertEquals(peer.one("disconnect").reasonCode, 0x95);
  },
  "topics that nobody takes are refused by 0x90": (peer) => {
    for (const topic of ["fleet/d1/status", "telemetry", "$SYS/uptime", "fleet//telemetry", "Fleet/d1/telemetry"]) {
      peer.publish(topic, "", { qos: 1 });
    }
    assertEquals(peer.all("puback").map(({ reasonCode }) => reasonCode), [0x90, 0x90, 0x90, 0x90, 0x90]);
  },
  "subscription identifiers are refused by 0xa1": (peer) => {
    subscribe(peer, [ALERTS], { properties: { subscriptionIdentifier: 5 } });
    assertEquals(peer.one("disconnect").reasonCode, 0xa1);
  },
};

describe("MQTT's specification of messages", () => {
  for (const [statement, test] of Object.entries(STATEMENTS)) {
    it(statement, async () => {
      const rig = await StillEdge.start({ droneBurst: 5000, droneRatePerS: 5000 });
      await test(await Peer.connect(rig), rig);
      await rig.stop();
    });
  }

  it("[MQTT-3.8.4-5] of 3.1.1: answers what it does not grant by 0x80", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.connect(rig, { version: 4 });
    assertEquals(subscribe(peer, [ALERTS, "$SYS/#", "a/#/b"]), [1, 0x80, 0x80]);
    await rig.stop();
  });

  it("[MQTT-3.3.5-2] of 3.1.1: closes over what it does not take", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.connect(rig, { version: 4 });
    peer.publish("fleet/d1/status", "");
    assertEquals([peer.all("puback"), peer.closed !== null], [[], true]);
    await rig.stop();
  });
});

const MATCHES: [filter: string, name: string, does: boolean][] = [
  ["sport/tennis/player1/#", "sport/tennis/player1", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/ranking", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
  ["sport/#", "sport", true],
  ["#", "sport/a", true],
  ["sport/tennis/+", "sport/tennis/player1", true],
  ["sport/tennis/+", "sport/tennis/player1/ranking", false],
  ["sport/+", "sport", false],
  ["sport/+", "sport/", true],
  ["+/+", "/finance", true],
  ["/+", "/finance", true],
  ["+", "/finance", false],
  ["#", "$SYS/monitor", false],
  ["+/monitor/Clients", "$SYS/monitor/Clients", false],
  ["$SYS/#", "$SYS/monitor", true],
  ["ACCOUNTS", "Accounts", false],
];

describe("[MQTT-4.7] filters", () => {
  for (const [filter, name, does] of MATCHES) {
    it(`${filter} ${does ? "matches" : "does not match"} ${name}`, () => assertEquals(matches(filter, name), does));
  }

  it("[MQTT-4.7.1-1] [MQTT-4.7.1-2] have wildcards for whole levels, and # at their end", () => {
    for (const filter of ["#", "+", "a/#", "+/a/+", "a//+", "/"]) assertEquals(isFilter(filter), true, filter);
    for (const filter of ["a#", "a/#/b", "a+", "+a/b", "#/"]) assertEquals(isFilter(filter), false, filter);
  });

  it("[MQTT-4.7.3-1] [MQTT-4.7.3-2] have a character, and no null one; names have no wildcard", () => {
    assertEquals([isFilter(""), isFilter("a\0"), isTopicName(""), isTopicName("a\0b")], [false, false, false, false]);
    assertEquals([isTopicName("a/b c"), isTopicName("a/+"), isTopicName("#")], [true, false, false]);
  });
});
