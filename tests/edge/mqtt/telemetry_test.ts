import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Lane, type SealedBatch } from "../../../proto/gen/slipstream/v1/batch_pb.ts";
import { BatchVerdict } from "../../../proto/gen/slipstream/v1/uplink_pb.ts";
import { batteryFrame, frame } from "../rig.ts";
import { StillEdge } from "../still_rig.ts";
import { Peer, type Version } from "./peer.ts";

const VERSIONS: Version[] = [4, 5];

describe("telemetry over MQTT", () => {
  for (const version of VERSIONS) {
    it(`of version ${version} is acknowledged once the aggregator has it, and no sooner`, async () => {
      const rig = await StillEdge.start({}, { answer: () => null });
      const peer = await Peer.connect(rig, { version });
      peer.publish("fleet/d1/telemetry", batteryFrame("d1", [1, 2]), { messageId: 7 });
      await rig.pass(1000);
      assertEquals([rig.batches.length > 0, peer.acknowledged], [true, []]);
      rig.tell({ case: "ack", value: { batchId: rig.batches[0]!.batchId, verdict: BatchVerdict.ACCEPTED } });
      await rig.pass(1000);
      assertEquals(peer.acknowledged, [7]);
      assertEquals((await rig.status()).records.forwarded, 2);
      await rig.stop();
    });
  }

  it("is acknowledged again when it comes again, and counts once", async () => {
    const rig = await StillEdge.start();
    const first = await Peer.connect(rig);
    first.publish("fleet/d1/telemetry", batteryFrame("d1", [1]));
    await rig.pass(1000);
    const second = await Peer.connect(rig, { clientId: "c2" });
    second.publish("fleet/d1/telemetry", batteryFrame("d1", [1]), { dup: true, messageId: 5 });
    await rig.pass(1000);
    assertEquals([first.acknowledged, second.acknowledged], [[1], [5]]);
    const { records } = await rig.status();
    assertEquals([records.forwarded, records.duplicate], [1, 1]);
    await rig.stop();
  });

  it("of QoS 0 is taken, and answered by nothing", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.connect(rig);
    peer.publish("fleet/d1/telemetry", batteryFrame("d1", [1]), { qos: 0, messageId: 0 });
    await rig.pass(1000);
    assertEquals((await rig.status()).records.forwarded, 1);
    assertEquals(peer.heard.map(({ cmd }) => cmd), ["connack"]);
    await rig.stop();
  });

  it("that is refused for its rate says when it may come again", async () => {
    const rig = await StillEdge.start({ droneBurst: 2, droneRatePerS: 1 });
    const peer = await Peer.connect(rig);
    for (const seq of [1, 2, 3]) peer.publish("fleet/d1/telemetry", batteryFrame("d1", [seq]), { messageId: seq });
    await rig.pass(900);
    const refused = peer.all("puback").find(({ messageId }) => messageId === 3);
    assertEquals(refused?.reasonCode, 0x97);
    assertEquals({ ...refused?.properties?.userProperties }, { "retry-after-ms": "1000" });
    assertStringIncludes(refused?.properties?.reasonString ?? "", "1000 ms");
    await rig.stop();
  });

  it("that is refused for its rate is held back for who speaks 3.1.1, in its order, until it is taken", async () => {
    const rig = await StillEdge.start({ droneBurst: 2, droneRatePerS: 2 });
    const peer = await Peer.connect(rig, { version: 4, keepalive: 1 });
    for (const seq of [1, 2, 3, 4, 5]) {
      peer.publish("fleet/d1/telemetry", batteryFrame("d1", [seq]), { messageId: seq });
    }
    await rig.pass(400);
    assertEquals(peer.acknowledged, [1, 2]);
    for (let i = 0; i < 5; i++) {
      peer.say({ cmd: "pingreq" });
      assertEquals(peer.all("pingresp").length, i + 1);
      await rig.pass(1000);
    }
    assertEquals(peer.acknowledged, [1, 2, 3, 4, 5]);
    assertEquals([peer.closed, (await rig.status()).records.forwarded], [null, 5]);
    await rig.stop();
  });

  it("that is no frame says what is wrong with it", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.connect(rig);
    peer.publish("fleet/d1/telemetry", "no frame");
    const { reasonCode, properties } = peer.one("puback");
    assertEquals([reasonCode, properties?.reasonString], [0x99, "Not a TelemetryFrame message"]);
    await rig.stop();
  });

  it("of another drone than its topic's is not taken", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.connect(rig);
    peer.publish("fleet/d1/telemetry", batteryFrame("d2", [1]));
    await rig.pass(1000);
    assertEquals(rig.batches.length, 0);
    assertEquals(peer.one("disconnect").reasonCode, 0x98);
    await rig.stop();
  });

  it("is acknowledged only when the last record of its frame is journalled, by whichever lane it went", async () => {
    const isSafety = ({ lane }: SealedBatch) => lane === Lane.SAFETY;
    const accepted = { verdict: BatchVerdict.ACCEPTED };
    const rig = await StillEdge.start({}, { answer: (batch) => isSafety(batch) ? accepted : null });
    const peer = await Peer.connect(rig);
    const eventTimeUs = 1_790_000_000_000_000n;
    const records = [
      { seq: 1, eventTimeUs, body: { case: "position" as const, value: { latE7: 470_000_000, fixType: 3 } } },
      { seq: 2, eventTimeUs, body: { case: "battery" as const, value: { voltageMv: 15_000 } } },
    ];
    peer.publish("fleet/d1/telemetry", frame({ droneId: "d1", bootId: 1, records }));
    await rig.pass(1000);
    assertEquals([rig.batches.map(isSafety).sort(), peer.acknowledged], [[false, true], []]);
    const bulk = rig.batches.find((batch) => !isSafety(batch))!;
    rig.tell({ case: "ack", value: { batchId: bulk.batchId, ...accepted } });
    await rig.pass(1000);
    assertEquals(peer.acknowledged, [1]);
    await rig.stop();
  });

  it("in a frame with holes in its numbers is acknowledged when all of them are journalled", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.connect(rig);
    peer.publish("fleet/d1/telemetry", batteryFrame("d1", [9, 3, 5]));
    await rig.pass(1000);
    assertEquals(peer.acknowledged, [1]);
    await rig.stop();
  });
});
