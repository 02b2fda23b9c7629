import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FaultProxy, type LinkFault } from "./fault_proxy.ts";

/** A server that answers every byte with the same byte, behind a proxy with a fault, and a client. */
async function through(fault: LinkFault, test: (client: Deno.TcpConn, proxy: FaultProxy) => Promise<void>) {
  const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.TcpConn[] = [];
  const serving = (async () => {
    for await (const conn of server) {
      open.push(conn);
      conn.readable.pipeTo(conn.writable).catch(() => {});
    }
  })();
  const proxy = new FaultProxy(() => server.addr.port);
  proxy.fault = fault;
  const client = await Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
  try {
    await test(client, proxy);
  } finally {
    client.close();
    await proxy[Symbol.asyncDispose]();
    server.close();
    await serving;
  }
}

/** What comes back for what is sent: bytes, or null for the end of the connection. */
async function answer(client: Deno.TcpConn, bytes: Uint8Array): Promise<number[] | null> {
  const buffer = new Uint8Array(64);
  try {
    await client.write(bytes);
    const read = await client.read(buffer);
    return read === null ? null : [...buffer.subarray(0, read)];
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

const HELLO = new Uint8Array([1, 2, 3]);

describe("FaultProxy", () => {
  it("passes everything on while it has no fault", () =>
    through({}, async (client) => assertEquals(await answer(client, HELLO), [1, 2, 3])));

  it("refuses connections", () =>
    through({ refuse: true }, async (client) => assertEquals(await answer(client, HELLO), null)));

  for (const direction of ["up", "down"] as const) {
    it(`swallows what goes ${direction}, and does not say so`, () =>
      through({ swallow: { [direction]: true } }, async (client, proxy) => {
        const swallowed = answer(client, HELLO);
        const first = await Promise.race([
          swallowed,
          new Promise((resolve) => setTimeout(() => resolve("silence"), 100)),
        ]);
        assertEquals([first, proxy.connections], ["silence", 1]);
        proxy.cut();
        assertEquals(await swallowed, null);
      }));
  }

  it("cuts after so many bytes", () =>
    through({ cutAfterBytes: 2 }, async (client) => {
      const got = await answer(client, HELLO);
      assertEquals(got === null || got.length <= 2, true);
      assertEquals(await answer(client, HELLO), null);
    }));

  it("delays and slows down", () =>
    through({ delayMs: 40, bytesPerS: 100 }, async (client) => {
      const beganMs = performance.now();
      assertEquals(await answer(client, HELLO), [1, 2, 3]);
      // 40 ms there, 3 bytes at 100 a second, 40 ms back.
      assertEquals(performance.now() - beganMs >= 100, true);
    }));
});
