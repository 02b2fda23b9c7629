import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { batteryFrame, FakeAggregator } from "../edge/rig.ts";
import { until } from "../e2e/system.ts";
import { connect, startNode } from "./rig.ts";

const KEPT = ["slipstream", "backlog"];

async function kept(path: string): Promise<number> {
  using kv = await Deno.openKv(path);
  return (await Array.fromAsync(kv.list({ prefix: KEPT }))).length;
}

for (const what of noticesBrokenSockets() ? ["a node with fewer edges than before"] : []) {
  describe(what, () => {
    it("hands over what those kept that are no more, when all of them were killed", async () => {
      const folder = await Deno.makeTempDir();
      const path = `${folder}/edge.kv`;
      const aggregator = new FakeAggregator();
      const env = { SLIPSTREAM_UPLINK_URL: aggregator.url, SLIPSTREAM_KV: path, SLIPSTREAM_REPLAY_KV: "1" };
      aggregator.verdict = () => null;
      const node = await startNode({ ...env, SLIPSTREAM_EDGE_PROCESSES: "3" });
      const edges = new Set<string>();
      while (edges.size < 3) {
        const { socket, edgeId } = await connect(node.url);
        if (!edges.has(edgeId)) socket.send(batteryFrame(`drone-of-${edgeId}`, [1, 2, 3]));
        edges.add(edgeId);
      }
      for (const number of [1, 2, 3]) {
        await until(`edge ${number} keeps its batch`, async () => await kept(`${path}.${number}`) > 0);
      }
      await node.stop("SIGKILL");
      aggregator.messages.all.length = 0;
      aggregator.verdict = () => BatchVerdict.ACCEPTED;
      const alone = await startNode({ ...env, SLIPSTREAM_EDGE_PROCESSES: "1" });
      const drones = () => aggregator.batches.flatMap(({ slots }) => slots.map(({ droneId }) => droneId)).sort();
      await aggregator.messages.until(() => drones().length >= 3);
      assertEquals(drones(), ["drone-of-edge-1~1", "drone-of-edge-1~2", "drone-of-edge-1~3"]);
      const { code, stderr } = await alone.stop("SIGTERM");
      assertEquals(code, 0, stderr);
      assertEquals(await Promise.all(["", ".1", ".2", ".3"].map((end) => kept(`${path}${end}`))), [0, 0, 0, 0]);
      await aggregator.stop();
      await Deno.remove(folder, { recursive: true });
    });
  });
}
