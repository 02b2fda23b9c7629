// What is not journalled after all, by the words that each version has for it.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BatchVerdict } from "../../../proto/gen/slipstream/v1/uplink_pb.ts";
import { batteryFrame, frame } from "../rig.ts";
import { type Answer, StillEdge } from "../still_rig.ts";
import { Peer, type Version } from "./peer.ts";

const REJECTED: Answer = { verdict: BatchVerdict.MALFORMED, reason: "it is odd" };

async function published(
  { version = 5, answer = () => null, seqs = [1], config = {} }: {
    version?: Version;
    answer?: StillEdge["answer"];
    seqs?: number[];
    config?: Parameters<typeof StillEdge.start>[0];
  },
): Promise<{ rig: StillEdge; peer: Peer }> {
  const rig = await StillEdge.start(config, { answer });
  const peer = await Peer.connect(rig, { version });
  peer.publish("fleet/d1/telemetry", batteryFrame("d1", seqs), { messageId: 7 });
  await rig.pass(3000);
  return { rig, peer };
}

describe("a PUBLISH whose records", () => {
  it("the aggregator can never accept is answered by 0x83: they are lost, and in the ledger", async () => {
    const { rig, peer } = await published({ answer: () => REJECTED });
    const { reasonCode, messageId, properties } = peer.one("puback");
    assertEquals([reasonCode, messageId, rig.losses.length > 0], [0x83, 7, true]);
    assertMatch(properties?.reasonString ?? "", /never accept/);
    assertEquals(properties?.userProperties?.lost, "1");
    await rig.stop();
  });

  it("are lost for good is done for who speaks 3.1.1: he has no words for it", async () => {
    const { rig, peer } = await published({ version: 4, answer: () => REJECTED });
    assertEquals([peer.acknowledged, peer.closed, rig.losses.length > 0], [[7], null, true]);
    await rig.stop();
  });

  it("have no body is answered by 0x99", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.connect(rig);
    peer.publish("fleet/d1/telemetry", frame({ droneId: "d1", bootId: 1, records: [{ seq: 1, eventTimeUs: 1n }] }));
    await rig.pass(1000);
    assertEquals(peer.one("puback").reasonCode, 0x99);
    await rig.stop();
  });

  it("can never pass at once is answered by 0x99", async () => {
    const { rig, peer } = await published({ seqs: [1, 2, 3, 4], config: { nodeBurst: 3 } });
    assertEquals(peer.one("puback").reasonCode, 0x99);
    await rig.stop();
  });

  it("nobody has spoken of for too long, though nothing so old is held, is to be sent again", async () => {
    for (const version of [4, 5] as const) {
      const { rig, peer } = await published({ version });
      // Another connection takes over the drone, and what is acknowledged goes there.
      const other = rig.drone();
      for (let seq = 2; seq < 10; seq++) {
        other.receive(batteryFrame("d1", [seq]));
        await rig.pass(1000);
      }
      rig.answer = () => ({ verdict: BatchVerdict.ACCEPTED });
      await rig.pass(30_000);
      if (version === 5) assertEquals(peer.one("puback").reasonCode, 0x80);
      else assert(peer.closed !== null);
      await rig.stop();
    }
  });

  it("wait for an aggregator that is away waits as well, however long that is", async () => {
    const { rig, peer } = await published({});
    await rig.pass(60_000);
    assertEquals([peer.all("puback"), peer.closed], [[], null]);
    peer.say({ cmd: "pingreq" });
    assertEquals(peer.all("pingresp").length, 1);
    rig.answer = () => ({ verdict: BatchVerdict.ACCEPTED });
    rig.uplinks.at(-1)!.close(1006);
    await rig.pass(20_000);
    assertEquals(peer.acknowledged, [7]);
    await rig.stop();
  });

  it("come while too many of 3.1.1 are held back end the connection, so that they come again", async () => {
    const rig = await StillEdge.start({ droneBurst: 1, droneRatePerS: 1 });
    const peer = await Peer.connect(rig, { version: 4 });
    for (let seq = 1; seq <= 1026; seq++) {
      peer.publish("fleet/d1/telemetry", batteryFrame("d1", [seq]), { messageId: seq });
    }
    assert(peer.closed !== null);
    await rig.stop();
  });
});
