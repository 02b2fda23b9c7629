import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { startNode, statusOf } from "./rig.ts";

/** A client that is connected: it has said CONNECT, of MQTT 3.1.1 with a clean session, and has its CONNACK. */
async function connected(port: number, clientId: string): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const id = new TextEncoder().encode(clientId);
  const variable = [0, 4, ...new TextEncoder().encode("MQTT"), 4, 2, 0, 60, 0, id.length, ...id];
  await conn.write(Uint8Array.from([0x10, variable.length, ...variable]));
  const answer = new Uint8Array(4);
  for (let read = 0; read < answer.length;) read += await conn.read(answer.subarray(read)) ?? answer.length;
  assertEquals([...answer], [0x20, 2, 0, 0]);
  return conn;
}

for (const what of noticesBrokenSockets() ? ["the port for MQTT of a node of two edges"] : []) {
  describe(what, () => {
    it("is shared by both, and by no other node", async () => {
      using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = free.addr;
      const taken = { SLIPSTREAM_MQTT_PORT: `${port}` };
      await assertRejects(() => startNode(taken), Error, `port is taken; set SLIPSTREAM_MQTT_PORT to another`);
      free.close();
      await using node = await startNode(taken);
      await assertRejects(() => startNode(taken), Error, `port is taken; set SLIPSTREAM_MQTT_PORT to another`);
      const clients = [];
      // All to one of them once in 2^39 times.
      for (let i = 0; i < 40; i++) clients.push(await connected(port, `drone-${i}`));
      const { connections, edges } = await statusOf(node.url);
      assertEquals([connections, edges.every((edge) => edge.connections > 0)], [40, true]);
      for (const client of clients) client.close();
      assertEquals((await node.stop("SIGTERM")).code, 0);
    });
  });
}
