import { assertEquals, assertGreater, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DatabaseSync } from "node:sqlite";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { RawClient } from "../edge/raw_client.ts";
import { until } from "../e2e/system.ts";
import { alert } from "./fake_pipeline.ts";
import { withAggregator } from "./rig.ts";

const UPGRADE = "upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n" +
  "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: slipstream.uplink.v1\r\n";
const JSON_BODY = "content-type: application/json\r\n";

/** What is answered to a request as it stands on the wire, without its Host. */
async function ask(url: string, head: string, { host = "127.0.0.1", body = "" } = {}): Promise<string> {
  const client = await RawClient.connect(url);
  try {
    const [first, ...headers] = head.split("\r\n");
    await client.write([first, `host: ${host}`, ...headers].join("\r\n") + "\r\n\r\n" + body);
    return (await client.hear()).text;
  } finally {
    client.close();
  }
}

async function clients(url: string): Promise<number> {
  return (await (await fetch(`${url}/v1/fleet`)).json()).sinks.events.clients;
}

describe("the aggregator's doors", () => {
  it("take no reader's place for a HEAD of the events, however many ask", async () => {
    await withAggregator({}, async ({ aggregator: { url } }) => {
      for (let i = 0; i < 70; i++) {
        const response = await fetch(`${url}/v1/events`, { method: "HEAD" });
        assertEquals([response.status, response.headers.get("content-type")], [200, "text/event-stream"]);
      }
      assertEquals(await clients(url), 0);
      const reader = await fetch(`${url}/v1/events`);
      assertEquals(reader.status, 200);
      await reader.body?.cancel();
    });
  });

  it("have room again for a thousand readers that came and went, in the middle of anything", async () => {
    await withAggregator({}, async ({ aggregator: { url } }) => {
      let served = 0;
      for (let round = 0; round < 50; round++) {
        await Promise.all(Array.from({ length: 20 }, async (_, i) => {
          const client = await RawClient.connect(url);
          await client.write(`GET /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
          // Every other one does not even wait for the answer.
          if (i % 2 === 0 && (await client.hear()).status.includes("200")) served++;
          client.close();
        }));
      }
      assertGreater(served, 64, "more than there are places");
      await until("all of them have gone", async () => await clients(url) === 0);
    });
  });

  it("read no more of a body than an acknowledgement has, whatever length it says", async () => {
    await withAggregator({}, async ({ aggregator: { url }, pipeline }) => {
      pipeline.alerts = [alert(7)];
      const post = `POST /v1/alerts/7/acknowledge HTTP/1.1\r\n${JSON_BODY}`;
      const said = await ask(url, `${post}content-length: 419430400`, { body: "{" });
      assertMatch(said, /^HTTP\/1.1 413 /);
      const chunk = `${(8192).toString(16)}\r\n${" ".repeat(8192)}\r\n`;
      const unsaid = await ask(url, `${post}transfer-encoding: chunked`, { body: chunk });
      assertMatch(unsaid, /^HTTP\/1.1 413 /);
      assertStringIncludes(unsaid, "Cannot read the request: it has more than 4096 bytes");
      assertEquals(pipeline.alerts[0]!.acknowledgedBy, null);
      const body = '{"by":"Ada"}';
      const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
      assertMatch(await ask(url, `${post}transfer-encoding: chunked`, { body: chunked }), /^HTTP\/1.1 200 /);
      assertEquals(pipeline.alerts[0]!.acknowledgedBy, "Ada");
    });
  });

  it("do not keep what is sent to a place that takes nothing", async () => {
    await withAggregator({}, async ({ aggregator: { url } }) => {
      const client = await RawClient.connect(url);
      await client.write("POST /v1/fleet HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 419430400\r\n\r\n");
      assertMatch((await client.hear()).text, /^HTTP\/1.1 404 /);
      const before = Deno.memoryUsage().rss;
      const mebibyte = new Uint8Array(1 << 20);
      for (let i = 0; i < 100 && await client.write(mebibyte); i++);
      assertLess(Deno.memoryUsage().rss - before, 50 << 20);
      client.close();
    });
  });

  it("answer to loopback and to the names that are set, and to a name that leads here by nothing at all", async () => {
    const config = {
      ...readAggregatorConfig({ SLIPSTREAM_HOSTS: "ops.example.com" }),
      port: 0,
      sqlitePath: ":memory:",
      journalPath: ":memory:",
    };
    await withAggregator({ config }, async ({ aggregator: { url }, pipeline }) => {
      pipeline.alerts = [alert(7)];
      const { port } = new URL(url);
      const requests = [
        "GET / HTTP/1.1\r\nconnection: close",
        "GET /v1/fleet HTTP/1.1\r\nconnection: close",
        "GET /v1/events HTTP/1.1\r\nconnection: close",
        "GET /healthz HTTP/1.1\r\nconnection: close",
        "GET /nowhere HTTP/1.1\r\nconnection: close",
        `GET http://127.0.0.1:${port}/v1/fleet HTTP/1.1\r\nconnection: close`,
        `GET /v1/uplink HTTP/1.1\r\n${UPGRADE.trimEnd()}`,
        `POST /v1/alerts/7/acknowledge HTTP/1.1\r\n${JSON_BODY}content-length: 12`,
      ];
      for (const request of requests) {
        const body = request.startsWith("POST") ? '{"by":"Eve"}' : "";
        const answer = await ask(url, request, { host: `evil.example:${port}`, body });
        assertMatch(answer, /^HTTP\/1.1 421 /, request);
        assertStringIncludes(answer, "SLIPSTREAM_HOSTS", request);
      }
      assertEquals([pipeline.alerts[0]!.acknowledgedBy, await clients(url)], [null, 0]);
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "localhost", `[::1]:${port}`, "ops.example.com"]) {
        assertMatch(await ask(url, requests[1]!, { host }), /^HTTP\/1.1 200 /, host);
        assertMatch(await ask(url, requests[6]!, { host }), /^HTTP\/1.1 101 /, host);
      }
    });
  });

  it("answer whatever method is used, at once", async () => {
    await withAggregator({}, async ({ aggregator: { url } }) => {
      for (const method of ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "X"]) {
        for (const path of ["/v1/fleet", "/v1/windows", "/v1/events", "/v1/uplink", "/healthz", "/", "/nowhere"]) {
          const answer = await ask(url, `${method} ${path} HTTP/1.1\r\ncontent-length: 0\r\nconnection: close`);
          assertMatch(answer, /^HTTP\/1.1 (200|4\d\d) /, `${method} ${path}`);
        }
      }
      assertEquals(await clients(url), 0);
    });
  });

  it("make no connection of an edge of a HEAD", async () => {
    await withAggregator({}, async ({ aggregator: { url }, logs }) => {
      assertMatch(await ask(url, `HEAD /v1/uplink HTTP/1.1\r\n${UPGRADE.trimEnd()}`), /^HTTP\/1.1 405 /);
      assertEquals(logs, []);
    });
  });

  it("let warnings pass while somebody looks through the history", async () => {
    const folder = await Deno.makeTempDir();
    const sqlitePath = `${folder}/results.sqlite`;
    const config = { ...readAggregatorConfig({}), port: 0, sqlitePath, journalPath: ":memory:" };
    await withAggregator({ config }, async ({ aggregator: { url } }) => {
      using other = new DatabaseSync(sqlitePath);
      // SQLite counts to half a million before it has the first row.
      other.exec(`ALTER TABLE alerts RENAME TO alerts_before;
        CREATE VIEW alerts AS WITH RECURSIVE counted (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < 500000)
        SELECT '{}' AS body, max(i) AS changed_us, 0 AS alert_id FROM counted`);
      let answered = false;
      const found = fetch(`${url}/v1/alerts?state=all`).then(async (response) => {
        const body = await response.json();
        answered = true;
        return body;
      });
      let meanwhile = 0;
      while (!answered) {
        await (await fetch(`${url}/v1/fleet`)).body?.cancel();
        meanwhile++;
      }
      assertEquals(await found, { alerts: [{}] });
      assertGreater(meanwhile, 5, "others were answered before it was");
    });
    await Deno.remove(folder, { recursive: true });
  });
});
