import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fromBinary } from "@bufbuild/protobuf";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { batteryFrame, FakeAggregator } from "../edge/rig.ts";
import { until } from "../e2e/system.ts";
import { connect, end, startNode, statusOf } from "./rig.ts";

/** Each time by another connection: the kernel gives it to one edge or the other. */
async function ask(url: string, limitMs = 10_000): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, { headers: { connection: "close" }, signal: AbortSignal.timeout(limitMs) });
  return { status: answer.status, text: await answer.text() };
}

function valueOf(text: string, name: string): number {
  return Number(text.split("\n").find((line) => line.startsWith(`${name} `))?.split(" ")[1]);
}

const READY = { status: 200, text: '{"status":"ready"}' };
const notReady = (reason: string) => ({ status: 503, text: JSON.stringify({ status: "not ready", reason }) });
const RECEIVED = "slipstream_edge_records_received_total";

for (const what of noticesBrokenSockets() ? ["a node of two edges"] : []) {
  describe(what, () => {
    it("tells Prometheus of all of them, whichever is asked, and never counts back", async () => {
      await using node = await startNode();
      const drones = [];
      for (let i = 0; i < 20; i++) drones.push(await connect(node.url));
      for (const [i, { socket }] of drones.entries()) socket.send(batteryFrame(`drone-${i}`, [1, 2, 3]));
      const metrics = async () => (await ask(`${node.url}/metrics`)).text;
      await until("all is received", async () => valueOf(await metrics(), RECEIVED) === 60);
      for (let i = 0; i < 6; i++) {
        const text = await metrics();
        assertEquals(
          [RECEIVED, "slipstream_edge_connections", 'slipstream_edge_processes{state="answers"}'].map((name) =>
            valueOf(text, name)
          ),
          [60, 20, 2],
        );
      }
      Deno.kill((await statusOf(node.url)).edges[0]!.pid, "SIGKILL");
      await until("it is back, and nothing of it forgotten", async () => {
        // Who had connected to the edge that is killed is not answered.
        const text = await metrics().catch(() => null);
        if (text === null) return false;
        assertEquals(valueOf(text, RECEIVED), 60);
        return valueOf(text, "slipstream_edge_process_restarts_total") === 1 &&
          valueOf(text, 'slipstream_edge_processes{state="answers"}') === 2;
      });
      assertEquals((await node.stop("SIGTERM")).code, 0);
    });

    it("is ready when all that get drones are, and says which one is not", async () => {
      const aggregator = new FakeAggregator();
      await using node = await startNode({ SLIPSTREAM_UPLINK_URL: aggregator.url });
      const readiness = () => ask(`${node.url}/readyz`);
      await until("it is ready", async () => (await readiness()).status === 200, 30_000);
      const { pid } = (await statusOf(node.url)).edges[1]!;
      Deno.kill(pid, "SIGSTOP");
      try {
        // Whoever comes to edge 2 itself hears nothing; it is killed after 10 s, so that many ask at once.
        const hears = async () =>
          assertEquals(await ask(`${node.url}/readyz`, 4000), notReady("edge 2: it does not answer"));
        await until("edge 1 says what edge 2 does not", () => {
          return Promise.any(Array.from({ length: 16 }, hears)).then(() => true, () => false);
        }, 30_000);
        Deno.kill(pid, "SIGCONT");
        await until("it is ready again", async () => (await readiness()).status === 200, 30_000);
        assertEquals(await readiness(), READY);
      } finally {
        end(pid);
      }
      await until("the other has what it had", async () => {
        const answer = await readiness().catch(() => null);
        return answer?.status === 200 && (await statusOf(node.url)).edges[1]!.restarts === 1;
      }, 30_000);
      await aggregator.stop();
      await until("neither reaches the aggregator", async () => {
        return (await readiness()).text.includes("no connection to the aggregator");
      }, 30_000);
      assertEquals((await node.stop("SIGTERM")).code, 0);
    });

    it("has its edges answer when the process that minds them hangs: that it does", async () => {
      const aggregator = new FakeAggregator();
      await using node = await startNode({ SLIPSTREAM_UPLINK_URL: aggregator.url });
      await until("it is ready", async () => (await ask(`${node.url}/readyz`)).status === 200, 30_000);
      node.signal("SIGSTOP");
      assertEquals(await ask(`${node.url}/readyz`), notReady("the node does not answer"));
      assertEquals((await ask(`${node.url}/v1/status`)).status, 500);
      assertEquals((await ask(`${node.url}/healthz`)).status, 200);
      node.signal("SIGCONT");
      await until("it is ready again", async () => (await ask(`${node.url}/readyz`)).status === 200, 30_000);
      const { code, stderr } = await node.stop("SIGTERM");
      assertEquals(code, 0, stderr);
      assertMatch(stderr, /Cannot ask the node: it does not answer/);
      await aggregator.stop();
    });

    it("has its drones leave before it takes no more, and acknowledges what they send meanwhile", async () => {
      const aggregator = new FakeAggregator();
      await using node = await startNode({ SLIPSTREAM_UPLINK_URL: aggregator.url });
      await until("it is ready", async () => (await ask(`${node.url}/readyz`)).status === 200, 30_000);
      const drones = [];
      for (let i = 0; i < 10; i++) {
        const { socket, closed } = await connect(node.url);
        const heard: string[] = [];
        socket.onmessage = ({ data }) => {
          const { body } = fromBinary(DroneDownlinkSchema, new Uint8Array(data));
          if (body.case === "heartbeat" && body.value.stopping) {
            heard.push("stopping");
            socket.send(batteryFrame(`drone-${i}`, [1]));
          } else if (body.case === "ack") heard.push("ack");
        };
        drones.push({ heard, closed });
      }
      const { code } = await node.stop("SIGTERM");
      assertEquals(code, 0);
      for (const { heard, closed } of drones) {
        assertEquals([heard, (await closed).code], [["stopping", "ack"], 1001]);
      }
      await aggregator.stop();
    });
  });
}
