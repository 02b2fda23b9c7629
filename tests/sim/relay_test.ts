import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Relay } from "../../sim/relay.ts";

/** What comes back for what is sent: a byte, or null for the end of the connection. */
async function answer(conn: Deno.TcpConn, byte: number): Promise<number | null> {
  const buffer = new Uint8Array(1);
  try {
    await conn.write(new Uint8Array([byte]));
    return await conn.read(buffer) === null ? null : buffer[0]!;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

describe("Relay", () => {
  it("carries bytes both ways, ends what it carries when it is cut, refuses, and heals", async () => {
    const echo = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const ended: Promise<void>[] = [];
    const serving = (async () => {
      for await (const conn of echo) ended.push(conn.readable.pipeTo(conn.writable).catch(() => {}));
    })();
    {
      await using relay = new Relay(echo.addr.port);
      const connect = () => Deno.connect({ hostname: "127.0.0.1", port: relay.port });
      const first = await connect();
      assertEquals(await answer(first, 7), 7);
      relay.cut(true);
      assertEquals(await answer(first, 8), null);
      const refused = await connect();
      assertEquals(await answer(refused, 9), null);
      relay.cut(false);
      const second = await connect();
      assertEquals(await answer(second, 10), 10);
      for (const conn of [first, refused, second]) conn.close();
    }
    echo.close();
    await serving;
    await Promise.all(ended);
  });
});
