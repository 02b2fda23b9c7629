import { OPEN_GATE } from "../../identity/gate.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Connections } from "../../edge/drones/connections.ts";
import { createApp } from "../../edge/ingest/app.ts";
import { type EdgeConfig, readEdgeConfig } from "../../edge/config.ts";
import { serveEdge } from "../../edge/ingest/serving.ts";
import { Refusals } from "../../platform/server/refusals.ts";
import { systemPlatform } from "../../platform/system.ts";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { until } from "../e2e/system.ts";
import { closeCode, RawClient, webSocketFrame } from "./raw_client.ts";
import { type Rig, withEdge } from "./rig.ts";

const GREETING = { serverTimeUs: 0n, session: 1n, edgeId: "e", version: "", protocol: 0, cutOff: false };

async function connections(status: Rig["status"], count: number): Promise<void> {
  await until(`${count} connections`, async () => (await status()).connections === count);
}

const REFUSED = [
  { of: "a page of somebody else", headers: { origin: "https://evil.example" }, status: 403, says: "evil.example" },
  { of: "a name that leads here", headers: { host: "evil.example:8787" }, status: 421, says: "SLIPSTREAM_HOSTS" },
  { of: "a page without an origin of its own", headers: { origin: "null" }, status: 403, says: "SLIPSTREAM_ORIGINS" },
  { of: "a handshake without a key", headers: { "sec-websocket-key": undefined }, status: 400, says: "handshake" },
  { of: "a handshake with half a key", headers: { "sec-websocket-key": "AAAA" }, status: 400, says: "handshake" },
  { of: "an old version", headers: { "sec-websocket-version": "8" }, status: 400, says: "version 13" },
  { of: "an upgrade that is none", headers: { connection: "keep-alive" }, status: 400, says: "handshake" },
  { of: "another subprotocol", headers: { "sec-websocket-protocol": "mqtt" }, status: 400, says: "slipstream.v1" },
];

for (const hosted of noticesBrokenSockets() ? [false, true] : [true]) {
  describe(`an edge's sockets, served ${hosted ? "by Deno.serve" : "with limits"}`, () => {
    for (const { of, headers, status, says } of REFUSED) {
      it(`refuse ${of} with ${status}`, () =>
        withEdge({ hosted }, async ({ url, status: fetchStatus }) => {
          const { client, status: line, text: first } = await RawClient.upgrade(url, headers);
          assertStringIncludes(line, ` ${status} `);
          if (!first.includes(says)) await client.hearUntil(({ text }) => `${first}${text}`.includes(says));
          client.close();
          assertEquals((await fetchStatus()).connections, 0);
        }));
    }

    it("take telemetry from a page that the operator has listed", () =>
      withEdge({ hosted, origins: new Set(["https://ops.example.com"]) }, async ({ url }) => {
        const { client, status } = await RawClient.upgrade(url, { origin: "https://ops.example.com" });
        assertStringIncludes(status, " 101 ");
        client.close();
      }));

    for (const offered of ["slipstream.v1", "mqtt, slipstream.v1", undefined]) {
      it(`speak ${offered === undefined ? "with a drone that offers no subprotocol" : `the one they know of ${offered}`}`, () =>
        withEdge({ hosted }, async ({ url }) => {
          const { client, text } = await RawClient.upgrade(url, { "sec-websocket-protocol": offered });
          assertStringIncludes(text, " 101 ");
          const chosen = /^sec-websocket-protocol: (.*)\r$/im.exec(text)?.[1];
          assertEquals(chosen, offered && "slipstream.v1");
          client.close();
        }));
    }

    it("are no more than fit: the next drone is told so, and finds a place when one has left", () =>
      withEdge({ hosted, connectionsMax: 2 }, async ({ url, status, connect }) => {
        const [first, second] = [connect(), connect()];
        await Promise.all([first.hello(), second.hello()]);
        const { client, status: line } = await RawClient.upgrade(url);
        assertStringIncludes(line, " 503 ");
        client.close();
        await first.close();
        await connections(status, 1);
        await connect().hello();
      }));

    it("forget a drone that vanishes in the middle of a message, without a close", () =>
      withEdge({ hosted }, async ({ url, status }) => {
        const { client } = await RawClient.upgrade(url);
        await connections(status, 1);
        await client.write(webSocketFrame(new Uint8Array(1000)).subarray(0, 500));
        client.close();
        await connections(status, 0);
      }));

    it("answer a ping that comes within a message of several parts", () =>
      withEdge({ hosted }, async ({ url, status }) => {
        const { client } = await RawClient.upgrade(url);
        await client.write(webSocketFrame(Uint8Array.of(0xff), { final: false }));
        await client.write(webSocketFrame(Uint8Array.of(1, 2, 3), { opcode: 9 }));
        await client.hearUntil(({ bytes }) => bytes.slice(-5).join() === [0x8a, 3, 1, 2, 3].join());
        await client.write(webSocketFrame(Uint8Array.of(0xff), { opcode: 0 }));
        await until("the message is taken", async () => (await status()).frames.malformed === 1);
        client.close();
      }));
  });

  describe(`an edge's HTTP surface, served ${hosted ? "by Deno.serve" : "with limits"}`, () => {
    const post = async (url: string, body: string) => {
      const response = await fetch(`${url}/v1/replay`, {
        method: "POST",
        body,
        headers: { "content-type": "application/json" },
      });
      await response.body?.cancel();
      return response.status;
    };

    it("reads no more of a request to replay than such a request can have", () =>
      withEdge({ hosted }, async ({ url }) => {
        const range = JSON.stringify({ fromUs: 1, toUs: 2 });
        assertEquals(await post(url, range), 200);
        assertEquals(await post(url, range + " ".repeat(5000)), 413);
        assertEquals(await post(url, range), 200);
      }));

    it("answers to loopback and the names that are set, and by no other name", () =>
      withEdge({ hosted, hosts: new Set(["ops.example.com"]) }, async ({ url }) => {
        const ask = async (host: string, path: string) => {
          const client = await RawClient.connect(url);
          await client.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
          const { status } = await client.hear();
          client.close();
          return status.split(" ")[1];
        };
        for (const path of ["/v1/status", "/healthz", "/v1/telemetry", "/nowhere"]) {
          assertEquals(await ask("evil.example:8787", path), "421", path);
        }
        for (const host of ["localhost", "127.0.0.1:9", "[::1]:8787", "ops.example.com"]) {
          assertEquals(await ask(host, "/healthz"), "200", host);
        }
      }));

    it("answers to any name where the platform knows which are its own", () =>
      withEdge({ hosted, hosts: null }, async ({ url }) => {
        const { client, status } = await RawClient.upgrade(url, { host: "fleet.example.com" });
        assertStringIncludes(status, " 101 ");
        client.close();
      }));

    it("makes no connection of a drone of a HEAD", () =>
      withEdge({ hosted }, async ({ url, status }) => {
        const { client, status: line } = await RawClient.upgrade(url, {}, { method: "HEAD" });
        assertStringIncludes(line, " 405 ");
        client.close();
        assertEquals((await status()).connections, 0);
      }));

    it("answers what is no request without ending", () =>
      withEdge({ hosted }, async ({ url }) => {
        for (const line of ["OPTIONS *", "GET //x", "GET http://x y/", "TRACE /", "CONNECT a:1", "BREW /"]) {
          const client = await RawClient.connect(url);
          await client.write(`${line} HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n`);
          await client.hear();
          client.close();
        }
        assertEquals(await (await fetch(`${url}/healthz`)).json(), { status: "ok" });
      }));
  });
}

// Of Deno.serve the runtime's own limits hold.
for (const served of noticesBrokenSockets() ? ["with limits"] : []) {
  describe(`an edge's sockets, served ${served}`, () => {
    it("gather no unfinished message that is longer than a frame: closed with 1009, and counted", () =>
      withEdge({}, async ({ url, status }) => {
        const { client } = await RawClient.upgrade(url);
        const part = new Uint8Array(40_000);
        await client.write(webSocketFrame(part, { final: false }));
        await client.write(webSocketFrame(part, { opcode: 0, final: false }));
        assertEquals(closeCode((await client.hear()).bytes) ?? closeCode((await client.hear()).bytes), 1009);
        const { frames, records } = await status();
        assertEquals([frames.received, frames.malformed, records.received, records.malformed], [1, 1, 1, 1]);
        client.close();
      }));

    it("gather no message in thousands of parts", () =>
      withEdge({}, async ({ url, status }) => {
        const { client } = await RawClient.upgrade(url);
        await client.write(webSocketFrame(Uint8Array.of(1), { final: false }));
        for (let i = 0; i < 100; i++) await client.write(webSocketFrame(Uint8Array.of(1), { opcode: 0, final: false }));
        await client.hearUntil(({ bytes }) => closeCode(bytes) === 1008);
        client.close();
        await connections(status, 0);
      }));
  });

  describe(`an edge served ${served}`, () => {
    it("reads no more of a body of unknown length than a request can have", () =>
      withEdge({}, async ({ url }) => {
        const client = await RawClient.connect(url);
        const head = ["POST /v1/replay HTTP/1.1", "host: localhost", "content-type: application/json"];
        await client.write(`${[...head, "transfer-encoding: chunked"].join("\r\n")}\r\n\r\n`);
        for (let i = 0; i < 5; i++) await client.write(`3e8\r\n${" ".repeat(1000)}\r\n`);
        assertStringIncludes((await client.hear()).status, " 413 ");
        client.close();
      }));

    // A server whose seconds the test counts.
    interface Counting {
      url: string;
      second: () => void;
      closed: () => number;
      logged: string[];
    }
    async function counting(run: (rig: Counting) => Promise<void>, config: Partial<EdgeConfig> = {}): Promise<void> {
      let closed = 0;
      const logged: string[] = [];
      let second = () => {};
      const app = createApp({
        clock: () => performance.now(),
        gate: OPEN_GATE,
        hello: () => ({ ...GREETING, frameBytesMax: 1, frameRecordsMax: 1 }),
        connections: new Connections({ gate: OPEN_GATE, slots: { disconnect: () => closed++ }, clock: () => 0 }),
        receive: () => {},
        attempt: (fn) => {
          fn();
          return true;
        },
        onUnreadable: () => {},
        onTooLarge: () => {},
        mqtt: { open: () => Promise.reject(new Error("Cannot speak MQTT: nobody asks for it")) },
        mavlink: { open: () => Promise.reject(new Error("Cannot speak MAVLink: nobody asks for it")) },
        notReady: () => Promise.resolve(null),
        refusesConnections: () => null,
        replay: () => Promise.resolve({ batches: 0, records: 0, bytes: 0 }),
        metrics: () => Promise.resolve({ contentType: "text/plain", text: "" }),
        scale: () => Promise.resolve({}),
        ...{ status: () => Promise.resolve({}), log: () => {}, hosts: new Set(), origins: new Set() },
      });
      const server = await serveEdge(app, {
        config: { ...readEdgeConfig({}), ...config, port: 0 },
        tls: null,
        refusals: new Refusals(),
        platform: {
          ...systemPlatform("edge"),
          log: (_, message) => logged.push(message),
          every: (_, fn) => {
            second = fn;
            return () => {};
          },
        },
      });
      try {
        await run({ url: server.url, second: () => second(), closed: () => closed, logged });
      } finally {
        await server.stop();
      }
    }

    it("asks a silent drone for a sign of life after 15 s, and gives it up after 30", () =>
      counting(async ({ url, second, closed }) => {
        const { client } = await RawClient.upgrade(url);
        const PING = Uint8Array.of(0x89, 0).join();
        for (let s = 0; s <= 15; s++) second();
        await client.hearUntil(({ bytes }) => bytes.slice(-2).join() === PING);
        for (let s = 0; s < 14; s++) second();
        assertEquals(closed(), 0);
        second();
        await client.end();
        assertEquals(closed(), 1);
        client.close();
      }));

    it("keeps a drone that sends anything at all", () =>
      counting(async ({ url, second, closed }) => {
        const { client } = await RawClient.upgrade(url);
        for (let s = 0; s < 60; s++) {
          if (s % 20 === 19) {
            await client.write(webSocketFrame(Uint8Array.of(7), { opcode: 9 }));
            await client.hearUntil(({ bytes }) => bytes.slice(-3).join() === "138,1,7");
          }
          second();
        }
        assertEquals(closed(), 0);
        client.close();
      }));

    it("answers questions while drones have all places, and drops what comes beyond", () =>
      counting(async ({ url, second, logged }) => {
        const drones = [await RawClient.upgrade(url), await RawClient.upgrade(url)];
        assertEquals(await (await fetch(`${url}/healthz`)).json(), { status: "ok" });
        const silent: RawClient[] = [];
        for (let i = 0; i < 40; i++) silent.push(await RawClient.connect(url));
        await silent.at(-1)?.end();
        second();
        assertMatch(logged.join(), /^connections refused: [89] \(all places are taken\)$/);
        for (const client of [...silent, ...drones.map(({ client }) => client)]) client.close();
      }, { connectionsMax: 2 }));

    it("ends half a handshake, and one that says nothing, within seconds", () =>
      counting(async ({ url }) => {
        const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(url)));
        for (const client of clients.slice(10)) await client.write("GET /v1/telemetry HTTP/1.1\r\nhost: a\r\n");
        await Promise.all(clients.map((client) => client.end()));
        for (const client of clients) client.close();
      }));
  });
}
