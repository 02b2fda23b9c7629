import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { Refusals } from "../../platform/server/refusals.ts";
import { serveStreams, type Stream } from "../../platform/server/stream_server.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Changes } from "../changes.ts";

interface Rig {
  connect: () => Promise<Deno.TcpConn>;
  refusals: Refusals;
  streams: Stream[];
  /** Where each came from. */
  addresses: string[];
  /** What has come, as text. */
  heard: string[];
  closed: () => number;
  until: <T>(find: () => T | undefined | false) => Promise<T>;
}

/** A server that says back what it hears. */
async function withEcho(
  test: (rig: Rig) => Promise<void>,
  { connectionsMax = 10, host = "127.0.0.1" } = {},
): Promise<void> {
  const refusals = new Refusals();
  const changes = new Changes();
  const [streams, heard, addresses]: [Stream[], string[], string[]] = [[], [], []];
  let closed = 0;
  const server = await serveStreams({
    ...{ ...systemPlatform("test"), log: () => {}, refusals, tls: null, scheme: "mqtt" },
    ...{ host, port: 0, listenBacklog: 128 },
    ...{ connectionsMax, addressConnectionsMax: 100, sharedAddresses: new Set<string>() },
    accept: (stream, { address }) => {
      addresses.push(address);
      streams.push(stream);
      changes.happened();
      return {
        bytes: (chunk) => {
          heard.push(new TextDecoder().decode(chunk));
          stream.send(new Uint8Array(chunk));
          changes.happened();
        },
        closed: () => {
          closed++;
          changes.happened();
        },
      };
    },
  });
  const clients: Deno.TcpConn[] = [];
  try {
    await test({
      ...{ refusals, streams, heard, addresses, closed: () => closed, until: (find) => changes.until(find) },
      connect: async () => {
        const { port } = new URL(server.url.replace("mqtt", "http"));
        const client = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
        clients.push(client);
        return client;
      },
    });
  } finally {
    await server.stop();
    for (const client of clients) client.close();
  }
}

async function read(client: Deno.TcpConn): Promise<string | null> {
  const buffer = new Uint8Array(100);
  const bytes = await client.read(buffer).catch(() => null);
  return bytes === null ? null : new TextDecoder().decode(buffer.subarray(0, bytes));
}

for (const its of noticesBrokenSockets() ? ["a server of streams"] : []) {
  describe(its, () => {
    it("tells an IPv4 address as one, though it listens for both", () =>
      withEcho(async ({ connect, addresses, until }) => {
        await connect();
        assertEquals(await until(() => addresses[0]), "127.0.0.1");
      }, { host: "::" }));

    it("hands over what comes, and sends what is said", () =>
      withEcho(async ({ connect, heard }) => {
        const client = await connect();
        await client.write(new TextEncoder().encode("hello"));
        assertEquals([await read(client), heard], ["hello", ["hello"]]);
      }));

    it("sends what was said before it closes, and hears that it has", () =>
      withEcho(async ({ connect, streams, closed, until }) => {
        const client = await connect();
        const stream = await until(() => streams[0]);
        stream.send(new TextEncoder().encode("bye"));
        stream.close();
        assertEquals([await read(client), await read(client), stream.open], ["bye", null, false]);
        await until(() => closed() === 1);
      }));

    it("hears that a client has gone", () =>
      withEcho(async ({ connect, streams, closed, until }) => {
        const client = await connect();
        const stream = await until(() => streams[0]);
        client.closeWrite();
        await until(() => closed() === 1);
        assertEquals(stream.open, false);
      }));

    it("has no more places than that, and counts whom it refuses", () =>
      withEcho(async ({ connect, refusals, streams, until }) => {
        await connect();
        await until(() => streams[0]);
        assertEquals(await read(await connect()), null);
        assertGreater(refusals.view.full, 0);
        assertEquals(streams.length, 1);
      }, { connectionsMax: 1 }));
  });
}
