import { createServer } from "node:http";
import { Server as NetServer } from "node:net";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { keepListening } from "../../edge/listening.ts";
import { noticesBrokenSockets } from "../../platform/prompt_socket.ts";
import { RawClient } from "./raw_client.ts";

/** A listener whose seconds the test counts; each leaves time for what the second began. */
async function listening(
  run: (rig: { url: string; second: () => Promise<void>; end: () => void; logged: string[] }) => Promise<void>,
) {
  const http = createServer((_, outgoing) => outgoing.end("here"));
  const logged: string[] = [];
  let tick = () => {};
  const listener = await keepListening(http, {
    host: "127.0.0.1",
    port: 0,
    listenBacklog: 16,
    log: (_, message) => logged.push(message),
    every: (_, fn) => {
      tick = fn;
      return () => tick = () => {};
    },
  });
  const second = async () => {
    tick();
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  try {
    await run({ url: listener.url, second, end: () => NetServer.prototype.close.call(http), logged });
  } finally {
    await second();
    listener.stop();
    http.close();
  }
}

// Without limits there is no such listener.
for (const its of noticesBrokenSockets() ? ["an edge's listener"] : []) {
  describe(its, () => {
    it("listens anew when it has died without a word, at the same port", () =>
      listening(async ({ url, second, end, logged }) => {
        assertEquals(await (await fetch(url)).text(), "here");
        end();
        for (let s = 0; s < 6; s++) await second();
        assertEquals(await (await fetch(url)).text(), "here");
        assertStringIncludes(logged.at(-1) ?? "", "listening anew");
      }));

    it("is content with its own knocking while no drone comes", () =>
      listening(async ({ second, logged }) => {
        for (let s = 0; s < 20; s++) await second();
        assertEquals(logged, []);
      }));

    it("ends nobody's connection by listening anew", () =>
      listening(async ({ url, second, end }) => {
        const client = await RawClient.connect(url);
        await client.write("GET / HTTP/1.1\r\nhost: a\r\n");
        end();
        for (let s = 0; s < 6; s++) await second();
        await client.write("\r\n");
        assertStringIncludes((await client.hear()).text, "200 OK");
        client.close();
      }));
  });
}
