// Requests at both surfaces that are meant to break something, or to get it to tell what it must not.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { digestOf } from "../../identity/digest.ts";
import { bearer, HANDSHAKE, HOST, JSON_TYPE, routesOf, TLS, withSurfaces } from "./surfaces.ts";

describe("a sign-in", () => {
  it("with what can be no token is refused, and throws nothing", async () => {
    await withSurfaces(async ({ apps, logged }) => {
      for (const token of ["a\nb", "a b", "ü", "\u202e", "a\u0000", "", " ", 1, null, ["a"], {}]) {
        const init = { method: "POST", headers: JSON_TYPE, body: JSON.stringify({ token }) };
        const answer = await apps.aggregator.request("/v1/session", init);
        assertEquals([answer.status, answer.headers.get("set-cookie")], [400, null], JSON.stringify(token));
      }
      assertEquals(logged, []);
    });
  });

  it("that breaks off is no news for the log", async () => {
    await withSurfaces(async ({ apps, logged }) => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"token":'));
          controller.error(new Error("aborted"));
        },
      });
      const answer = await apps.aggregator.request("/v1/session", { method: "POST", headers: JSON_TYPE, body });
      assertEquals([answer.status, await answer.json()], [400, { error: "Cannot read the request: it broke off" }]);
      assertEquals(logged, []);
    });
  });
});

describe("each route that changes something", () => {
  it("is none for a page of somebody else, and none for a form, whoever is at the browser", async () => {
    await withSurfaces(async ({ apps, token }) => {
      const cookie = `slipstream_session=${await token("admin")}`;
      const routes = Object.values(apps).flatMap((app) => routesOf(app).map((route) => ({ app, route })));
      const changing = routes.filter(({ route }) => !route.startsWith("GET "));
      assertEquals(changing.length, 6, changing.map(({ route }) => route).join());
      for (const { app, route } of changing) {
        const [method = "", path = ""] = route.replace(":id", "1").split(" ");
        const ask = (of: Record<string, string>) =>
          app.request(path, { method, headers: { host: HOST, cookie, ...of } });
        const foreign = await ask({ ...JSON_TYPE, origin: "https://evil.example.com" });
        assertEquals([foreign.status, await foreign.json()], [
          403,
          { error: "Cannot do that for a page of https://evil.example.com" },
        ], route);
        // Nobody sends a DELETE by a form.
        if (method !== "DELETE") assertEquals((await ask({ "content-type": "text/plain" })).status, 415, route);
      }
    });
  });
});

describe("a page that came without TLS", () => {
  it("changes nothing where TLS ends here, though it has the same name", async () => {
    await withSurfaces(async ({ apps, token, acknowledged }) => {
      const ask = async (origin: string, bindings?: typeof TLS) => {
        const headers = { host: HOST, origin, ...JSON_TYPE, ...bearer(await token("operator")) };
        const init = { method: "POST", headers, body: JSON.stringify({ by: "me" }) };
        return (await apps.aggregator.request("/v1/alerts/1/acknowledge", init, bindings)).status;
      };
      assertEquals([await ask(`http://${HOST}`, TLS), await ask("null", TLS)], [403, 403]);
      assertEquals(acknowledged, []);
      assertEquals([await ask(`https://${HOST}`, TLS), await ask(`HTTPS://${HOST.toUpperCase()}`, TLS)], [200, 200]);
      // Behind a proxy only the name can be compared.
      assertEquals([await ask(`https://${HOST}`), await ask(`http://${HOST}`)], [200, 200]);
    });
  });
});

describe("a drone's upgrade", () => {
  it("that offers its token, and no protocol of ours, is not told its token", async () => {
    await withSurfaces(async ({ apps, authority }) => {
      const token = await authority.token("drone", "a");
      const headers = { ...HANDSHAKE, "sec-websocket-protocol": `mqtt, slipstream.token.${token}` };
      const answer = await apps.edge.request("/v1/telemetry", { headers });
      assertEquals([answer.status, await answer.json()], [400, {
        error: "Cannot speak mqtt: offer slipstream.v1 or slipstream.json.v1",
      }]);
    });
  });
});

describe("a token that is bound to a key", () => {
  it("is believed for an address with whatever in it, by a signature over the address as it was sent", async () => {
    await withSurfaces(async ({ apps, authority }) => {
      const { publicKey, privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
      const jwk = await exportJWK(publicKey);
      const boundTo = await calculateJwkThumbprint(jwk);
      const token = await authority.token("person", "ann", { role: "viewer", boundTo });
      for (const asked of ["/v1/fleet", "/v1/%66leet", "/v1/windows?kind=%78"]) {
        const ask = async (headers = {}) =>
          await apps.aggregator.request(asked, { headers: { ...bearer(token), ...headers } });
        const nonce = (await ask()).headers.get("dpop-nonce");
        const ath = await digestOf(token);
        const proof = async (htu: string) =>
          await new SignJWT({ htm: "GET", htu, nonce, ath, jti: "x" })
            .setProtectedHeader({ typ: "dpop+jwt", alg: "EdDSA", jwk }).setIssuedAt().sign(privateKey);
        assertEquals((await ask({ dpop: await proof(`https://${HOST}${asked}`) })).status === 401, false, asked);
        assertEquals((await ask({ dpop: await proof(`https://${HOST}/v1/alerts`) })).status, 401, asked);
      }
    });
  });
});
