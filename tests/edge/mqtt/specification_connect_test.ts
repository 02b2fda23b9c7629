// Normative statements of MQTT 5.0 (and, where said, of 3.1.1) about connecting, as far as they are about a server.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { batteryFrame } from "../rig.ts";
import { StillEdge } from "../still_rig.ts";
import { type Heard, Peer } from "./peer.ts";

type Test = (rig: StillEdge) => Promise<void>;
type Connect = Partial<Heard<"connect">>;

const WILL = { topic: "fleet/d1/telemetry", payload: "", qos: 1 as const, retain: false };

/** Connects with the CONNECT's bytes changed. */
async function changed(
  rig: StillEdge,
  change: (bytes: Uint8Array) => void,
  { version = 5, ...connect }: Connect & { version?: 4 | 5 } = {},
): Promise<Peer> {
  const peer = await Peer.open(rig, version);
  const packet = { clientId: "c1", clean: true, keepalive: 0, ...connect, cmd: "connect" as const };
  const bytes = peer.bytes(packet);
  change(bytes);
  peer.receive(bytes);
  return await peer.answered(rig);
}

/** What a CONNECT is answered with. */
async function answer(rig: StillEdge, connect: Connect): Promise<number | undefined> {
  return (await Peer.connect(rig, connect)).one("connack").reasonCode;
}

const FLAGS = 9;

const STATEMENTS: Record<string, Test> = {
  "[MQTT-1.5.4-1] closes over a client identifier that is no UTF-8": async (rig) => {
    const peer = await changed(rig, (bytes) => bytes[bytes.length - 1] = 0xff);
    assertEquals([peer.one("connack").reasonCode, peer.closed !== null], [0x85, true]);
  },
  "[MQTT-1.5.4-2] takes no null character in a string": async (rig) => {
    assertEquals(await answer(rig, { clientId: "a\0b" }), 0x85);
  },
  "[MQTT-2.1.3-1] closes over reserved flags of a fixed header that are set": async (rig) => {
    const peer = await changed(rig, (bytes) => bytes[0]! |= 1);
    assertEquals([peer.heard, peer.closed !== null], [[], true]);
  },
  "[MQTT-3.1.0-1] closes when the first packet is no CONNECT": async (rig) => {
    const peer = await Peer.open(rig);
    peer.say({ cmd: "pingreq" });
    assertEquals([peer.heard, peer.closed !== null], [[], true]);
  },
  "[MQTT-3.1.0-2] closes over a second CONNECT": async (rig) => {
    const peer = await Peer.connect(rig);
    peer.say({ cmd: "connect", clientId: "c1", clean: true, keepalive: 0 });
    assertEquals([peer.one("disconnect").reasonCode, peer.closed !== null], [0x82, true]);
  },
  "[MQTT-3.1.2-1] closes over another protocol's name": async (rig) => {
    const peer = await changed(rig, (bytes) => bytes[5] = 0x58);
    assert(peer.closed !== null);
    assertEquals(peer.all("connack").map(({ reasonCode }) => reasonCode), [0x84]);
  },
  "[MQTT-3.1.2-2] answers a version that is not spoken with 0x84": async (rig) => {
    const peer = await changed(rig, (bytes) => bytes[8] = 6);
    assert(peer.closed !== null);
  },
  "[MQTT-3.1.2-2] of 3.1.1: answers a version that is not spoken with return code 1": async (rig) => {
    const peer = await changed(rig, (bytes) => bytes[8] = 6, { version: 4 });
    assertEquals([peer.one("connack").returnCode, peer.closed !== null], [1, true]);
  },
  "[MQTT-3.1.2-3] closes over the reserved flag of a CONNECT": async (rig) => {
    assert((await changed(rig, (bytes) => bytes[FLAGS]! |= 1)).closed !== null);
  },
  "[MQTT-3.1.2-4] discards what session there was, for a clean start": async (rig) => {
    const properties = { sessionExpiryInterval: 100 };
    const before = await Peer.connect(rig, { properties });
    before.say({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "fleet/d1/alerts", qos: 1 }] });
    before.close();
    const after = await Peer.connect(rig, { properties });
    after.say({ cmd: "unsubscribe", messageId: 1, unsubscriptions: ["fleet/d1/alerts"] });
    assertEquals([after.one("connack").sessionPresent, after.one("unsuback").granted], [false, [0x11]]);
  },
  "[MQTT-3.1.2-5] goes on with the session that there is": async (rig) => {
    const connect = { clean: false, properties: { sessionExpiryInterval: 100 } };
    const before = await Peer.connect(rig, connect);
    before.say({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "fleet/d1/alerts", qos: 1 }] });
    before.close();
    const after = await Peer.connect(rig, connect);
    after.say({ cmd: "unsubscribe", messageId: 1, unsubscriptions: ["fleet/d1/alerts"] });
    assertEquals([after.one("connack").sessionPresent, after.one("unsuback").granted], [true, [0]]);
  },
  "[MQTT-3.1.2-6] begins a session where there is none": async (rig) => {
    const connect = { clean: false, properties: { sessionExpiryInterval: 100 } };
    assertEquals((await Peer.connect(rig, connect)).one("connack").sessionPresent, false);
  },
  "[MQTT-3.1.2-11] closes over a will's QoS without a will": async (rig) => {
    assert((await changed(rig, (bytes) => bytes[FLAGS]! |= 0x08)).closed !== null);
  },
  "[MQTT-3.1.2-13] closes over a will that is retained without a will": async (rig) => {
    assert((await changed(rig, (bytes) => bytes[FLAGS]! |= 0x20)).closed !== null);
  },
  "[MQTT-3.1.2-22] closes when nothing has come for one and a half times the keep-alive": async (rig) => {
    const peer = await Peer.connect(rig, { keepalive: 4 });
    for (let i = 0; i < 3; i++) {
      await rig.pass(5000);
      peer.say({ cmd: "pingreq" });
    }
    assertEquals([peer.closed, peer.all("pingresp").length], [null, 3]);
    await rig.pass(5900);
    assertEquals(peer.closed, null);
    await rig.pass(1200);
    assertEquals([peer.one("disconnect").reasonCode, peer.closed !== null], [0x8d, true]);
  },
  "[MQTT-3.1.2-24] of 3.1.1: closes when nothing has come for one and a half times the keep-alive": async (rig) => {
    const peer = await Peer.connect(rig, { keepalive: 2, version: 4 });
    await rig.pass(2900);
    assertEquals(peer.closed, null);
    await rig.pass(1200);
    assert(peer.closed !== null);
  },
  "[MQTT-3.1.2-22] of 3.1.1: closes over a password without a user name": async (rig) => {
    const peer = await changed(rig, (bytes) => bytes[FLAGS]! |= 0x40, { version: 4 });
    assert(peer.closed !== null);
  },
  "[MQTT-3.1.2-29] gives no reason in words to who does not want one": async (rig) => {
    const peer = await Peer.connect(rig, { properties: { requestProblemInformation: false } });
    peer.publish("fleet/d1/telemetry", "no frame");
    assertEquals([peer.one("puback").reasonCode, peer.one("puback").properties], [0x99, undefined]);
  },
  "[MQTT-3.1.3-5] takes client identifiers of 1 to 23 letters and digits": async (rig) => {
    for (const clientId of ["a", "abcdefghijklmnopqrstuvw", "ABCDEFGHIJKLMNOPQRSTUVW", "0123456789XYZxyz"]) {
      assertEquals(await answer(rig, { clientId }), 0);
    }
  },
  "[MQTT-3.1.3-6] gives who has no identifier one of its own, and [MQTT-3.1.3-7] says which": async (rig) => {
    const [a, b] = [await Peer.connect(rig, { clientId: "" }), await Peer.connect(rig, { clientId: "" })];
    const [first, second] = [a, b].map((peer) => peer.one("connack").properties?.assignedClientIdentifier ?? "");
    assertMatch(first!, /^slipstream-[0-9a-f]{24}$/);
    assert(first !== second && a.closed === null);
  },
  "[MQTT-3.1.3-8] of 3.1.1: has no session for who has no identifier": async (rig) => {
    const peer = await changed(rig, (bytes) => bytes[FLAGS]! &= ~2, { version: 4, clientId: "" });
    assertEquals([peer.one("connack").returnCode, peer.closed !== null], [2, true]);
  },
  "[MQTT-3.1.4-1] closes over a CONNECT that is none, without a CONNACK": async (rig) => {
    const peer = await Peer.open(rig);
    peer.receive(Uint8Array.of(0x10, 0));
    assertEquals([peer.heard, peer.closed !== null], [[], true]);
  },
  "[MQTT-3.1.4-2] answers what it does not grant with a reason of 0x80 or more": async (rig) => {
    assertEquals(await answer(rig, { will: { ...WILL, topic: "fleet/+/telemetry" } }), 0x90);
    assertEquals(await answer(rig, { properties: { authenticationMethod: "x" } }), 0x8c);
  },
  "[MQTT-3.1.4-3] tells the older connection of a client that another took over": async (rig) => {
    const [first] = [await Peer.connect(rig), await Peer.connect(rig)];
    assertEquals([first.one("disconnect").reasonCode, first.closed !== null], [0x8e, true]);
  },
  "[MQTT-3.1.4-5] acknowledges a CONNECT by 0": async (rig) => {
    assertEquals(await answer(rig, {}), 0);
  },
  "[MQTT-3.1.4-6] does nothing of what comes behind a CONNECT that it refuses": async (rig) => {
    const peer = await Peer.open(rig);
    peer.say({ cmd: "connect", clientId: "a\0b", clean: true, keepalive: 0 });
    peer.publish("fleet/d1/telemetry", batteryFrame("d1", [1]));
    await rig.pass(1000);
    assertEquals((await rig.status()).frames.received, 0);
  },
  "[MQTT-3.2.0-1] sends the CONNACK first, also of what came behind the CONNECT": async (rig) => {
    const peer = await Peer.open(rig);
    peer.say({ cmd: "connect", clientId: "c1", clean: true, keepalive: 0 });
    peer.say({ cmd: "pingreq" });
    await peer.answered(rig);
    assertEquals(peer.heard.map(({ cmd }) => cmd), ["connack", "pingresp"]);
  },
  "[MQTT-3.2.2-2] has no session present after a clean start": async (rig) => {
    assertEquals((await Peer.connect(rig)).one("connack").sessionPresent, false);
  },
  "[MQTT-3.2.2-6] has no session present where it refuses, and [MQTT-3.2.2-7] closes": async (rig) => {
    const properties = { sessionExpiryInterval: 100 };
    (await Peer.connect(rig, { properties })).close();
    const peer = await Peer.connect(rig, { clean: false, properties, will: { ...WILL, topic: "nobody" } });
    assertEquals([peer.one("connack").sessionPresent, peer.closed !== null], [false, true]);
  },
  "[MQTT-3.2.2-13] refuses a will that is to be retained by 0x9a": async (rig) => {
    assertEquals(await answer(rig, { will: { ...WILL, retain: true } }), 0x9a);
  },
  "[MQTT-3.2.2-16] says how it differs from what is taken for granted": async (rig) => {
    const { properties } = (await Peer.connect(rig)).one("connack");
    assertEquals(properties?.retainAvailable, false);
    assertEquals(properties?.sharedSubscriptionAvailable, false);
    assertEquals(properties?.subscriptionIdentifiersAvailable, false);
    assertEquals([properties?.receiveMaximum, properties?.maximumPacketSize], [1024, 65_536]);
  },
  "[MQTT-3.2.2-22] uses a keep-alive of its own, and says so, for who wants none": async (rig) => {
    const peer = await Peer.connect(rig, { keepalive: 0 });
    assertEquals(peer.one("connack").properties?.serverKeepAlive, 300);
    await rig.pass(449_000);
    assertEquals(peer.closed, null);
    await rig.pass(3000);
    assert(peer.closed !== null);
  },
  "[MQTT-3.14.0-1] ends by no DISCONNECT who was not let in": async (rig) => {
    const peer = await Peer.connect(rig, { clientId: "a\0b" });
    assertEquals(peer.all("disconnect"), []);
  },
  "[MQTT-4.12.0-1] knows no other authentication than by certificate or token": async (rig) => {
    assertEquals(await answer(rig, { properties: { authenticationMethod: "SCRAM-SHA-1" } }), 0x8c);
  },
};

describe("MQTT's specification of connecting", () => {
  for (const [statement, test] of Object.entries(STATEMENTS)) {
    it(statement, async () => {
      const rig = await StillEdge.start();
      await test(rig);
      await rig.stop();
    });
  }

  it("lets nobody send much before he is let in", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.open(rig);
    const bytes = [peer.bytes({ cmd: "connect", clientId: "c1", clean: true, keepalive: 0 })];
    for (let i = 0; i < 10; i++) {
      bytes.push(
        peer.bytes({ cmd: "publish", topic: "a", payload: "x".repeat(8000), qos: 0, dup: false, retain: false }),
      );
    }
    for (const part of bytes) peer.receive(part);
    assertEquals([peer.heard, peer.closed?.code], [[], 1008]);
    await rig.stop();
  });

  it("is about who connects: who says nothing is given up after five seconds, as is half a packet after ten", async () => {
    const rig = await StillEdge.start();
    const mute = await Peer.open(rig);
    const slow = await Peer.connect(rig, { keepalive: 60 });
    slow.receive(Uint8Array.of(0x30, 100, 0));
    await rig.pass(4000);
    assertEquals([mute.closed, slow.closed], [null, null]);
    await rig.pass(2500);
    assert(mute.closed !== null && slow.closed === null);
    await rig.pass(5000);
    assertEquals(slow.one("disconnect").reasonCode, 0x81);
    await rig.stop();
  });
});
