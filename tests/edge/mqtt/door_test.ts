import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { sources } from "../../style/sources.ts";
import { batteryFrame } from "../rig.ts";
import { StillEdge } from "../still_rig.ts";
import { Peer } from "./peer.ts";

describe("the door for MQTT", () => {
  it("has nothing of it loaded before somebody knocks", async () => {
    const inEdge = (await sources()).filter(({ path }) => /^edge\/(?!ingest\/mqtt\/).*\.ts$/.test(path));
    assert(inEdge.length > 30);
    const imports = inEdge.flatMap(({ path, text }) =>
      [...text.matchAll(/^import (?!type)[^"]*"([^"]*)"/gm)].map(([, from]) => `${path}: ${from}`)
    );
    assertEquals(imports.filter((line) => /mqtt\/|mqtt-packet/.test(line)), []);
  });

  it("is the same for all who come", async () => {
    const rig = await StillEdge.start();
    assertEquals(await rig.edge.mqtt.open(), await rig.edge.mqtt.open());
    await rig.stop();
  });

  it("lets in no more than there are places for, and says so", async () => {
    const rig = await StillEdge.start({ connectionsMax: 1 });
    const [first, five, four] = [
      await Peer.connect(rig),
      await Peer.connect(rig, { clientId: "c2" }),
      await Peer.connect(rig, { clientId: "c3", version: 4 }),
    ];
    assertEquals([first.closed, five.one("connack").reasonCode, four.one("connack").returnCode], [null, 0x97, 3]);
    await rig.stop();
  });

  it("says good-bye when the edge stops, and acknowledges nothing that the aggregator does not have", async () => {
    const rig = await StillEdge.start({}, { answer: () => null });
    const peer = await Peer.connect(rig);
    peer.publish("fleet/d1/telemetry", batteryFrame("d1", [1]));
    await rig.pass(200);
    await rig.stop(1000);
    assertEquals([peer.all("puback"), peer.one("disconnect").reasonCode], [[], 0x8b]);
  });
});
