import { createServer } from "node:http";
import { Server as NetServer } from "node:net";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { keepListening } from "../../platform/server/listening.ts";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { until } from "../e2e/system.ts";
import { RawClient } from "../edge/raw_client.ts";

interface Listening {
  url: string;
  /** Seconds pass, all at once. */
  seconds: (count: number) => void;
  /** Resolves when it has accepted so many connections. */
  accepted: (count: number) => Promise<void>;
  /** Connections that it has accepted. */
  knocked: () => number;
  /** Resolves when it listens. */
  listens: () => Promise<void>;
  end: () => void;
  logged: string[];
}

/** A listener whose seconds the test counts. */
async function listening(
  run: (rig: Listening) => Promise<void>,
  shared: { port?: number; portSharedBy?: number } = {},
) {
  const http = createServer((_, outgoing) => outgoing.end("here"));
  let taken = 0;
  http.on("connection", () => taken++);
  const logged: string[] = [];
  let tick = () => {};
  const listener = await keepListening(http, {
    host: "127.0.0.1",
    port: 0,
    ...shared,
    listenBacklog: 16,
    scheme: "http",
    log: (_, message) => logged.push(message),
    every: (_, fn) => {
      tick = fn;
      return () => tick = () => {};
    },
  });
  try {
    await run({
      ...{ url: listener.url, logged },
      seconds: (count) => {
        for (let s = 0; s < count; s++) tick();
      },
      accepted: (count) => until(`${count} connections`, () => Promise.resolve(taken === count)),
      knocked: () => taken,
      listens: () => until("it listens", () => Promise.resolve(http.listening)),
      end: () => NetServer.prototype.close.call(http),
    });
  } finally {
    listener.stop();
    http.close();
  }
}

// Without limits there is no such listener.
for (const its of noticesBrokenSockets() ? ["an edge's listener"] : []) {
  describe(its, () => {
    it("listens anew when it has died without a word, at the same port", () =>
      listening(async ({ url, seconds, listens, end, logged }) => {
        assertEquals(await (await fetch(url)).text(), "here");
        end();
        seconds(6);
        await listens();
        assertEquals(await (await fetch(url)).text(), "here");
        assertStringIncludes(logged.at(-1) ?? "", "listening anew");
      }));

    it("is content with its own knocking while no drone comes", () =>
      listening(async ({ seconds, accepted, logged }) => {
        for (let knocks = 1; knocks <= 5; knocks++) {
          seconds(3);
          await accepted(knocks);
        }
        assertEquals(logged, []);
      }));

    it("knocks at a shared port until it is itself that opens, and listens anew when it never is", () =>
      listening(({ url, ...first }) =>
        listening(async (second) => {
          let knocks = 0;
          // Each knock goes to the one or the other by chance: ten seconds without one that is heard are one in 2^28.
          for (let s = 0; s < 10; s++) {
            first.seconds(1);
            await new Promise((resolve) => setTimeout(resolve, 20));
            knocks = Math.max(knocks, second.knocked());
          }
          assertEquals([first.logged, knocks > 0], [[], true]);
          const heard = first.knocked();
          await until("it opens", async () => {
            (await RawClient.connect(url)).close();
            return first.knocked() > heard;
          });
          first.end();
          first.seconds(11);
          assertEquals(first.logged, []);
          first.seconds(1);
          await first.listens();
          assertStringIncludes(first.logged.at(-1) ?? "", "listening anew");
        }, { port: Number(new URL(url).port), portSharedBy: 2 }), { portSharedBy: 2 }));

    it("ends nobody's connection by listening anew", () =>
      listening(async ({ url, seconds, accepted, listens, end }) => {
        const client = await RawClient.connect(url);
        await client.write("GET / HTTP/1.1\r\nhost: a\r\n");
        await accepted(1);
        end();
        seconds(6);
        await listens();
        await client.write("\r\n");
        assertStringIncludes((await client.hear()).text, "200 OK");
        client.close();
      }));
  });
}
