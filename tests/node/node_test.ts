import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { until } from "../e2e/system.ts";
import { connect, end, type NodeStatus, startNode, statusOf } from "./rig.ts";

const answering = ({ edges }: NodeStatus) => edges.filter(({ state }) => state === "answers").length;
const canShare = noticesBrokenSockets();
const isGone = (pid: number) => Deno.stat(`/proc/${pid}`).then(() => false, () => true);

for (const what of canShare ? ["a node of two edges"] : []) {
  describe(what, () => {
    it("gives drones to both, and says of the whole node whom it asked", async () => {
      await using node = await startNode();
      const drones = [];
      // Each goes to the one or the other by chance: all to one of them once in 2^39 times.
      for (let i = 0; i < 40; i++) drones.push(await connect(node.url));
      assertEquals([...new Set(drones.map(({ edgeId }) => edgeId))].sort(), ["edge-1~1", "edge-1~2"]);
      for (let i = 0; i < 8; i++) {
        const { edgeId, connections, edges } = await statusOf(node.url);
        assertEquals([edgeId, connections], ["edge-1", 40]);
        assertEquals(edges.map((edge) => edge.edgeId), ["edge-1~1", "edge-1~2"]);
        for (const edge of edges) assertEquals(edge.connections, drones.filter((d) => d.edgeId === edge.edgeId).length);
      }
      const replay = await fetch(`${node.url}/v1/replay`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ fromUs: 0, toUs: 1 }),
      });
      assertEquals(await replay.json(), { batches: 0, records: 0, bytes: 0 });
      const pids = (await statusOf(node.url)).edges.map(({ pid }) => pid);
      const { code } = await node.stop("SIGTERM");
      assertEquals([code, ...new Set((await Promise.all(drones.map(({ closed }) => closed))).map((e) => e.code))], [
        0,
        1001,
      ]);
      for (const pid of pids) await until("it has ended", () => isGone(pid));
    });

    it("starts one again that was ended, killed, or that hangs", async () => {
      await using node = await startNode();
      const [first, second] = (await statusOf(node.url)).edges;
      let pid = 0;
      for (
        const [victim, by, restarts] of [[first!, "SIGTERM", 1], [first!, "SIGKILL", 2], [
          second!,
          "SIGSTOP",
          1,
        ]] as const
      ) {
        pid = (await statusOf(node.url)).edges.find(({ edgeId }) => edgeId === victim.edgeId)!.pid;
        Deno.kill(pid, by);
        const isBack = until("it is back", async () => {
          const status = await statusOf(node.url).catch(() => null);
          const edge = status?.edges.find(({ edgeId }) => edgeId === victim.edgeId);
          return status !== null && answering(status) === 2 && edge?.restarts === restarts && edge.pid !== pid;
        }, 45_000);
        // One that is stopped would be there for ever.
        await isBack.finally(() => end(pid));
      }
      const { code, stderr } = await node.stop("SIGINT");
      assertEquals(code, 0, stderr);
      assertMatch(stderr, /edge 1 has ended with exit code 0: it is started again in 100 ms/);
      assertMatch(stderr, /edge 1 has ended with exit code 137: it is started again in \d+ ms/);
      assertMatch(stderr, /edge 2 says nothing any more: it is ended/);
    });

    it("ends, and says why, when one of them ends again and again", async () => {
      const node = await startNode();
      const victim = async () =>
        (await statusOf(node.url).catch(() => null))?.edges.find(({ state }) => state === "answers");
      const ended = node.stop("SIGCONT");
      let isOver = false;
      ended.then(() => isOver = true);
      while (!isOver) {
        const pid = (await victim())?.pid;
        if (pid !== undefined && !await isGone(pid)) Deno.kill(pid, "SIGKILL");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const { code, stderr } = await ended;
      assertEquals(code, 1, stderr);
      assertMatch(stderr, /Cannot go on: edge \d has ended with exit code 137, for the 6th time in a row/);
    });

    it("takes its edges along when it is killed", async () => {
      const node = await startNode();
      const { edges } = await statusOf(node.url);
      node.signal("SIGKILL");
      const areGone = until(
        "they have ended",
        async () => (await Promise.all(edges.map(({ pid }) => isGone(pid)))).every(Boolean),
      );
      await areGone.finally(() => edges.forEach(({ pid }) => end(pid)));
      await node.stop("SIGKILL");
      assertEquals(edges.length, 2);
    });

    it("does not share its port with another node, and does not start what one edge refuses", async () => {
      await using node = await startNode();
      const port = new URL(node.url).port;
      const refusal = async (env: Record<string, string>) => {
        try {
          await using _other = await startNode(env);
          return "it started";
        } catch (error) {
          return String(error);
        }
      };
      const taken = await refusal({ SLIPSTREAM_EDGE_PORT: port });
      assertMatch(
        taken,
        /exit code 2\nCannot listen on \S+: the port is taken; set SLIPSTREAM_EDGE_PORT to another\n$/,
      );
      const wrong = await refusal({ SLIPSTREAM_PSEUDONYM_KEY: "/nowhere" });
      assertMatch(wrong, /exit code 1\n[^]*Cannot start the edge: [^]*/);
      assertMatch(wrong, /Cannot start: edge \d has ended with exit code 2 before it listened/);
      const others: Record<string, string>[] = [{}, { SLIPSTREAM_REPLAY_KV: "1" }, { SLIPSTREAM_EDGE_PROCESSES: "1" }];
      for (const env of others) {
        const said = await refusal({ SLIPSTREAM_KV: "/nowhere/kv", ...env });
        assertMatch(said, /Cannot open the KV database \/nowhere\/kv(\.1)?: unable .*; see SLIPSTREAM_KV\n/);
        assertEquals(said.includes("Uncaught"), false, said);
      }
      assertEquals((await statusOf(node.url)).edges.length, 2);
      assertEquals((await node.stop("SIGTERM")).code, 0);
    });
  });
}

describe("deno task edge", () => {
  it("on one core is an edge alone", async () => {
    await using edge = await startNode({ SLIPSTREAM_EDGE_PROCESSES: "1" });
    const status = await statusOf(edge.url);
    assertEquals([status.edgeId, status.edges], ["edge-1", undefined as unknown as NodeStatus["edges"]]);
    assertEquals((await connect(edge.url)).edgeId, "edge-1");
    assertEquals((await edge.stop("SIGTERM")).code, 0);
  });
});
