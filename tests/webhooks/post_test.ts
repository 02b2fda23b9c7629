import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { freePort } from "../e2e/free_port.ts";
import { systemPlatform } from "../../platform/system.ts";
import { answerOf, poster } from "../../aggregator/webhooks/post.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
const answer = (status: number, retryAfter?: string) =>
  answerOf({ status, headers: new Headers(retryAfter === undefined ? {} : { "retry-after": retryAfter }) }, NOW_MS);

/** Posts to a server that answers so. */
async function posted(handler: (request: Request) => Response | Promise<Response>, timeoutMs = 5000) {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  using client = Deno.createHttpClient({});
  const url = `http://127.0.0.1:${server.addr.port}/hook`;
  return await poster(systemPlatform("test"), client)({ url, headers: { "x-a": "b" }, body: "{}", timeoutMs });
}

describe("answerOf", () => {
  const OUTCOMES: [statuses: number[], outcome: string][] = [
    [[200, 202, 204], "delivered"],
    [[301, 307, 400, 401, 404, 410, 422], "refused"],
    [[408, 425, 429, 500, 502, 503, 504], "failed"],
  ];
  for (const [statuses, outcome] of OUTCOMES) {
    it(`takes ${statuses.join(", ")} for ${outcome}`, () => {
      assertEquals(new Set(statuses.map((status) => answer(status).outcome)), new Set([outcome]));
    });
  }

  const RETRIES: [text: string, ms: number][] = [
    ["7", 7000],
    ["0", 0],
    ["86400", 3_600_000],
    [new Date(NOW_MS + 30_000).toUTCString(), 30_000],
    [new Date(NOW_MS - 30_000).toUTCString(), 0],
    ["soon", 0],
  ];
  for (const [text, ms] of RETRIES) {
    it(`reads Retry-After: ${text} as ${ms} ms`, () => {
      assertEquals(answer(503, text), { outcome: "failed", why: "status 503", retryAfterMs: ms });
    });
  }
});

describe("poster", () => {
  it("posts the body with its headers", async () => {
    const seen: string[] = [];
    const said = await posted(async (request) => {
      seen.push(request.method, new URL(request.url).pathname, request.headers.get("x-a")!, await request.text());
      return new Response("thanks");
    });
    assertEquals(said, { outcome: "delivered" });
    assertEquals(seen, ["POST", "/hook", "b", "{}"]);
  });

  it("follows nobody elsewhere", async () => {
    let requests = 0;
    const said = await posted(({ url }) => {
      requests++;
      return Response.redirect(new URL("/other", url), 307);
    });
    assertEquals([said.outcome, requests], ["refused", 1]);
  });

  it("does not wait for ever for an answer, nor for one that goes on", async () => {
    const silent = await posted(({ signal }) => {
      const { promise, resolve } = Promise.withResolvers<Response>();
      signal.addEventListener("abort", () => resolve(new Response()));
      return promise;
    }, 100);
    assertEquals([silent.outcome, "why" in silent && silent.why], ["failed", "no answer within 0.1 s"]);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        sent += 1024;
        controller.enqueue(new Uint8Array(1024));
      },
    });
    assertEquals((await posted(() => new Response(endless))).outcome, "delivered");
    assertLess(sent, 16 << 20);
  });

  it("says why nobody answers, and not where it asked in full", async () => {
    using client = Deno.createHttpClient({});
    const url = `http://127.0.0.1:${freePort()}/secret`;
    const request = { url, headers: {}, body: "", timeoutMs: 5000 };
    const said = await poster(systemPlatform("test"), client)(request);
    assertEquals(said.outcome, "failed");
    assertMatch("why" in said ? said.why : "", /^(?!.*secret).*127\.0\.0\.1.*refused/);
  });
});
