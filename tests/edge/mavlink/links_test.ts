import { create } from "@bufbuild/protobuf";
import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../../edge/config.ts";
import { AlertKind, AlertSchema } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
import { RefusalReason } from "../../../proto/gen/slipstream/v1/downlink_pb.ts";
import { AlertOutcome } from "../../../proto/gen/slipstream/v1/uplink_pb.ts";
import { frameOf, payloadOf, positionOf } from "../../mavlink/frames.ts";
import { batteryFrame } from "../rig.ts";
import { StillEdge } from "../still_rig.ts";
import { dronesOf, Peer, recordsOf } from "./peer.ts";

const COLLISION = 247;
const STATUSTEXT = 253;
const ADSB_VEHICLE = 246;
const intruder = { id: "drone-9", latE7: 470_000_000, lonE7: 85_000_000 };
const conflict = { timeToClosestMs: 5000, closestHorizontalCm: 300, intruder };
const ALERT = { alertId: 5n, revision: 1, kind: AlertKind.CONFLICT, message: "mind drone-9" };

function warn(rig: StillEdge, droneId: string): void {
  const alert = create(AlertSchema, { ...ALERT, droneIds: [droneId], what: { case: "conflict", value: conflict } });
  rig.tell({ case: "alerts", value: { alerts: [{ droneId, alert }] } });
}

function receiptsOf(rig: StillEdge) {
  return rig.messages.flatMap(({ body }) => body.case === "alertReceipts" ? body.value.receipts : []);
}

describe("a MAVLink link", () => {
  it("hands what its vehicles say to the aggregator, wherever messages cut the stream", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.open(rig);
    const stream = [
      positionOf(1000, { system: 7 }),
      positionOf(1000, { system: 8 }),
      positionOf(2000, { system: 7, sequence: 1 }),
    ];
    for (const byte of stream.flatMap((frame) => [...frame])) peer.receive(Uint8Array.of(byte));
    await rig.pass(1000);
    assertEquals([dronesOf(rig), recordsOf(rig)], [["mav-7", "mav-8"], 3]);
    const { mavlink } = await rig.status();
    assertEquals([mavlink.links, mavlink.frames.records, mavlink.radio.heard], [1, 3, 3]);
    await rig.stop();
  });

  it("says which frames its radio has lost of which drone, and keeps the sum when it has closed", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.open(rig);
    for (const sequence of [1, 2, 6]) peer.receive(positionOf(1000 * sequence, { system: 7, sequence }));
    assertEquals((await rig.status()).mavlink.drones, [{ droneId: "mav-7", heard: 3, lost: 3 }]);
    peer.close();
    const { links, radio, drones, frames } = (await rig.status()).mavlink;
    assertEquals([links, radio, drones, frames.records], [0, { heard: 3, lost: 3 }, [], 3]);
    await rig.stop();
  });

  it("warns a vehicle by COLLISION and STATUSTEXT, which is delivered and never acknowledged", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.open(rig);
    peer.receive(positionOf(1000, { system: 7 }));
    peer.receive(positionOf(1000, { system: 8 }));
    warn(rig, "mav-7");
    await rig.pass(10);
    assertEquals(peer.heardIds, [COLLISION, STATUSTEXT]);
    const [receipt, ...others] = receiptsOf(rig);
    assertEquals([receipt!.droneId, receipt!.outcome, others], ["mav-7", AlertOutcome.DELIVERED, []]);
    assertGreater(receipt!.edgeSentUs, 0n);
    const { warnings } = await rig.status();
    assertEquals(warnings, { sent: 1, delivered: 1, unreachable: 0, acknowledged: 0 });
    await rig.stop();
  });

  it("tells a vehicle where whom it is warned of is, where that is set", async () => {
    const rig = await StillEdge.start({ mavlink: readEdgeConfig({ SLIPSTREAM_MAVLINK_ADSB: "1" }).mavlink });
    const peer = await Peer.open(rig);
    peer.receive(positionOf(1000, { system: 7 }));
    warn(rig, "mav-7");
    await rig.pass(10);
    assertEquals(peer.heardIds, [COLLISION, STATUSTEXT, ADSB_VEHICLE]);
    await rig.stop();
  });

  it("leaves the receipt to one who can acknowledge, where the drone has such a connection as well", async () => {
    const rig = await StillEdge.start();
    const [peer, drone] = [await Peer.open(rig), rig.drone()];
    peer.receive(positionOf(1000, { system: 7 }));
    drone.receive(batteryFrame("mav-7", [1]));
    warn(rig, "mav-7");
    await rig.pass(10);
    assertEquals([peer.heardIds.length, drone.cases.includes("alert"), receiptsOf(rig)], [2, true, []]);
    await rig.stop();
  });

  it("is sent nothing but warnings", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.open(rig);
    for (let i = 1; i < 20; i++) {
      peer.receive(positionOf(100 * i));
      await rig.pass(500);
    }
    assertEquals([recordsOf(rig), peer.sent], [19, []]);
    await rig.stop();
  });

  it("has what is refused in the ledger as lost: its vehicles repeat nothing", async () => {
    const rig = await StillEdge.start({ droneRatePerS: 1, droneBurst: 2 });
    const peer = await Peer.open(rig);
    for (let i = 1; i <= 5; i++) peer.receive(positionOf(100 * i));
    await rig.pass(3000);
    const losses = rig.losses.map(({ droneId, reason, records }) => [droneId, reason, records]);
    assertEquals(losses, [["mav-1", RefusalReason.NOT_REPEATED, 3]]);
    await rig.stop();
  });

  it("is closed over a flood of broken frames, and over those of a noisy radio is not", async () => {
    const rig = await StillEdge.start();
    const [flood, noisy] = [await Peer.open(rig), await Peer.open(rig)];
    const broken = positionOf(1000);
    broken[broken.length - 1]! ^= 1;
    for (let s = 0; s < 20; s++) {
      noisy.receive(positionOf(1000 * s));
      for (let i = 0; i < 50; i++) noisy.receive(broken);
      for (let i = 0; i < 400 && flood.closed === null; i++) flood.receive(broken);
      await rig.pass(1000);
    }
    assertEquals([flood.closed?.code, noisy.closed], [1007, null]);
    await rig.stop();
  });

  it("is closed over a flood of good frames, and over those of 250 vehicles is not", async () => {
    const rig = await StillEdge.start();
    const [flood, many] = [await Peer.open(rig), await Peer.open(rig)];
    const all = Array.from({ length: 250 }, (_, i) => frameOf("attitude", payloadOf("attitude"), { system: i + 1 }));
    const once = Uint8Array.from(all.flatMap((frame) => [...frame]));
    for (let s = 0; s < 10; s++) {
      for (let i = 0; i < 50; i++) many.receive(once);
      for (let i = 0; i < 120; i++) flood.receive(once);
      await rig.pass(1000);
    }
    assertEquals([flood.closed?.code, many.closed], [1008, null]);
    await rig.stop();
  });

  it("is closed when nothing of a vehicle has come for half a minute, whatever else has", async () => {
    const rig = await StillEdge.start();
    const [alive, mute] = [await Peer.open(rig), await Peer.open(rig)];
    for (let s = 0; s < 32; s++) {
      alive.receive(positionOf(1000 * s));
      mute.receive(Uint8Array.of(1, 2, 3));
      await rig.pass(1000);
    }
    assertEquals([alive.closed, mute.closed?.code], [null, 1008]);
    assertEquals((await rig.status()).connections, 1);
    await rig.stop();
  });

  it("is closed over text", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.open(rig);
    peer.receive("HEARTBEAT");
    assertEquals(peer.closed?.code, 1003);
    await rig.stop();
  });
});
