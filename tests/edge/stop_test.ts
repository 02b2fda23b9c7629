import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { batteryFrame } from "./rig.ts";
import { StillEdge } from "./still_rig.ts";

/** Tells an edge to stop, and lets so much time pass. @returns after how many ms it had; null: it has not */
async function stopped(rig: StillEdge, { limitMs, withinMs }: { limitMs: number; withinMs: number }) {
  const fromMs = rig.world.nowMs;
  let tookMs: number | null = null;
  rig.edge.stop(limitMs).then(() => tookMs = rig.world.nowMs - fromMs);
  await rig.world.run(fromMs + withinMs, () => tookMs !== null);
  return tookMs;
}

/** What KV writes is written when the test says so. */
async function heldKv(): Promise<{ kv: Deno.Kv; release: () => void }> {
  const kv = await Deno.openKv(":memory:");
  const { promise, resolve } = Promise.withResolvers<void>();
  const atomic = () => {
    const operation = kv.atomic();
    const commit = operation.commit.bind(operation);
    operation.commit = () => promise.then(commit);
    return operation;
  };
  const held = new Proxy(kv, {
    get: (_, name) => {
      const value = name === "atomic" ? atomic : Reflect.get(kv, name);
      return typeof value === "function" ? value.bind(kv) : value;
    },
  });
  return { kv: held, release: resolve };
}

/** How long it waits for its drones to go elsewhere. */
const leaveMs = (limitMs: number) => Math.min(500, limitMs / 8);

describe("an edge that is told to stop", () => {
  it("tells its drones at once, hears them until they have left, and waits no longer than for the last of them", async () => {
    const rig = await StillEdge.start();
    const [leaves, stays] = [rig.drone(), rig.drone()];
    const stopping = ({ heard }: typeof leaves) => {
      return heard.flatMap(({ body }) => body.case === "heartbeat" && body.value.stopping ? [body.value.cutOff] : []);
    };
    let ended = false;
    const done = rig.edge.stop(4000).then(() => ended = true);
    assertEquals([stopping(leaves), stopping(stays)], [[false], [false]]);
    await rig.pass(100);
    stays.receive(batteryFrame("d1", [1]));
    leaves.close(1000);
    await rig.pass(100);
    assertEquals([stays.closed, stays.acknowledged], [null, [[1, 1]]]);
    stays.close(1000);
    await rig.pass(50);
    assertEquals(ended, true);
    await done;
  });

  it("takes nothing any more once it has waited for that", async () => {
    const rig = await StillEdge.start();
    const drone = rig.drone();
    drone.close = () => {};
    let ended = false;
    const done = rig.edge.stop(4000).then(() => ended = true);
    await rig.pass(leaveMs(4000) + 50);
    drone.receive(batteryFrame("d1", [1]));
    await rig.world.run(rig.world.nowMs + 10_000, () => ended);
    await done;
    assertEquals([drone.acknowledged, rig.batches], [[], []]);
  });

  it("hands over what has just come, and tells each of its drones so before it hangs up", async () => {
    const rig = await StillEdge.start();
    const gateway = rig.drone();
    for (let n = 1; n <= 40; n++) gateway.receive(batteryFrame(`d${n}`, [1]));
    assertEquals(rig.batches, []);
    const tookMs = await stopped(rig, { limitMs: 2000, withinMs: 2000 });
    assertLess(tookMs ?? Infinity, leaveMs(2000) + 100);
    assertEquals(rig.batches.reduce((sum, { records }) => sum + records, 0), 40);
    assertEquals(gateway.acknowledged.length, 40);
    assertEquals(gateway.closed?.code, 1001);
  });

  it("reports what it has just refused, and its last numbers", async () => {
    const rig = await StillEdge.start({ droneRatePerS: 1, droneBurst: 1 });
    const drone = rig.drone();
    for (const seq of [1, 2]) drone.receive(batteryFrame("d1", [seq]));
    const tookMs = await stopped(rig, { limitMs: 500, withinMs: 2000 });
    assertLess(tookMs ?? Infinity, leaveMs(500) + 100);
    assertEquals(rig.losses.map(({ droneId, records }) => [droneId, records]), [["d1", 1]]);
    const told = rig.messages.flatMap(({ body }) => body.case === "status" ? [body.value] : []);
    assertEquals(told.map((status) => [status.receivedRecords, status.refusedRecords]), [[2n, 1n]]);
  });

  it("is not held by an aggregator that answers nothing, not even the close", async () => {
    const rig = await StillEdge.start({ droneRatePerS: 1, droneBurst: 1 }, { answer: () => null });
    rig.takesLosses = false;
    rig.uplinks[0]!.close = () => {};
    const drone = rig.drone();
    for (const seq of [1, 2]) drone.receive(batteryFrame("d1", [seq]));
    const tookMs = await stopped(rig, { limitMs: 1000, withinMs: 10_000 });
    assertLess(tookMs ?? Infinity, 1600);
    assertEquals([drone.closed?.code, drone.acknowledged], [1001, []]);
  });

  it("does not wait for an aggregator that is away to hear of losses", async () => {
    const rig = await StillEdge.start({ droneRatePerS: 1, droneBurst: 1 });
    const drone = rig.drone();
    drone.receive(batteryFrame("d1", [1]));
    await rig.pass(200);
    rig.takesUplinks = false;
    rig.uplinks[0]!.close(1006);
    drone.receive(batteryFrame("d1", [2]));
    assertEquals((await rig.status()).uplink, "connecting");
    assertLess(await stopped(rig, { limitMs: 5000, withinMs: 10_000 }) ?? Infinity, leaveMs(5000) + 100);
  });

  it("waits for its drones to hang up, as long as it may", async () => {
    for (const [hangsUpAfterMs, endsAfterMs] of [[300, 420], [60_000, 1000]] as const) {
      const rig = await StillEdge.start();
      const drone = rig.drone();
      const close = drone.close.bind(drone);
      drone.close = (code, reason) => {
        drone.readyState = WebSocket.CLOSING;
        rig.world.after(hangsUpAfterMs, () => close(code, reason));
      };
      const tookMs = await stopped(rig, { limitMs: 1000, withinMs: 5000 });
      assertEquals(Math.floor((tookMs ?? 0) / 20) * 20, endsAfterMs);
    }
  });

  it("does not end before KV has what it could not hand over", async () => {
    const { kv, release } = await heldKv();
    const rig = await StillEdge.start({ replayInKv: true }, { kv, answer: () => null });
    rig.drone().receive(batteryFrame("d1", [1]));
    await rig.pass(200);
    assertEquals(rig.batches.length, 1);
    let ended = false;
    const done = rig.edge.stop(100).then(() => ended = true);
    await rig.world.run(rig.world.nowMs + 10_000, () => ended);
    assertEquals(ended, false);
    release();
    await done;
    const kept = await Array.fromAsync(kv.list({ prefix: ["slipstream", "backlog"] }));
    assertEquals(kept.length, 1);
    kv.close();
  });

  it("takes no new drone from then on, and says so to whoever asks whether it is ready", async () => {
    const rig = await StillEdge.start({}, { answer: () => null });
    rig.drone().receive(batteryFrame("d1", [1]));
    const ask = async (path: string, headers = {}) => {
      const response = await rig.edge.app.request(path, { headers });
      return [response.status, JSON.stringify(await response.json())];
    };
    const done = rig.edge.stop(1000);
    const [status, body] = await ask("/v1/telemetry", { upgrade: "websocket" });
    assertEquals([status, body], [503, '{"error":"Cannot connect: the edge is stopping"}']);
    assertEquals(await ask("/readyz"), [503, '{"status":"not ready","reason":"stopping"}']);
    await rig.pass(5000);
    await done;
  });

  it("does nothing by the clock once it has", async () => {
    const rig = await StillEdge.start();
    rig.drone().receive(batteryFrame("d1", [1]));
    const happens = async () => {
      let events = 0;
      await rig.world.run(rig.world.nowMs + 10_000, () => ++events < 0);
      return events;
    };
    assertGreater(await happens(), 500);
    await rig.stop();
    assertLess(await happens(), 20);
  });
});
