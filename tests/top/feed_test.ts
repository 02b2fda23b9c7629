import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Board } from "../../deploy/top/board.ts";
import { follow } from "../../deploy/top/feed.ts";
import { serverEvents } from "../../deploy/top/server_events.ts";
import { asksToEnd, Terminal } from "../../deploy/top/terminal.ts";
import { alertOf, fleetWord, TIME_US } from "./boards.ts";

const encoder = new TextEncoder();
const eventText = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** What became of a board when an aggregator answers so to each connection in turn, and ends. */
async function followed(
  connections: (() => Response | Promise<Response>)[],
  alerts: unknown = { alerts: [] },
): Promise<Board[]> {
  const boards: Board[] = [];
  const ending = new AbortController();
  const waits: (() => void)[] = [];
  await follow({
    url: "http://a",
    ask: async (url) => {
      if (url.includes("/v1/alerts")) return Response.json(alerts);
      assertEquals(url, "http://a/v1/events?only=fleet,alert");
      const answer = connections.shift();
      if (!answer) {
        ending.abort();
        return await Promise.reject(new Error("ended"));
      }
      return await answer();
    },
    // Time passes when nothing else happens.
    platform: {
      after: (ms, fn) => {
        if (ms > 1000) {
          waits.push(fn);
          return () => void waits.splice(waits.indexOf(fn), 1);
        }
        queueMicrotask(fn);
        return () => {};
      },
    },
    onChange: (board) => boards.push(board),
    signal: ending.signal,
  });
  assertEquals(waits, [], "a timer was left behind");
  return boards;
}

describe("what follows an aggregator's events", () => {
  it("has the alerts that are open, then what is told, and connects again when it ends", async () => {
    const first = () => new Response(eventText("fleet", fleetWord()) + eventText("alert", alertOf(9)));
    const second = () => new Response(eventText("fleet", fleetWord({ drones: 21, timeUs: TIME_US + 1 })));
    const boards = await followed([first, second], { alerts: [alertOf(3)] });
    const told = boards.map(({ trouble, fleet, before, alerts }) => [
      trouble,
      fleet?.drones ?? null,
      before?.drones ?? null,
      [...alerts.keys()].join(),
    ]);
    assertEquals(told, [
      [null, null, null, "3"],
      [null, 20, null, "3"],
      [null, 20, null, "3,9"],
      ["it has ended the events", 20, null, "3,9"],
      [null, 20, null, "3"],
      [null, 21, 20, "3"],
      ["it has ended the events", 21, null, "3"],
    ]);
  });

  it("says why it hears nothing", async () => {
    const troubleOf = async (answer: () => Response | Promise<Response>) => (await followed([answer])).at(-1)?.trouble;
    assertEquals(
      await troubleOf(() => Response.json({ error: "Cannot know who asks" }, { status: 401 })),
      "it answers with 401: Cannot know who asks",
    );
    assertEquals(await troubleOf(() => new Response("<html>", { status: 502 })), "it answers with 502");
    const refused = new TypeError("fetch failed", { cause: new Error("Connection refused") });
    assertEquals(await troubleOf(() => Promise.reject(refused)), "Connection refused");
    assertMatch(`${await troubleOf(() => new Response(eventText("fleet", { drones: 1 })))}`, /what nobody understands/);
  });
});

describe("server-sent events", () => {
  const text = `retry: 1000\n\n${eventText("fleet", { a: "é🛸" })}: comment\n\nevent: x\n\n${eventText("alert", 1)}`;

  it("are the same however they are cut", async () => {
    const bytes = encoder.encode(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const parts = [bytes.slice(0, cut), bytes.slice(cut)];
      const events = await Array.fromAsync(serverEvents(ReadableStream.from(parts)));
      assertEquals(events, [{ event: "fleet", data: '{"a":"é🛸"}' }, { event: "alert", data: "1" }], `cut at ${cut}`);
    }
  });

  it("that have no end are given up", async () => {
    const endless = async function* () {
      for (;;) yield await Promise.resolve(encoder.encode("x".repeat(1 << 20)));
    };
    await assertRejects(() => Array.fromAsync(serverEvents(endless())), RangeError, "one has no end");
  });
});

describe("Terminal", () => {
  it("is drawn on as a whole, and left as it was found, once", () => {
    let written = "";
    const raw: boolean[] = [];
    const terminal = new Terminal({
      write: (text) => written += text,
      size: () => ({ columns: 2, rows: 2 }),
      setRaw: (is) => raw.push(is),
    });
    terminal.draw([{ text: "no", style: "plain" }]);
    terminal.open();
    terminal.draw([{ text: "ab", style: "wrong" }, { text: "cd", style: "plain" }]);
    terminal.close();
    terminal.close();
    terminal.draw([{ text: "no", style: "plain" }]);
    assertEquals(written, "\x1b[?1049h\x1b[?25l\x1b[H\x1b[31mab\x1b[0m\r\ncd\x1b[0m\x1b[?25h\x1b[?1049l");
    assertEquals(raw, [true, false]);
  });

  it("ends by q, Ctrl-C or Ctrl-D", () => {
    assertEquals(["q", "Q", "\x03", "\x04", "x", "\x1b[A", ""].map((keys) => asksToEnd(encoder.encode(keys))), [
      ...[true, true, true, true, false, false, false],
    ]);
  });
});
