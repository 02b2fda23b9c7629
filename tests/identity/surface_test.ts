import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bearer, HANDSHAKE, HOST, JSON_TYPE, routesOf, TLS, withSurfaces } from "./surfaces.ts";

/** Routes that anybody may ask: by the one a session begins, by the other it ends. */
const FOR_ALL = ["POST /v1/session", "DELETE /v1/session"];
const FOR_DRONES = ["/v1/telemetry", "/v1/mavlink"];

describe("each route below /v1, and /metrics, of aggregator and edge", () => {
  for (const name of ["aggregator", "edge"] as const) {
    it(`answers nobody without proof, and nobody who may not: ${name}`, async () => {
      await withSurfaces(async ({ apps, authority, token }) => {
        const drone = await authority.token("drone", "d-1");
        const viewer = await token("viewer");
        const guarded = routesOf(apps[name]).filter((route) => !FOR_ALL.includes(route));
        assert(guarded.length >= 3, "there are some");
        for (const route of guarded) {
          const [method = "", path = ""] = route.replace(":id", "1").split(" ");
          const ask = (headers: Record<string, string>) =>
            apps[name].request(path, { method, headers: { ...HANDSHAKE, ...JSON_TYPE, ...headers } });
          assertEquals((await ask({})).status, 401, route);
          assertEquals((await ask(bearer("forged"))).status, 401, route);
          const wrong = FOR_DRONES.includes(path) || method !== "GET" ? viewer : drone;
          const refused = await ask(bearer(wrong));
          assertEquals(refused.status, 403, route);
          assertMatch((await refused.json()).error, /it may not (view|operate|publish|uplink|administer)$/, route);
        }
      });
    });
  }

  it("asks for the action that docs/api.md has for it", async () => {
    await withSurfaces(async ({ apps, authority, token }) => {
      const [drone, viewer] = [await authority.token("drone", "d-1"), await token("viewer")];
      const asked = new Map<string, string[]>();
      for (const app of Object.values(apps)) {
        for (const route of routesOf(app).filter((route) => !FOR_ALL.includes(route))) {
          const [method = "", path = ""] = route.replace(":id", "1").split(" ");
          for (const who of [drone, viewer]) {
            const answer = await app.request(path, { method, headers: { ...HANDSHAKE, ...bearer(who) } });
            const action = answer.status === 403 && /may not (\w+)$/.exec((await answer.json()).error)?.[1];
            if (action) asked.set(action, [...new Set([...asked.get(action) ?? [], route])].sort());
          }
        }
      }
      const text = await Deno.readTextFile(new URL("../../docs/api.md", import.meta.url));
      for (const action of ["administer", "operate", "uplink", "publish"]) {
        const row = new RegExp(`\\| \`${action}\` +\\| (.*) \\|`).exec(text)?.[1] ?? "";
        assertEquals(asked.get(action), [...row.matchAll(/`([^`]+)`/g)].map(([, route]) => route!).sort(), action);
      }
      const rest = [...asked].filter(([action]) =>
        !["administer", "operate", "uplink", "publish", "view"].includes(action)
      );
      assertEquals(rest, []);
      assertEquals(asked.get("view")!.filter((route) => !route.startsWith("GET ")), []);
    });
  });

  it("takes no token out of an address, and tells none on", async () => {
    await withSurfaces(async ({ apps, token, logged }) => {
      const admin = await token("admin");
      const refused = await apps.aggregator.request(`/v1/fleet?access_token=${admin}&token=${admin}`);
      assertEquals(refused.status, 401);
      const answers = [refused];
      for (const body of [admin, `{"token":"${admin}`, JSON.stringify({ token: `${admin}x` })]) {
        answers.push(await apps.aggregator.request("/v1/session", { method: "POST", headers: JSON_TYPE, body }));
      }
      answers.push(await apps.aggregator.request("/readyz", { headers: bearer(admin) }));
      assertEquals(answers.map(({ status }) => status), [401, 400, 400, 401, 500]);
      const told = [...await Promise.all(answers.map((answer) => answer.text())), ...logged].join("\n");
      assertStringIncludes(told, "on purpose");
      assertEquals(told.includes(admin.slice(0, 8)), false, told);
    });
  });
});

describe("each answer, of aggregator and edge", () => {
  const asked: [path: string, init: RequestInit, status: number][] = [
    ["/healthz", {}, 200],
    ["/readyz", {}, 500],
    ["/v1/status", {}, 401],
    ["/v1/fleet", {}, 401],
    ["/nowhere", {}, 404],
    ["/healthz", { headers: { host: "evil.example.com" } }, 421],
    ["/v1/session", { method: "POST" }, 415],
    ["/", {}, 200],
    ["/session.js", {}, 200],
    ["/healthz", { method: "HEAD" }, 200],
    ["/healthz", { method: "OPTIONS" }, 404],
  ];
  it("tells a browser to be careful with it, and lets no other page read it", async () => {
    await withSurfaces(async ({ apps }) => {
      for (const [name, app] of Object.entries(apps)) {
        for (const [path, init, status] of asked) {
          const answer = await app.request(path, init);
          const what = `${name} ${init.method ?? "GET"} ${path}`;
          if (name === "aggregator" && path !== "/v1/status") assertEquals(answer.status, status, what);
          const { headers } = answer;
          const policy = headers.get("content-security-policy") ?? "";
          for (
            const part of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"]
          ) {
            assertStringIncludes(policy, part, what);
          }
          assertEquals(policy.includes("unsafe"), false, what);
          const told = ["x-content-type-options", "referrer-policy", "x-frame-options"].map((one) => headers.get(one));
          assertEquals(told, ["nosniff", "no-referrer", "DENY"], what);
          for (const one of ["opener", "resource"]) {
            assertEquals(headers.get(`cross-origin-${one}-policy`), "same-origin", what);
          }
          assertEquals([...headers.keys()].filter((one) => one.startsWith("access-control-")), [], what);
          assertEquals(headers.has("strict-transport-security"), false, what);
          assertMatch(headers.get("cache-control") ?? "", /^no-(store|cache)$/, what);
          await answer.body?.cancel();
        }
      }
    });
  });

  it("asks for TLS from then on where TLS ends here, but not of loopback", async () => {
    await withSurfaces(async ({ apps }) => {
      for (const app of Object.values(apps)) {
        const told = async (host: string) =>
          (await app.request("/healthz", { headers: { host } }, TLS)).headers.get("strict-transport-security");
        assertEquals(await told(HOST), "max-age=31536000");
        assertEquals([await told("localhost:8788"), await told("127.0.0.1")], [null, null]);
      }
    });
  });

  it("to a HEAD without proof is a refusal without a body, and to a preflight no permission", async () => {
    await withSurfaces(async ({ apps }) => {
      const head = await apps.aggregator.request("/v1/fleet", { method: "HEAD" });
      assertEquals([head.status, await head.text()], [401, ""]);
      const headers = { origin: "https://evil.example.com", "access-control-request-method": "POST" };
      const preflight = await apps.aggregator.request("/v1/alerts/1/acknowledge", { method: "OPTIONS", headers });
      assertEquals(preflight.status, 404);
      assertEquals([...preflight.headers.keys()].filter((one) => one.startsWith("access-control-")), []);
    });
  });
});

describe("what changes something", () => {
  const changes = [
    ["aggregator", "/v1/alerts/1/acknowledge", { by: "me" }],
    ["edge", "/v1/replay", { fromUs: 1, toUs: 2 }],
  ] as const;

  it("is done for no page of somebody else, in a browser that holds a session", async () => {
    await withSurfaces(async ({ apps, token, acknowledged, replayed }) => {
      const cookie = `other=1; slipstream_session=${await token("operator")}`;
      for (const [name, path, value] of changes) {
        const ask = async (headers: Record<string, string>, body = JSON.stringify(value)) => {
          const init = { method: "POST", headers: { host: HOST, cookie, ...headers }, body };
          return (await apps[name].request(path, init)).status;
        };
        for (
          const origin of ["https://evil.example.com", "null", "https://ops.example.com:1", "https://ops.example.com"]
        ) {
          assertEquals(await ask({ ...JSON_TYPE, origin }), 403, origin);
        }
        for (const type of ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]) {
          assertEquals(await ask({ "content-type": type, origin: `http://${HOST}` }), 415, type);
        }
        assertEquals([acknowledged.length, replayed()], [name === "edge" ? 1 : 0, 0]);
        assertEquals(await ask({ ...JSON_TYPE, origin: `http://${HOST}` }), 200, name);
      }
      assertEquals([acknowledged, replayed()], [["ann"], 1]);
    });
  });

  it("begins and ends no session for a page of somebody else", async () => {
    await withSurfaces(async ({ apps, token }) => {
      const body = JSON.stringify({ token: await token("admin") });
      const headers = { host: HOST, origin: "https://evil.example.com", ...JSON_TYPE };
      for (const init of [{ method: "POST", headers, body }, { method: "DELETE", headers }]) {
        const answer = await apps.aggregator.request("/v1/session", init);
        assertEquals([answer.status, answer.headers.get("set-cookie")], [403, null], init.method);
      }
    });
  });

  it("makes no WebSocket for a page of somebody else, whatever cookie it has", async () => {
    await withSurfaces(async ({ apps, authority, token }) => {
      const cookies = [
        await token("admin"),
        await authority.token("drone", "d-1"),
        await authority.token("edge", "e-1"),
      ];
      for (const value of cookies) {
        const from = { host: HOST, cookie: `slipstream_session=${value}`, origin: "https://evil.example.com" };
        const upgrade = () => {
          throw new Error("it is made");
        };
        const answer = await apps.edge.request("/v1/telemetry", { headers: { ...HANDSHAKE, ...from } }, { upgrade });
        assertEquals(answer.status, 403);
      }
    });
  });

  it("can be done fifty times at once by one person, and then ten times a second", async () => {
    await withSurfaces(async ({ apps, authority, token }) => {
      const ask = async (who: string) => {
        const init = { method: "POST", headers: { ...JSON_TYPE, ...bearer(who) }, body: '{"by":"x"}' };
        return await apps.aggregator.request("/v1/alerts/1/acknowledge", init);
      };
      const ann = await token("operator");
      for (let i = 0; i < 50; i++) assertEquals((await ask(ann)).status, 200);
      const refused = await ask(ann);
      assertEquals([refused.status, refused.headers.get("retry-after")], [429, "1"]);
      assertEquals((await ask(await authority.token("person", "bob", { role: "operator" }))).status, 200);
    });
  });
});

describe("a session", () => {
  it("is a cookie for this origin alone, for no script, and for no longer than its token", async () => {
    await withSurfaces(async ({ apps, authority }) => {
      const token = await authority.token("person", "ann", { role: "viewer", minutes: 5 });
      const begin = async (headers: Record<string, string>, env = {}) => {
        const init = {
          method: "POST",
          headers: { host: HOST, ...JSON_TYPE, ...headers },
          body: JSON.stringify({ token }),
        };
        const answer = await apps.aggregator.request("/v1/session", init, env);
        assertEquals([answer.status, (await answer.json()).name], [200, "ann"]);
        return answer.headers.get("set-cookie")!;
      };
      const plain = await begin({ origin: `http://${HOST}` });
      for (const part of [`slipstream_session=${token}`, "HttpOnly", "SameSite=Strict", "Path=/"]) {
        assertStringIncludes(plain, part);
      }
      const maxAge = Number(/Max-Age=(\d+)/.exec(plain)?.[1]);
      assert(maxAge > 200 && maxAge <= 300, `${maxAge}`);
      assertEquals([plain.includes("Secure"), /domain/i.test(plain)], [false, false]);
      assertStringIncludes(await begin({}, TLS), "; Secure");
      assertStringIncludes(await begin({ origin: `https://${HOST}` }), "; Secure");
      const ended = await apps.aggregator.request("/v1/session", { method: "DELETE" });
      assertEquals(ended.status, 204);
      assertMatch(ended.headers.get("set-cookie")!, /slipstream_session=;.*Max-Age=0/);
    });
  });

  it("is asked for by its cookie as by its token", async () => {
    await withSurfaces(async ({ apps, token }) => {
      const value = await token("operator");
      for (const headers of [bearer(value), { cookie: `slipstream_session=${value}` }]) {
        const answer = await apps.aggregator.request("/v1/session", { headers });
        const { name, actions, isOpen } = await answer.json();
        assertEquals({ name, actions, isOpen }, { name: "ann", actions: ["view", "operate"], isOpen: false });
      }
    });
  });
});
