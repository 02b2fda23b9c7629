import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { HotPath } from "../../wasm/hot_path.ts";
import { DRONES_MAX, LaneIndex } from "../../wasm/limits.ts";
import { HOT_PATH_DEFAULTS } from "../../wasm/settings.ts";
import { Verdict } from "../../wasm/verdict.ts";
import { until } from "../e2e/system.ts";
import { batteryFrame, frame, type Rig, withEdge } from "./rig.ts";

async function replay({ url }: Rig, body: unknown, contentType = "application/json"): Promise<[number, unknown]> {
  const init = { method: "POST", headers: { "content-type": contentType }, body: JSON.stringify(body) };
  const response = await fetch(`${url}/v1/replay`, init);
  return [response.status, await response.json()];
}

function fix(seq: number, { flags = 3, atMs = 0 } = {}): Uint8Array<ArrayBuffer> {
  const value = { latE7: 470_000_000, lonE7: 80_000_000, altMslMm: 1000, fixType: 3 };
  const eventTimeUs = BigInt(1_790_000_000_000_000 + atMs * 1000);
  return frame({ droneId: "d", bootId: 1, records: [{ seq, eventTimeUs, flags, body: { case: "position", value } }] });
}

describe("an edge's replay buffer", () => {
  it("sends what was acknowledged lately again when it is asked to, under the same batch id", () =>
    withEdge({}, async (rig) => {
      const { aggregator, connect } = rig;
      const drone = connect();
      await drone.hello();
      drone.send(batteryFrame("d1", [1, 2, 3]));
      await drone.inbox.until(() => drone.acknowledged().length === 3);
      const [status, answer] = await replay(rig, { fromUs: 0, toUs: 9e15 });
      assertEquals([status, answer], [200, { batches: 1, records: 3, bytes: aggregator.batches[0]!.body.length }]);
      await aggregator.messages.until(() => aggregator.batches.length === 2);
      const [first, again] = aggregator.batches;
      assertEquals(again!.batchId, first!.batchId);
      assertEquals((await replay(rig, { fromUs: 0, toUs: 1 }))[1], { batches: 0, records: 0, bytes: 0 });
    }));

  it("says what is wrong with a request to send again", () =>
    withEdge({}, async (rig) => {
      assertEquals(await replay(rig, { fromUs: 5, toUs: 5 }), [
        400,
        { error: "Cannot read the request: fromUs must be before toUs" },
      ]);
      assertEquals((await replay(rig, "nothing"))[0], 400);
      assertEquals((await replay(rig, { fromUs: 0, toUs: 1 }, "text/plain"))[0], 415);
    }));

  it("outlives the process in KV: a restarted edge sends what the one before it had accepted", async () => {
    const folder = await Deno.makeTempDir();
    const kv = await Deno.openKv(`${folder}/kv`);
    const kept: string[] = [];
    try {
      await withEdge({ replayInKv: true }, async ({ aggregator, connect, edge }) => {
        aggregator.verdict = () => null;
        const drone = connect();
        await drone.hello();
        drone.send(batteryFrame("d1", [1, 2, 3]));
        await aggregator.messages.until(() => aggregator.batches.length === 1);
        kept.push(String(aggregator.batches[0]!.batchId));
        await edge.stop(50);
      }, kv);
      await withEdge({ replayInKv: true }, async ({ aggregator }) => {
        await aggregator.messages.until(() => aggregator.batches.length === 1);
        const [batch] = aggregator.batches;
        assertEquals([String(batch!.batchId), batch!.records, batch!.slots[0]?.droneId], [kept[0], 3, "d1"]);
        assertGreater(batch!.session, 0n);
        // Stopping hands over what is left, and erases what was acknowledged.
      }, kv);
      const left = await Array.fromAsync(kv.list({ prefix: ["slipstream", "backlog"] }));
      assertEquals(left.length, 0);
    } finally {
      kv.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
});

describe("an overloaded edge", () => {
  it("gives bulk up step by step, says exactly which records, keeps safety, and conserves", () =>
    withEdge({ uplinkBytesMax: 3000, droneRatePerS: 1e6, droneBurst: 1e6 }, async ({ aggregator, connect, status }) => {
      aggregator.verdict = () => null;
      const drone = connect();
      await drone.hello();
      let seq = 0;
      const shed = () =>
        drone.inbox.all.flatMap(({ body }) =>
          body.case === "throttle" && body.value.reason === RefusalReason.SHED ? body.value.shed : []
        );
      await until("something is shed", () => {
        drone.send(batteryFrame("d1", [++seq, ++seq, ++seq, ++seq]));
        return Promise.resolve(shed().length > 0);
      });
      assertEquals(shed().every(({ firstSeq, lastSeq }) => firstSeq <= lastSeq && lastSeq <= seq), true);
      const loss = await aggregator.messages.until((all) =>
        all.flatMap(({ body }) => body.case === "losses" ? body.value.losses : []).find(({ reason }) =>
          reason === RefusalReason.SHED
        )
      );
      assertGreater(loss.records, 0);
      const { received, forwarded, duplicate, nearDuplicate, malformed, refused, shed: given } =
        (await status()).records;
      assertGreater(given!, 0);
      assertEquals(received, forwarded! + duplicate! + nearDuplicate! + malformed! + refused! + given!);
    }));
});

describe("the hot path's shedding", () => {
  it("keeps one bulk record in four, or none, and every safety record; what was shed is not known", async () => {
    const hotPath = await HotPath.load(HOT_PATH_DEFAULTS);
    const results: unknown[] = [];
    for (const shedding of [1, 2, 0] as const) {
      hotPath.setShedding(shedding);
      assertEquals(hotPath.push(batteryFrame("d", [1, 2, 3, 4, 5, 6, 7, 8]), 0), Verdict.accepted);
      results.push([hotPath.forwarded, hotPath.duplicates, [...hotPath.shedSeqs()]]);
    }
    assertEquals(results, [[2, 0, [1, 2, 3, 5, 6, 7]], [0, 2, [1, 2, 3, 5, 6, 7]], [6, 2, []]]);
    hotPath.setShedding(2);
    hotPath.push(fix(100), 0);
    assertEquals([hotPath.forwarded, hotPath.shed, hotPath.waiting(LaneIndex.safety)], [1, 0, 1]);
  });
});

describe("the near-duplicate rule", () => {
  it("does not eat an emergency report of a drone that hovers", async () => {
    const hotPath = await HotPath.load(HOT_PATH_DEFAULTS);
    const suppressed: number[] = [];
    for (const [seq, flags] of [[1, 3], [2, 3], [3, 3 | 8], [4, 3 | 8], [5, 3]] as const) {
      hotPath.push(fix(seq, { flags, atMs: seq * 100 }), 0);
      suppressed.push(hotPath.nearDuplicates);
    }
    assertEquals([suppressed[1], suppressed[2], suppressed[4]], [1, 0, 0]);
  });
});

describe("taking over a drone id", () => {
  it("leaks neither slots nor connections", () =>
    withEdge({}, async ({ connect, status }) => {
      for (let i = 1; i <= 20; i++) {
        const drone = connect();
        await drone.hello();
        drone.send(batteryFrame("d1", [i]));
        await drone.inbox.until(() => drone.acknowledged().length === 1);
        if (i % 2 === 0) await drone.close();
      }
      await until("ten have gone", async () => (await status()).connections === 10);
      assertEquals((await status()).records.received, 20);
      assertEquals((await status()).slots, { max: DRONES_MAX, known: 1, speakers: 10 });
    }));
});
