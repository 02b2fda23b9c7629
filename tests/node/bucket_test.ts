import { assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { acknowledgeEverything } from "../bench/loaded_edge.ts";
import { batteryFrame } from "../edge/rig.ts";
import { connect, startNode, statusOf } from "./rig.ts";

const RATE = 2000;
const BURST = 1000;
const SECONDS = 4;
const FRAME_RECORDS = 50;
const TICK_MS = 50;

/** Sends twice the node's rate in turn by these sockets. @returns records let in, and for how long, as the node counts them */
async function flood(url: string, drones: { socket: WebSocket; droneId: string; seq: number }[]) {
  const from = { ...(await statusOf(url)).records, atMs: performance.now() };
  for (let turn = 0; performance.now() < from.atMs + SECONDS * 1000;) {
    const due = 2 * RATE * (performance.now() - from.atMs) / 1000 / FRAME_RECORDS;
    while (turn < due) {
      const drone = drones[turn++ % drones.length]!;
      const seqs = Array.from({ length: FRAME_RECORDS }, () => ++drone.seq);
      drone.socket.send(batteryFrame(drone.droneId, seqs));
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  const to = (await statusOf(url)).records;
  return {
    forwarded: to.forwarded - from.forwarded,
    refused: to.refused - from.refused,
    s: (performance.now() - from.atMs) / 1000,
  };
}

for (const what of noticesBrokenSockets() ? ["a node's bucket"] : []) {
  describe(what, () => {
    it("holds for all its edges together, and is there for one of them where the others need nothing", async () => {
      const aggregator = acknowledgeEverything();
      await using node = await startNode({
        SLIPSTREAM_UPLINK_URL: aggregator.url,
        SLIPSTREAM_NODE_RATE: `${RATE}`,
        SLIPSTREAM_NODE_BURST: `${BURST}`,
        SLIPSTREAM_DRONE_RATE: "1000000",
        SLIPSTREAM_DRONE_BURST: "1000000",
      });
      const byEdge = new Map<string, { socket: WebSocket; droneId: string; seq: number }>();
      while (byEdge.size < 2) {
        const { socket, edgeId } = await connect(node.url);
        if (byEdge.has(edgeId)) socket.close();
        else byEdge.set(edgeId, { socket, droneId: `drone-${edgeId}`, seq: 0 });
      }
      const drones = [...byEdge.values()];
      for (const some of [drones.slice(0, 1), drones]) {
        const { forwarded, refused, s } = await flood(node.url, some);
        assertGreater(refused, 0);
        assertLess(forwarded, BURST + RATE * s, `${some.length} drones`);
        assertGreater(forwarded, 0.6 * RATE * SECONDS, `${some.length} drones`);
      }
      await node.stop("SIGKILL");
      await aggregator.stop();
    });
  });
}
