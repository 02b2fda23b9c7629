import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readSigningKey, type SigningKey } from "../../identity/pki/signing_keys.ts";
import { signToken } from "../../identity/pki/tokens.ts";
import { Part, partArgs } from "../../sim/part.ts";
import { Authority } from "./authority.ts";
import { EDGE_ID, pause, System } from "./system.ts";

const JSON_TYPE = { "content-type": "application/json" };
const CLOSE_MS_MAX = 2000;
const REVOKE_MS_MAX = 5000;
/** A rotation, or a revocation, is heard of within a second; a busy machine takes longer. */
const HEARD_MS_MAX = 5000;

async function post(system: System, url: string, of: { token: string; body: unknown; method?: string }) {
  const { token, body, method = "POST" } = of;
  return await system.ask(url, { method, token, headers: JSON_TYPE, body: JSON.stringify(body) });
}

/** Of seconds, which the PKI does not issue. */
async function shortToken(authority: Authority, lifeS: number): Promise<string> {
  const key: SigningKey = readSigningKey(await Deno.readTextFile(authority.path("tokenKey")));
  const fromS = Math.floor(Date.now() / 1000);
  return await signToken(key, {
    ...{ jti: crypto.randomUUID(), issuer: "slipstream://test", audience: "slipstream", boundTo: null },
    ...{ subject: "slipstream://test/person/ann", role: "viewer", fromS, untilS: fromS + lifeS },
  });
}

/** Reads events until there are no more, or `stop` is called; `ended`: when that was, ms. */
async function follow(system: System, token: string) {
  const { status, body } = await system.fetch(`${system.aggregatorUrl}/v1/events`, { token });
  assertEquals(status, 200);
  const reader = body!.getReader();
  const read = async () => {
    while (!(await reader.read()).done);
    return performance.now();
  };
  return { ended: read(), stop: () => reader.cancel() };
}

async function within(limitMs: number, ended: Promise<number>): Promise<number> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Cannot go on: it is open after ${limitMs} ms`)), limitMs);
  return await Promise.race([ended, promise]).finally(() => clearTimeout(timer));
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + HEARD_MS_MAX;
  while (!await isSo()) {
    if (performance.now() > untilMs) throw new Error(`Cannot go on: ${what} has not happened`);
    await pause(50);
  }
}

describe("people, at an aggregator and an edge that are processes of their own", () => {
  it("see, operate and administer by their role; drones and edges do none of it", async () => {
    await using system = await System.start();
    const { authority, aggregatorUrl, edgeUrl } = system;
    const replay = { fromUs: 1, toUs: 2 };
    const unknown = `${aggregatorUrl}/v1/alerts/999999999/acknowledge`;
    for (const [role, may] of [["viewer", false], ["operator", true], ["admin", true]] as const) {
      const token = await authority.token("person", role, { role });
      for (const path of [`${aggregatorUrl}/v1/fleet`, `${aggregatorUrl}/v1/session`, `${edgeUrl}/v1/status`]) {
        assertEquals((await system.ask(path, { token })).status, 200, `${role} ${path}`);
      }
      assertEquals((await post(system, unknown, { token, body: { by: "x" } })).status, may ? 404 : 403, role);
      assertEquals((await post(system, `${edgeUrl}/v1/replay`, { token, body: replay })).status, may ? 200 : 403, role);
      const change = { by: "somebody else", set: { "airspace.warning.radiusM": 60 } };
      const changed = await post(system, `${aggregatorUrl}/v1/settings`, { token, body: change, method: "PATCH" });
      assertEquals(changed.status, may ? 200 : 403, role);
      if (may) assertEquals(JSON.parse(changed.body).by, role, "by the name that is proven");
    }
    for (const [kind, id] of [["drone", "d-1"], ["edge", EDGE_ID]] as const) {
      const token = await authority.token(kind, id);
      for (const path of [`${aggregatorUrl}/v1/fleet`, `${edgeUrl}/v1/status`]) {
        assertEquals((await system.ask(path, { token })).status, 403, `${kind} ${path}`);
      }
      assertEquals((await post(system, `${edgeUrl}/v1/replay`, { token, body: replay })).status, 403, kind);
    }
  });

  it("are let go when their proof ends, is revoked, or was signed by a key that leaked", async () => {
    await using system = await System.start();
    const { authority, aggregatorUrl } = system;

    const brief = await shortToken(authority, 3);
    const untilMs = performance.now() + (1000 * (JSON.parse(atob(brief.split(".")[1]!)).exp) - Date.now());
    const expiring = await follow(system, brief);
    const lateMs = await within(3000 + 2 * CLOSE_MS_MAX, expiring.ended) - untilMs;
    assert(lateMs > -200, `it goes on until then: ${lateMs}`);
    assertLess(lateMs, CLOSE_MS_MAX, "closed when the proof ended");

    const revoked = await authority.token("person", "eve", { role: "viewer" });
    const other = await authority.token("person", "ann", { role: "viewer" });
    const [revoking, staying] = [await follow(system, revoked), await follow(system, other)];
    let hasStayed = true;
    void staying.ended.then(() => hasStayed = false);
    await pause(1100);
    const revokedMs = performance.now();
    await authority.use((pki) => pki.revoke(pki.allOf({ kind: "person", id: "eve" }), { reason: "left" }));
    assertLess(
      await within(2 * REVOKE_MS_MAX, revoking.ended) - revokedMs,
      REVOKE_MS_MAX,
      "closed when it was revoked",
    );
    const refused = await system.ask(`${aggregatorUrl}/v1/fleet`, { token: revoked });
    assertEquals(refused.status, 401);
    assertStringIncludes(refused.body, "it was revoked");
    const asks = (token: string) => system.ask(`${aggregatorUrl}/v1/fleet`, { token }).then(({ status }) => status);
    assertEquals([await asks(other), hasStayed], [200, true], "nobody else is concerned");

    await authority.use((pki) => pki.rotateTokens({ isLeaked: false }));
    const renewed = await authority.token("person", "ann", { role: "viewer" });
    await until("the new key is known", async () => await asks(renewed) === 200);
    assertEquals(await asks(other), 200, "what the key before has signed holds");

    await authority.use((pki) => pki.rotateTokens({ isLeaked: true }));
    await until("the key is gone", async () => await asks(other) === 401);
    const anew = await authority.token("person", "ann", { role: "viewer" });
    await until("the key after it is known", async () => await asks(anew) === 200);
    await staying.stop();
  });
});

describe("the aggregator without keys of tokens", () => {
  it("prints a token once, by which somebody signs in and may do everything", async () => {
    await using authority = await Authority.create();
    using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(authority.path("root"))] });
    const printed: string[] = [];
    const told: string[] = [];
    const aggregator = new Part({
      name: "aggregator",
      args: partArgs("aggregator"),
      env: {
        SLIPSTREAM_TLS_CERT: await authority.server(),
        SLIPSTREAM_TLS_CA: authority.path("root"),
        SLIPSTREAM_AGGREGATOR_PORT: "0",
        SLIPSTREAM_SQLITE: ":memory:",
        SLIPSTREAM_JOURNAL: ":memory:",
      },
      onLine: (line) => told.push(line),
      onOutput: (line) => printed.push(line),
    });
    try {
      const url = await aggregator.ready;
      await until("it is printed", () => Promise.resolve(printed.length > 0));
      const token = /: (\S+)$/.exec(printed[0]!)![1]!;
      const ask = (path: string, init: RequestInit = {}) => fetch(`${url}${path}`, { ...init, client });
      const statusOf = async (path: string, init: RequestInit = {}) => {
        const answer = await ask(path, init);
        await answer.body?.cancel();
        return answer.status;
      };
      const origin = url;
      const body = JSON.stringify({ token });
      const signedIn = await ask("/v1/session", { method: "POST", headers: { ...JSON_TYPE, origin }, body });
      const cookie = signedIn.headers.get("set-cookie")!;
      assertEquals(signedIn.status, 200);
      assertEquals((await signedIn.json()).actions, ["view", "operate", "administer"]);
      for (const part of ["HttpOnly", "Secure", "SameSite=Strict"]) assertStringIncludes(cookie, part);
      const session = { cookie: cookie.split(";")[0]! };
      assertEquals([await statusOf("/v1/fleet", { headers: session }), await statusOf("/v1/fleet")], [200, 401]);
      const change = (origin: string) => ({
        ...{ method: "PATCH", headers: { ...session, ...JSON_TYPE, origin } },
        body: JSON.stringify({ by: "x", set: { "airspace.warning.radiusM": 60 } }),
      });
      assertEquals(await statusOf("/v1/settings", change("https://evil.example.com")), 403);
      assertEquals((await (await ask("/v1/settings", change(origin))).json()).by, "admin");
      assertEquals(await statusOf("/v1/uplink", { headers: session }), 403, "no person is an edge");
      assertEquals(printed.filter((line) => line.includes(token)).length, 1, "once");
      assertEquals(told.filter((line) => line.includes(token.slice(0, 20))), [], "and in no log");
    } finally {
      await aggregator.stop(8000);
    }
  });
});
