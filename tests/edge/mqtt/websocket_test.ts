import { Buffer } from "node:buffer";
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RawClient } from "../raw_client.ts";
import { batteryFrame, withEdge } from "../rig.ts";
import { StillEdge } from "../still_rig.ts";
import { Peer } from "./peer.ts";

const PING = Uint8Array.of(0xc0, 0);

describe("MQTT over a WebSocket", () => {
  it("[MQTT-6.0.0-1] closes over text", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.connect(rig);
    peer.receive("text");
    assertEquals([peer.one("disconnect").reasonCode, peer.closed !== null], [0x81, true]);
    await rig.stop();
  });

  it("[MQTT-6.0.0-2] takes packets wherever messages cut them, and several in one", async () => {
    const rig = await StillEdge.start();
    const peer = await Peer.open(rig);
    for (const byte of peer.bytes({ cmd: "connect", clientId: "c1", clean: true, keepalive: 0 })) {
      peer.receive(Uint8Array.of(byte));
    }
    await peer.answered(rig);
    const publish = {
      cmd: "publish",
      topic: "fleet/d1/telemetry",
      qos: 1,
      messageId: 3,
      dup: false,
      retain: false,
    } as const;
    const bytes = peer.bytes({ ...publish, payload: Buffer.from(batteryFrame("d1", [1])) });
    peer.receive(Uint8Array.from([...PING, ...bytes.subarray(0, 9)]));
    peer.receive(Uint8Array.from([...bytes.subarray(9), ...PING]));
    await rig.pass(1000);
    assertEquals([peer.all("pingresp").length, peer.acknowledged], [2, [3]]);
    await rig.stop();
  });

  it("[MQTT-6.0.0-3] [MQTT-6.0.0-4] is what the client offers, and the server takes, as subprotocol mqtt", () =>
    withEdge({}, async ({ url }) => {
      const asked = async (protocol: string | undefined) => {
        const heard = await RawClient.upgrade(url, { "sec-websocket-protocol": protocol }, { path: "/mqtt" });
        heard.client.close();
        return heard;
      };
      assertMatch((await asked("mqttv3.1, mqtt")).text, /^HTTP\/1.1 101[^]*sec-websocket-protocol: mqtt\r\n/i);
      assertMatch((await asked("slipstream.v1")).status, /400/);
      assertMatch((await asked(undefined)).status, /400/);
    }));
});
