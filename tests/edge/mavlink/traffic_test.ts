// What vehicles hear of other aircraft, on its way to the aggregator.
import { create } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../../edge/config.ts";
import { AlertKind, AlertSchema } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
import { addressOf } from "../../../wasm/mavlink/addresses.ts";
import { frameOf, payloadOf, positionOf } from "../../mavlink/frames.ts";
import { StillEdge } from "../still_rig.ts";
import { Peer } from "./peer.ts";

const HERE = { latE7: 473_977_418, lonE7: 85_455_938 };

function adsb(address: number, { latE7, lonE7 } = HERE, sequence = 1): Uint8Array<ArrayBuffer> {
  const place = [["Uint32", 0, address], ["Int32", 4, latE7], ["Int32", 8, lonE7]] as const;
  return frameOf("adsb", payloadOf("adsb", ...place, ["Int32", 12, 500_000], ["Uint16", 22, 3], ["Uint8", 26, 1]), {
    sequence,
  });
}

function remoteId(): Uint8Array<ArrayBuffer> {
  const { latE7, lonE7 } = HERE;
  const fields = [["Uint32", 32, 0x0a], ["Int32", 0, latE7], ["Int32", 4, lonE7], ["Uint8", 52, 2]] as const;
  return frameOf("location", payloadOf("location", ...fields));
}

const reportsOf = (rig: StillEdge) =>
  rig.messages.flatMap(({ body }) => body.case === "traffic" ? body.value.reports : []);

describe("a MAVLink link", () => {
  it("passes on the aircraft that its vehicles hear, by ADS-B and by Remote ID", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.open(rig);
    peer.receive(positionOf(1000));
    peer.receive(adsb(0x4ca123));
    peer.receive(remoteId());
    await rig.pass(100);
    const told = reportsOf(rig).map(({ id, crewed, latE7 }) => [id, crewed, latE7]);
    assertEquals(told, [["adsb:4ca123", true, HERE.latE7], ["rid:0a", false, HERE.latE7]]);
    assertEquals((await rig.status()).traffic.told, 2);
    await rig.stop();
  });

  it("passes on no more of them than a sky has", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.open(rig);
    for (let i = 0; i < 200; i++) peer.receive(adsb(0x400000 + i, HERE, i & 255));
    await rig.pass(1000);
    const { heard, told, refused } = (await rig.status()).traffic;
    assertEquals([heard, told, refused], [200, 128, 72]);
    await rig.stop();
  });

  it("does not take for others' what its vehicles were told by us, and pass on", async () => {
    const rig = await StillEdge.start({ mavlink: readEdgeConfig({ SLIPSTREAM_MAVLINK_ADSB: "1" }).mavlink });
    const peer = await Peer.open(rig);
    peer.receive(positionOf(1000));
    const intruder = { id: "adsb:4ca123", ...HERE };
    const what = { case: "conflict" as const, value: { intruder } };
    const alert = create(AlertSchema, { alertId: 5n, kind: AlertKind.CONFLICT, droneIds: ["mav-1"], what });
    rig.tell({ case: "alerts", value: { alerts: [{ droneId: "mav-1", alert }] } });
    await rig.pass(10);
    peer.receive(adsb(0x4ca123));
    peer.receive(adsb(addressOf("drone-7"), HERE, 2));
    await rig.pass(1000);
    assertEquals(reportsOf(rig), []);
    peer.receive(adsb(0x4ca123, { ...HERE, latE7: HERE.latE7 + 1 }, 3));
    await rig.pass(1000);
    assertEquals(reportsOf(rig).map(({ id }) => id), ["adsb:4ca123"]);
    await rig.stop();
  });
});
