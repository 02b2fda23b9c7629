import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CloseCode } from "../../proto/words.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { HotPath } from "../../wasm/hot_path.ts";
import type { HotPathSettings } from "../../wasm/settings.ts";
import { DRONES_MAX } from "../../wasm/limits.ts";
import { batteryFrame, frame } from "./rig.ts";
import { StillEdge } from "./still_rig.ts";

/** A hovering drone's fix, ten a second. */
function fix(seq: number, droneId = "d1", bootId = 1): Uint8Array<ArrayBuffer> {
  const value = { latE7: 470_000_000, lonE7: 80_000_000, altMslMm: 1000, fixType: 3 };
  const eventTimeUs = BigInt(1_790_000_000_000_000 + seq * 100_000);
  return frame({ droneId, bootId, records: [{ seq, eventTimeUs, flags: 3, body: { case: "position", value } }] });
}

const nearDuplicates = async (rig: StillEdge) => (await rig.status()).records.nearDuplicate;

describe("a drone for which an alert is open", () => {
  const open = (rig: StillEdge, droneIds: string[]) =>
    rig.tell({ case: "openAlerts", value: { complete: false, openedDroneIds: droneIds } });

  it("has each fix forwarded, from when the aggregator says so until it says that it is over", async () => {
    const rig = await StillEdge.start();
    const drone = rig.drone();
    for (const seq of [1, 2]) drone.receive(fix(seq));
    assertEquals(await nearDuplicates(rig), 1);
    open(rig, ["d1"]);
    await rig.pass(10);
    for (const seq of [3, 4, 5]) drone.receive(fix(seq));
    assertEquals(await nearDuplicates(rig), 1);
    rig.tell({ case: "openAlerts", value: { complete: false, closedDroneIds: ["d1"] } });
    await rig.pass(10);
    drone.receive(fix(6));
    assertEquals(await nearDuplicates(rig), 2);
    await rig.stop();
  });

  it("has so too when it comes only after that was said, or comes again after it was forgotten", async () => {
    const rig = await StillEdge.start({ droneIdleMs: 1000 });
    open(rig, ["d1"]);
    await rig.pass(10);
    const drone = rig.drone();
    for (const seq of [1, 2, 3]) drone.receive(fix(seq));
    await rig.pass(5000);
    assertEquals((await rig.status()).slots.known, 0);
    for (const seq of [101, 102, 103]) drone.receive(fix(seq));
    assertEquals(await nearDuplicates(rig), 0);
    await rig.stop();
  });
});

describe("a drone whose zone changes in KV", () => {
  it("has its slots defined again in the new one", async () => {
    const kv = await Deno.openKv(":memory:");
    const rig = await StillEdge.start({}, { kv });
    await kv.set(["slipstream", "zones", "d1"], { zone: "north" });
    const drone = rig.drone();
    const zones = () => rig.batches.map(({ slots }) => slots.map(({ zone }) => zone));
    // KV answers in its own time.
    for (let seq = 1; seq < 200 && !zones().flat().includes("north"); seq++) {
      drone.receive(batteryFrame("d1", [seq]));
      await rig.pass(500);
      await kv.get(["slipstream", "zones", "d1"]);
    }
    drone.receive(batteryFrame("d1", [1000]));
    await rig.pass(500);
    assertEquals([zones().flat().at(-1), zones().at(-1)], ["north", []]);
    await rig.stop();
    kv.close();
  });
});

describe("an edge whose backlog is nearly full", () => {
  it("takes no new connections until it has become calm", async () => {
    const rig = await StillEdge.start({ uplinkBytesMax: 1000 }, { answer: () => null });
    const drone = rig.drone();
    const connect = async () => {
      const headers = { upgrade: "websocket", "sec-websocket-protocol": "mqtt" };
      return (await rig.edge.app.request("/v1/telemetry", { headers })).status;
    };
    // Asked for a subprotocol that it does not speak: 400 says that it would have taken the connection.
    assertEquals(await connect(), 400);
    for (let seq = 1; (await rig.status()).level < 4 && seq < 1000; seq++) {
      drone.receive(fix(10 * seq, `d${seq}`));
      await rig.pass(20);
    }
    assertEquals([(await rig.status()).level, await connect()], [4, 503]);
    rig.answer = () => ({ verdict: 1 });
    rig.uplinks.at(-1)!.close(1006);
    await rig.pass(10_000);
    assertEquals([(await rig.status()).level < 4, await connect()], [true, 400]);
    await rig.stop();
  });
});

describe("what an edge remembers of drones and connections", () => {
  it("goes when the drones are idle, and when the connections close", async () => {
    const rig = await StillEdge.start({ droneIdleMs: 60_000 });
    const gateway = rig.drone();
    for (let n = 0; n < 50; n++) gateway.receive(batteryFrame(`d${n}`, [1]));
    const own = rig.drone();
    own.receive(batteryFrame("d0", [2]));
    await rig.pass(500);
    const slots = async () => (await rig.status()).slots;
    assertEquals(await slots(), { max: DRONES_MAX, known: 50, speakers: 51 });
    own.close();
    assertEquals(await slots(), { max: DRONES_MAX, known: 50, speakers: 50 });
    await rig.pass(30_000);
    for (let n = 0; n < 5; n++) gateway.receive(batteryFrame(`d${n}`, [3]));
    await rig.pass(35_000);
    assertEquals(await slots(), { max: DRONES_MAX, known: 5, speakers: 5 });
    await rig.pass(65_000);
    assertEquals(await slots(), { max: DRONES_MAX, known: 0, speakers: 0 });
    await rig.stop();
  });

  it("goes on being counted in monotonic time when the wall clock is set back: tokens, evictions, near-duplicates", async () => {
    const rig = await StillEdge.start({ droneRatePerS: 10, droneBurst: 1, droneIdleMs: 5000 });
    const drone = rig.drone();
    drone.receive(fix(1));
    await rig.pass(100);
    rig.wallMs -= 3_600_000;
    drone.receive(fix(2));
    await rig.pass(1000);
    drone.receive(fix(3));
    assertEquals((await rig.status()).records.refused, 0);
    await rig.pass(8000);
    assertEquals((await rig.status()).slots.known, 0);
    await rig.stop();
  });
});

describe("the loss ledger", () => {
  it("goes out again at once on a new connection, until the aggregator says that it has it", async () => {
    const rig = await StillEdge.start({ droneRatePerS: 1, droneBurst: 1 });
    rig.takesLosses = false;
    const drone = rig.drone();
    for (const seq of [1, 2]) drone.receive(batteryFrame("d1", [seq]));
    await rig.pass(1100);
    assertEquals(rig.losses.length, 1);
    rig.takesLosses = true;
    rig.uplinks[0]!.close(1006);
    await rig.pass(2000);
    assertEquals(rig.losses.length, 2);
    await rig.pass(20_000);
    assertEquals(rig.losses.length, 2);
    await rig.stop();
  });
});

describe("an aggregator that does not answer", () => {
  it("is given up after five seconds, and has on its next connection what it was sent", async () => {
    const rig = await StillEdge.start({}, { answer: () => null });
    const drone = rig.drone();
    drone.receive(batteryFrame("d1", [1]));
    await rig.pass(5000);
    assertEquals([rig.uplinks.length, rig.batches.length], [1, 1]);
    rig.answer = () => ({ verdict: BatchVerdict.ACCEPTED });
    await rig.pass(1000);
    assertEquals(rig.uplinks[0]!.closed?.code, CloseCode.noAnswer);
    assertEquals([rig.uplinks.length, rig.batches.length, drone.acknowledged], [2, 2, [[1, 1]]]);
    await rig.stop();
  });
});

describe("what an aggregator has acknowledged", () => {
  it("can be asked for as long as was promised, and costs no memory after that", async () => {
    const rig = await StillEdge.start({ replayMs: 5000 });
    const replay = async () => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ fromUs: 0, toUs: 2e15 });
      return (await (await rig.edge.app.request("/v1/replay", { method: "POST", headers, body })).json()).batches;
    };
    rig.drone().receive(batteryFrame("d1", [1]));
    await rig.pass(4000);
    assertEquals(await replay(), 1);
    await rig.pass(7000);
    assertEquals(await replay(), 0);
    await rig.stop();
  });
});

describe("a stopping edge", () => {
  it("takes no frames any more: the drone keeps them and sends them to the next edge", async () => {
    const rig = await StillEdge.start({}, { answer: () => null });
    const drone = rig.drone();
    drone.receive(batteryFrame("d1", [1]));
    await rig.pass(500);
    let stopped = false;
    const done = rig.edge.stop(1000).then(() => stopped = true);
    // An eighth of the time is for drones that go by themselves.
    await rig.pass(200);
    assertEquals(drone.closed, null);
    drone.receive(batteryFrame("d1", [2]));
    assertEquals((await rig.status()).records.received, 1);
    await rig.world.run(rig.world.nowMs + 5000, () => stopped);
    await done;
    assertEquals(drone.closed, { code: 1001, reason: "The edge is stopping" });
  });
});

describe("the hash of drone ids", () => {
  it("is seeded by chance, so that nobody can choose ids that collide", async () => {
    const load = HotPath.load;
    const seeds: number[] = [];
    HotPath.load = (settings: HotPathSettings) => {
      seeds.push(settings.hashSeed);
      return load(settings);
    };
    try {
      const rig = await StillEdge.start();
      assertEquals(seeds, [Math.floor(rig.randoms[0]! * 2 ** 32)]);
      assertEquals(seeds[0] !== 0, true);
      await rig.stop();
    } finally {
      HotPath.load = load;
    }
  });
});
