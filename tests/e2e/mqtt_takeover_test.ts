import { Buffer } from "node:buffer";
import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { generate } from "mqtt-packet";
import { rssKib } from "./proc.ts";
import { freePort } from "./free_port.ts";
import { System, until } from "./system.ts";

const hasProc = Deno.build.os === "linux";
const CONNACK_BYTES_MIN = 4;
const TAKEOVERS = 1000;
/** What a process takes beside its connections: a leak of each would be some KiB. */
const GROWN_KIB_MAX = 24 << 10;

/** The next client by one and the same name, let in. */
async function takeOver(port: number): Promise<Deno.TcpConn> {
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  const connect = { cmd: "connect", clientId: "the-one", clean: false, keepalive: 60, protocolVersion: 5 } as const;
  await tcp.write(generate({ ...connect, properties: { sessionExpiryInterval: 60 } }));
  const answer = Buffer.alloc(64);
  for (let bytes = 0; bytes < CONNACK_BYTES_MIN;) bytes += await tcp.read(answer.subarray(bytes)) ?? Infinity;
  return tcp;
}

async function openFiles(pid: number): Promise<number> {
  return (await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`))).length;
}

describe("a client that is taken over a thousand times in a row", () => {
  it("leaves descriptors and memory of the edge flat", { ignore: !hasProc }, async () => {
    const port = freePort();
    await using system = await System.start({ edgeEnv: { SLIPSTREAM_MQTT_PORT: `${port}` } });
    const { pid } = system.edge;
    let last: Deno.TcpConn | null = null;
    const storm = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const next = await takeOver(port);
        last?.close();
        last = next;
      }
      await until("one connection is left", async () => (await system.status()).connections === 1);
    };
    // Once everything is compiled, and what is allocated once is so.
    await storm(TAKEOVERS);
    const [files, kib] = [await openFiles(pid), await rssKib(pid)];
    await storm(TAKEOVERS);
    await until("descriptors are back", async () => await openFiles(pid) <= files + 2);
    assertLess(await rssKib(pid) - kib, GROWN_KIB_MAX);
    assertEquals((await system.status()).connections, 1);
    (last as Deno.TcpConn | null)?.close();
  });
});
