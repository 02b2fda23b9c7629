import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { batteryFrame } from "../rig.ts";
import { StillEdge } from "../still_rig.ts";
import { Peer } from "./peer.ts";

const WILL = { topic: "fleet/d1/telemetry", payload: "gone", qos: 1 as const, retain: false };

function lost(rig: StillEdge): string[] {
  return rig.messages.flatMap(({ body }) => body.case === "linkLosses" ? body.value.droneIds : []);
}

const present = (peer: Peer) => peer.one("connack").sessionPresent;

describe("an MQTT session", () => {
  it("is there again for who wants it, for as long as he has asked", async () => {
    const rig = await StillEdge.start();
    const asked = { clean: false, properties: { sessionExpiryInterval: 10 } };
    const first = await Peer.connect(rig, asked);
    first.close();
    await rig.pass(9000);
    const second = await Peer.connect(rig, asked);
    second.close();
    await rig.pass(12_000);
    const third = await Peer.connect(rig, asked);
    assertEquals([present(first), present(second), present(third)], [false, true, false]);
    await rig.stop();
  });

  it("is not there for who wants a clean start, nor for somebody else", async () => {
    const rig = await StillEdge.start();
    const asked = { clean: false, properties: { sessionExpiryInterval: 10 } };
    (await Peer.connect(rig, asked)).close();
    assertEquals(present(await Peer.connect(rig, { ...asked, clientId: "c2" })), false);
    assertEquals(present(await Peer.connect(rig, { ...asked, clean: true })), false);
    await rig.stop();
  });

  it("goes over to the newest connection of its client: the old one is told so, and closed", async () => {
    const rig = await StillEdge.start();
    const asked = { clean: false, properties: { sessionExpiryInterval: 10 } };
    const [first, second] = [await Peer.connect(rig, asked), await Peer.connect(rig, asked)];
    assertEquals([first.one("disconnect").reasonCode, first.closed?.code, second.closed], [0x8e, 1000, null]);
    assertEquals([present(second), (await rig.status()).connections], [true, 1]);
    await rig.stop();
  });

  it("knows what of QoS 2 is still to be released, and takes it once", async () => {
    const rig = await StillEdge.start();
    const asked = { clean: false, version: 4 as const };
    const before = await Peer.connect(rig, asked);
    before.publish("fleet/d1/telemetry", batteryFrame("d1", [1]), { qos: 2, messageId: 9 });
    assertEquals(before.all("pubrec").length, 0);
    await rig.pass(1000);
    assertEquals(before.one("pubrec").messageId, 9);
    before.close();
    const after = await Peer.connect(rig, asked);
    after.publish("fleet/d1/telemetry", batteryFrame("d1", [1]), { qos: 2, messageId: 9, dup: true });
    assertEquals(after.one("pubrec").messageId, 9);
    after.say({ cmd: "pubrel", messageId: 9 });
    assertEquals(after.one("pubcomp").messageId, 9);
    assertEquals((await rig.status()).records.received, 1);
    await rig.stop();
  });

  it("can be taken over a thousand times in a row, and leaves nothing behind", async () => {
    const rig = await StillEdge.start();
    const peers: Peer[] = [];
    for (let i = 0; i < 1000; i++) {
      peers.push(await Peer.connect(rig, { clean: i % 2 === 0, properties: { sessionExpiryInterval: 10 } }));
    }
    assertEquals(peers.filter(({ closed }) => closed === null).length, 1);
    assertEquals([(await rig.status()).connections, lost(rig)], [1, []]);
    await rig.stop();
  });
});

describe("a will", () => {
  it("says at once that its drone is lost, when the connection breaks", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.connect(rig, { will: WILL });
    peer.close(1006);
    await rig.pass(300);
    assertEquals(lost(rig), ["d1"]);
    await rig.stop();
  });

  it("says nothing when the client says good-bye, unless that wants it", async () => {
    const rig = await StillEdge.start();
    (await Peer.connect(rig, { will: WILL })).say({ cmd: "disconnect", reasonCode: 0 });
    await rig.pass(300);
    assertEquals(lost(rig), []);
    (await Peer.connect(rig, { will: WILL })).say({ cmd: "disconnect", reasonCode: 4 });
    await rig.pass(300);
    assertEquals(lost(rig), ["d1"]);
    await rig.stop();
  });

  it("waits for its delay, and says nothing if the client is back by then", async () => {
    const rig = await StillEdge.start();
    const will = { ...WILL, properties: { willDelayInterval: 5 } };
    const asked = { will, clean: false, properties: { sessionExpiryInterval: 60 } };
    (await Peer.connect(rig, asked)).close(1006);
    await rig.pass(3000);
    const back = await Peer.connect(rig, asked);
    await rig.pass(6000);
    assertEquals(lost(rig), []);
    back.close(1006);
    await rig.pass(4000);
    assertEquals(lost(rig), []);
    await rig.pass(2500);
    assertEquals(lost(rig), ["d1"]);
    await rig.stop();
  });

  it("is told no later than its session ends", async () => {
    const rig = await StillEdge.start();
    const will = { ...WILL, properties: { willDelayInterval: 500 } };
    (await Peer.connect(rig, { will, properties: { sessionExpiryInterval: 2 } })).close(1006);
    await rig.pass(3500);
    assertEquals(lost(rig), ["d1"]);
    await rig.stop();
  });

  it("says nothing of a drone that is heard by another way", async () => {
    const rig = await StillEdge.start();
    const other = rig.drone();
    other.receive(batteryFrame("d1", [1]));
    (await Peer.connect(rig, { will: WILL })).close(1006);
    await rig.pass(100);
    other.receive(batteryFrame("d1", [2]));
    await rig.pass(300);
    assertEquals(lost(rig), []);
    await rig.stop();
  });

  it("says nothing when it is the edge that goes", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.connect(rig, { will: WILL });
    await rig.stop();
    assertEquals([peer.one("disconnect").reasonCode, lost(rig)], [0x8b, []]);
  });
});
