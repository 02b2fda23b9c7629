import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import { Socket } from "node:dgram";
import { type DatagramSettings, serveDatagrams } from "../../platform/server/datagram_server.ts";
import { Refusals } from "../../platform/server/refusals.ts";
import type { Peer } from "../../platform/server/peer.ts";
import type { Stream } from "../../platform/server/stream_server.ts";
import { Changes } from "../changes.ts";
import { World } from "../simulation/world.ts";
import { DatagramClient } from "./datagram_client.ts";

interface Rig {
  world: World;
  port: number;
  refusals: Refusals;
  streams: Stream[];
  /** What has come, as text. */
  heard: string[];
  closed: () => number;
  client: () => Promise<DatagramClient>;
  until: <T>(find: () => T | undefined | false) => Promise<T>;
}

/** A server that says back what it hears, in a time that the test lets pass. */
async function withEcho(test: (rig: Rig) => Promise<void>, over: Partial<DatagramSettings> = {}): Promise<void> {
  const [world, refusals, changes] = [new World(1), new Refusals(), new Changes()];
  const [streams, heard, clients]: [Stream[], string[], DatagramClient[]] = [[], [], []];
  let closed = 0;
  const server = await serveDatagrams({
    ...{ host: "127.0.0.1", port: 0, refusals, log: () => {} },
    ...{ clock: () => world.nowMs, after: (ms, fn) => world.after(ms, fn) },
    ...{ connectionsMax: 10, addressConnectionsMax: 100, sharedAddresses: new Set<string>() },
    accept: (stream) => {
      streams.push(stream);
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
    ...over,
  });
  const port = Number(server.url.split(":").at(-1));
  const client = async () => {
    const client = await DatagramClient.open(port);
    clients.push(client);
    return client;
  };
  try {
    const until = <T>(find: () => T | undefined | false) => changes.until(find);
    await test({ world, port, refusals, streams, heard, closed: () => closed, client, until });
  } finally {
    for (const each of clients) each.close();
    await server.stop();
  }
}

describe("a server of datagrams", () => {
  it("answers the peer that has spoken, each on a stream of its own", () =>
    withEcho(async ({ client, streams }) => {
      const [a, b] = [await client(), await client()];
      a.send("one");
      assertEquals(await a.next(), "one");
      b.send("two");
      assertEquals(await b.next(), "two");
      a.send("three");
      assertEquals([await a.next(), streams.length], ["three", 2]);
    }));

  it("does not look at what comes from a peer that was closed, for a while", () =>
    withEcho(async ({ world, client, streams, heard, closed, until }) => {
      const [a, b] = [await client(), await client()];
      a.send("one");
      await a.next();
      streams[0]!.close();
      await until(() => closed() === 1);
      a.send("two");
      b.send("three");
      assertEquals([await b.next(), heard], ["three", ["one", "three"]]);
      await world.run(world.nowMs + 10_001);
      a.send("four");
      assertEquals([await a.next(), streams.length], ["four", 3]);
    }));

  it("has places for so many peers, and counts those that find none", () =>
    withEcho(async ({ client, refusals, heard, until }) => {
      const [a, b] = [await client(), await client()];
      a.send("one");
      await a.next();
      b.send("two");
      a.send("three");
      await until(() => heard.length === 2);
      assertEquals([heard, refusals.view.full], [["one", "three"], 1]);
    }, { connectionsMax: 1 }));

  it("gives no place to who is not welcome by his first datagram, and hears whatever follows of who is", () => {
    const isWelcome = (datagram: Uint8Array, { address }: Peer) => datagram.length === 3 && address === "127.0.0.1";
    return withEcho(async ({ client, refusals, heard, until }) => {
      const [a, b] = [await client(), await client()];
      await a.send("four");
      await b.send("two");
      await b.send("and more");
      await a.send("six");
      await until(() => heard.length === 3);
      const { unsigned, full } = refusals.view;
      assertEquals([heard, unsigned, full], [["two", "and more", "six"], 1, 0]);
    }, { connectionsMax: 2, isWelcome });
  });

  it("refuses what comes from port 0, where nothing can be sent", async () => {
    // No socket sends from there: the server's own is told that something had come.
    const bound: Socket[] = [];
    const { bind } = Socket.prototype;
    Socket.prototype.bind = function (this: Socket, ...args: unknown[]) {
      bound.push(this);
      return Reflect.apply(bind, this, args);
    };
    try {
      await withEcho(async ({ client, refusals, heard, streams }) => {
        const from = { address: "127.0.0.1", family: "IPv4", size: 3 } as const;
        bound[0]!.emit("message", Buffer.from("one"), { ...from, port: 0 });
        assertEquals([heard, streams.length, refusals.view.port], [[], 0, 1]);
        const a = await client();
        a.send("two");
        assertEquals([await a.next(), heard], ["two", ["two"]]);
      });
    } finally {
      Socket.prototype.bind = bind;
    }
  });

  it("says that its port is taken", () =>
    withEcho(async ({ port }) => {
      await assertRejects(() => withEcho(() => Promise.resolve(), { port }), Deno.errors.AddrInUse);
    }));

  it("tells the streams of its peers when it stops", async () => {
    let closed = () => 0;
    await withEcho(async (rig) => {
      closed = rig.closed;
      const a = await rig.client();
      a.send("one");
      await a.next();
    });
    assertEquals(closed(), 1);
  });
});
