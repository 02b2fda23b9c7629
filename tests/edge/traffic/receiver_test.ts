import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { zeroCounters } from "../../../edge/counters.ts";
import { Sbs1Receiver } from "../../../edge/ingest/sbs1/receiver.ts";
import { dial, type DialEnds } from "../../../platform/stream_client.ts";
import type { Traffic } from "../../../wasm/mavlink/traffic.ts";
import { World } from "../../simulation/world.ts";
import { lineOf, MOTION, PLACE } from "./lines_of.ts";

function receiver() {
  const world = new World(1);
  const counters = zeroCounters();
  const heard: Traffic[] = [];
  const log: string[] = [];
  const dialled: { atMs: number; ends: DialEnds; isClosed: boolean }[] = [];
  const it = new Sbs1Receiver({
    ...{ place: { host: "::1", port: 30_003 }, hear: (traffic) => heard.push(traffic), counters },
    ...{ clock: () => world.nowMs, after: (ms, fn) => world.after(ms, fn), random: () => 1 },
    log: (_, message) => log.push(message),
    dial: (_, ends) => {
      const call = { atMs: world.nowMs, ends, isClosed: false };
      dialled.push(call);
      return { close: () => void (call.isClosed = true) };
    },
  });
  it.start();
  const send = (text: string) => dialled.at(-1)!.ends.bytes(new TextEncoder().encode(text));
  return { it, world, counters, heard, log, dialled, send };
}

describe("a receiver of ADS-B", () => {
  it("is heard in whatever pieces its lines come", () => {
    const { dialled, heard, send, counters } = receiver();
    dialled[0]!.ends.opened();
    for (const letter of `${lineOf(MOTION)}\r\n${lineOf(PLACE)}\r\nSTA,,5,179,400AE7\r\n`) send(letter);
    send("something else\n");
    assertEquals(heard.map(({ address, speedCms }) => [address, speedCms]), [["4ca123", 6173]]);
    assertEquals([counters.sbs1Lines, counters.sbs1Unreadable], [4, 1]);
  });

  it("is connected to again, each time a little later, until it is heard", async () => {
    const { dialled, world, send, log } = receiver();
    for (let i = 0; i < 9; i++) {
      dialled.at(-1)!.ends.closed("refused");
      await world.run(world.nowMs + 30_000);
    }
    const waits = dialled.slice(1).map(({ atMs }, i) => atMs - i * 30_000);
    assertEquals(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    dialled.at(-1)!.ends.opened();
    send(`${lineOf(PLACE)}\n`);
    const beforeMs = world.nowMs;
    dialled.at(-1)!.ends.closed("it has closed");
    await world.run(world.nowMs + 1000);
    assertEquals(dialled.at(-1)!.atMs - beforeMs, 500);
    assertEquals(log, [
      "hears no ADS-B of [::1]:30003: refused",
      "hears ADS-B of [::1]:30003",
      "hears no ADS-B of [::1]:30003: it has closed",
    ]);
  });

  it("is connected to anew when it has said nothing for 150 s, not even that it hears nobody", async () => {
    const { dialled, world, send, log } = receiver();
    dialled[0]!.ends.opened();
    send(`${lineOf(PLACE)}\n`);
    for (let minutes = 0; minutes < 10; minutes++) {
      await world.run(world.nowMs + 60_000);
      send("\r\n");
    }
    await world.run(world.nowMs + 149_999);
    assertEquals([dialled.length, dialled[0]!.isClosed], [1, false]);
    await world.run(world.nowMs + 1);
    assertEquals(dialled[0]!.isClosed, true);
    await world.run(world.nowMs + 500);
    assertEquals([dialled.length, dialled[1]!.isClosed], [2, false]);
    assertEquals(log.at(-1), "hears no ADS-B of [::1]:30003: it has said nothing for 150 s");
  });

  it("is asked once at a time, however its connection ended", async () => {
    const { dialled, world, send } = receiver();
    for (let i = 0; i < 3; i++) {
      dialled.at(-1)!.ends.opened();
      send(`${lineOf(PLACE)}\n`);
      dialled.at(-1)!.ends.closed("it has closed");
      await world.run(world.nowMs + 60_000);
    }
    assertEquals(dialled.length, 4);
    await world.run(world.nowMs + 92_000);
    assertEquals(dialled.map(({ isClosed }) => isClosed), [false, false, false, true, false]);
  });

  it("is left alone when the edge stops", async () => {
    const { it, dialled, world } = receiver();
    dialled[0]!.ends.closed("refused");
    it.stop();
    await world.run(60_000);
    assertEquals(dialled.length, 1);
    const other = receiver();
    other.it.stop();
    assertEquals(other.dialled[0]!.isClosed, true);
    await other.world.run(200_000);
    assertEquals([other.dialled.length, other.log], [1, []]);
  });
});

describe("dial", () => {
  const run = (port: number) => {
    const events: string[] = [];
    const closed = Promise.withResolvers<void>();
    const got = Promise.withResolvers<void>();
    const dialled = dial({ host: "127.0.0.1", port }, {
      opened: () => events.push("opened"),
      bytes: (chunk) => {
        events.push(new TextDecoder().decode(chunk));
        got.resolve();
      },
      closed: (why) => {
        events.push(`closed: ${why}`);
        closed.resolve();
      },
    });
    return { events, closed: closed.promise, got: got.promise, dialled };
  };

  it("brings bytes until the other end closes", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { events, got, closed } = run(listener.addr.port);
    const connection = await listener.accept();
    await connection.write(new TextEncoder().encode("hello"));
    await got;
    connection.close();
    await closed;
    listener.close();
    assertEquals(events, ["opened", "hello", "closed: it has closed"]);
  });

  it("says that it cannot connect", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const { events, closed } = run(port);
    await closed;
    assertEquals([events.length, events[0]?.startsWith("closed: ")], [1, true]);
  });

  it("says nothing more once it is closed from here", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { events, got, dialled } = run(listener.addr.port);
    const connection = await listener.accept();
    await connection.write(new TextEncoder().encode("hello"));
    await got;
    dialled.close();
    assertEquals(await connection.read(new Uint8Array(1)).catch(() => null), null);
    connection.close();
    listener.close();
    assertEquals(events, ["opened", "hello"]);
  });
});
