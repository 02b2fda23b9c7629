import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Refused } from "../../identity/gate.ts";
import type { Action, Identity } from "../../identity/identity.ts";
import { type Entrance, openGate } from "../../identity/open.ts";
import type { IdentityConfig } from "../../identity/settings.ts";
import { asking, type Brought, outcomeOf as outcomeAt } from "./gate_rig.ts";
import { Hands } from "./hands.ts";
import { Authority, certificatePem, derOf, forged, unsigned } from "./authority.ts";

const HOUR_MS = 3_600_000;
const A = "slipstream://test/drone/a";

let hands: Hands;
let authority: Authority;
let gate: Entrance;

async function open(of: Partial<IdentityConfig> = {}): Promise<void> {
  gate?.close();
  gate = await openGate(authority.config(of), { platform: hands.platform, shared: new Set(["127.0.0.1"]) });
}

function admit(brought: Brought, action: Action = "publish"): Promise<Identity | Refused> {
  return gate.admit(asking(brought), action);
}

async function admitted(brought: Brought, action?: Action): Promise<Identity> {
  const outcome = await admit(brought, action);
  if ("error" in outcome) throw new Error(outcome.error);
  return outcome;
}

function outcomeOf(brought: Brought, action: Action = "publish"): Promise<string> {
  return outcomeAt(gate, { ...brought, action });
}

describe("the gate", () => {
  beforeEach(async () => {
    hands = new Hands();
    authority = await Authority.create({ now: () => hands.ms });
    await open();
  });
  afterEach(async () => {
    gate.close();
    await authority[Symbol.asyncDispose]();
  });

  it("lets in by certificate, by token in each of its places, and by the word of a proxy of ours", async () => {
    const path = await authority.certificate("drone", "d 1/ä");
    const uri = "slipstream://test/drone/d%201%2F%C3%A4";
    const token = await authority.token("drone", "d 1/ä");
    const forwarded = {
      "ssl-client-verify": "SUCCESS",
      "ssl-client-cert": encodeURIComponent(await certificatePem(path)),
    };
    await open({ proxies: new Set(["10.0.0.1"]) });
    assertEquals(
      await Promise.all([
        outcomeOf({ der: await derOf(path) }),
        outcomeOf({ token }),
        outcomeOf({ headers: { "sec-websocket-protocol": `slipstream.v1, slipstream.token.${token}` } }),
        outcomeOf({ headers: { cookie: `a=b; slipstream_session=${token}` } }),
        outcomeOf({ headers: forwarded, address: "10.0.0.1" }),
        outcomeOf({ headers: forwarded, address: "10.0.0.2" }),
        outcomeOf({ headers: { ...forwarded, "ssl-client-verify": "FAILED" }, address: "10.0.0.1" }),
      ]),
      [uri, uri, uri, uri, uri, "401 stranger", "401 no-proof"],
    );
  });

  it("believes what was brought on purpose before what a browser keeps, and a token before a certificate", async () => {
    const [a, b] = [await authority.token("drone", "a"), await authority.token("drone", "b")];
    const der = await derOf(await authority.certificate("drone", "c"));
    const cookie = `slipstream_session=${b}`;
    assertEquals(
      await Promise.all([
        outcomeOf({ token: a, headers: { cookie, "sec-websocket-protocol": `slipstream.token.${b}` }, der }),
        outcomeOf({ headers: { cookie, "sec-websocket-protocol": `slipstream.token.${a}` }, der }),
        outcomeOf({ headers: { cookie }, der }),
        outcomeOf({ headers: { cookie: "slipstream_session=; a=b" }, der }),
        // A bad one is not made good by what else there is.
        outcomeOf({ token: "x", headers: { cookie }, der }),
      ]),
      [A, A, "slipstream://test/drone/b", "slipstream://test/drone/c", "401 unreadable"],
    );
  });

  it("tells why a token proves nothing", async () => {
    const token = await authority.token("drone", "a");
    await using other = await Authority.create({ now: () => hands.ms });
    assertEquals(
      await Promise.all([
        outcomeOf({}),
        outcomeOf({ token: "x" }),
        outcomeOf({ token: "x".repeat(5000) }),
        outcomeOf({ token: `${token.slice(0, -8)}AAAAAAAA` }),
        outcomeOf({ token: unsigned(token) }),
        outcomeOf({ token: await forged(token) }),
        outcomeOf({ token: await other.token("drone", "a") }),
        outcomeOf({ token: await authority.token("drone", "a", { audience: "somebody" }) }),
        outcomeOf({ token: await authority.token("person", "ann", { role: "viewer" }) }),
        outcomeOf({ token }, "view"),
      ]),
      [
        ...["401 no-proof", "401 unreadable", "401 unreadable", "401 forged", "401 forged", "401 forged", "401 forged"],
        ...["401 wrong-audience", "403 not-allowed", "403 not-allowed"],
      ],
    );
    hands.wait(HOUR_MS + 6000);
    assertEquals(await outcomeOf({ token }), "401 expired");
    hands.ms -= 2 * HOUR_MS + 12_000;
    assertEquals(await outcomeOf({ token }), "401 not-yet");
  });

  it("tells why a certificate proves nothing", async () => {
    const der = await derOf(await authority.certificate("drone", "a", 1));
    await using other = await Authority.create({ now: () => hands.ms });
    const foreign = encodeURIComponent(await certificatePem(await other.certificate("drone", "a")));
    const forwarded = (certificate: string) => ({
      headers: { "ssl-client-verify": "SUCCESS", "ssl-client-cert": certificate },
      address: "10.0.0.1",
    });
    await open({ proxies: new Set(["10.0.0.1"]) });
    assertEquals(
      await Promise.all([
        outcomeOf({ der: await derOf(await authority.server()) }),
        outcomeOf({ der: der.slice(1) }),
        outcomeOf(forwarded(foreign)),
        outcomeOf(forwarded("%")),
        outcomeOf({ der: await derOf(await authority.certificate("edge", "e")) }),
      ]),
      ["401 wrong-subject", "401 unreadable", "401 forged", "401 unreadable", "403 not-allowed"],
    );
    await open({ fleets: new Set(["others"]) });
    assertEquals(await outcomeOf({ der }), "401 wrong-subject");
    await open();
    hands.wait(HOUR_MS + 1);
    assertEquals(await outcomeOf({ der }), "401 expired");
    hands.ms -= 3 * HOUR_MS;
    assertEquals(await outcomeOf({ der }), "401 not-yet");
  });

  it("lets go who is revoked, by identity and by token, and lets in who has got a new proof since", async () => {
    const der = await derOf(await authority.certificate("drone", "a"));
    const token = await authority.token("drone", "b");
    const ended: string[] = [];
    for (const brought of [{ der }, { token }]) {
      const identity = await admitted(brought);
      gate.hold(identity, (why) => ended.push(`${identity.id}: ${why}`));
    }
    await hands.tick();
    assertEquals(ended, []);
    const jti = (await admitted({ token })).proof.slice("token ".length);
    await authority.use(async (pki) => {
      await pki.revoke(pki.allOf({ kind: "drone", id: "a" }), { reason: "lost" });
      await pki.revoke({ what: "token", jti }, { reason: "" });
    });
    await hands.tick();
    await hands.tick();
    const why = "The proof of who you are was revoked";
    assertEquals(ended.toSorted(), [`a: ${why}`, `b: ${why}`]);
    assertEquals([await outcomeOf({ der }), await outcomeOf({ token })], ["401 revoked", "401 revoked"]);
    assertEquals(gate.denied.revoked, 4);
    hands.wait(1000);
    assertEquals(await outcomeOf({ der: await derOf(await authority.certificate("drone", "a")) }), A);
  });

  it("lets go who has not renewed, and nobody who has", async () => {
    const ended: string[] = [];
    const renewed = async () => await admitted({ token: await authority.token("drone", "a", { minutes: 10 }) });
    gate.hold(await renewed(), () => ended.push("first"));
    hands.wait(9 * 60_000);
    const letGo = gate.hold(await renewed(), () => ended.push("second"));
    hands.wait(60_000);
    await hands.tick();
    assertEquals(ended, ["first"]);
    letGo();
    hands.wait(HOUR_MS);
    await hands.tick();
    assertEquals(ended, ["first"]);
  });

  it("follows new keys without a restart, and forgets those that have ended", async () => {
    const before = await authority.token("drone", "a");
    await authority.use((pki) => pki.rotateTokens({ isLeaked: false }));
    const after = await authority.token("drone", "a");
    hands.wait(2000);
    assertEquals([await outcomeOf({ token: after }), await outcomeOf({ token: before })], [A, A]);
    await authority.use((pki) => pki.rotateTokens({ isLeaked: true }));
    await hands.tick();
    assertEquals([await outcomeOf({ token: after }), await outcomeOf({ token: before })], ["401 forged", "401 forged"]);
  });

  it("keeps what it knows while a file makes no sense, and says so once", async () => {
    const token = await authority.token("drone", "a");
    await Deno.writeTextFile(authority.path("keySet"), "{");
    await Deno.writeTextFile(authority.path("revoked"), "nonsense\n");
    await hands.tick();
    await hands.tick();
    assertEquals(await outcomeOf({ token }), A);
    assertEquals(hands.logged.filter((line) => line.includes("the one before holds")).length, 2);
  });

  it("believes a bound token of whoever signs its nonce by the right key, and of nobody else", async () => {
    const pair = () => generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const [keys, others] = [await pair(), await pair()];
    const [jwk, othersJwk] = [await exportJWK(keys.publicKey), await exportJWK(others.publicKey)];
    const token = await authority.token("drone", "a", { boundTo: await calculateJwkThumbprint(jwk) });
    const first = await admit({ token });
    assert("error" in first && first.reason === "not-bound");
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
    const good = {
      ...{ htm: "GET", htu: "https://edge.example.com/v1/telemetry", nonce: first.headers["dpop-nonce"] },
      ath: new Uint8Array(digest).toBase64({ alphabet: "base64url", omitPadding: true }),
    };
    const proof = (of: object, { by = keys.privateKey, key = jwk, typ = "dpop+jwt" } = {}) =>
      new SignJWT({ ...good, ...of, jti: crypto.randomUUID() })
        .setProtectedHeader({ typ, alg: "EdDSA", jwk: key })
        .setIssuedAt(Math.floor(hands.ms / 1000))
        .sign(by);
    const outcome = async (dpop: string | Promise<string>) => await outcomeOf({ token, headers: { dpop: await dpop } });
    assertEquals(
      await Promise.all([
        outcome(proof({})),
        outcome(proof({}, { by: others.privateKey, key: othersJwk })),
        outcome(proof({}, { by: others.privateKey })),
        outcome(proof({}, { by: others.privateKey, key: { kty: "OKP", crv: "Ed25519", x: "AA" } })),
        outcome(proof({}, { by: others.privateKey, key: { kty: "EC", crv: "P-256", x: "AA", y: "AA" } })),
        outcome(proof({}, { typ: "JWT" })),
        outcome(proof({ htm: "POST" })),
        outcome(proof({ htu: "https://edge.example.com/v1/replay" })),
        outcome(proof({ nonce: "x" })),
        outcome(proof({ ath: "x" })),
        outcome("x"),
      ]),
      [A, ...Array<string>(10).fill("401 not-bound")],
    );
    const old = await proof({});
    hands.wait(121_000);
    assertEquals(await outcome(old), "401 not-bound");
  });

  it("does not even look at what an address brings after many failures, until some time has passed", async () => {
    for (let i = 0; i < 50; i++) await admit({ token: "x" });
    const token = await authority.token("drone", "a");
    assertEquals([await outcomeOf({ token }), await outcomeOf({ token, address: "10.0.0.10" })], ["429 too-often", A]);
    hands.wait(1000);
    assertEquals(await outcomeOf({ token }), A);
  });

  it("shuts nobody out who shares an address with one who fails: a load balancer's, or a proxy's", async () => {
    await open({ proxies: new Set(["10.0.0.1"]) });
    const token = await authority.token("drone", "a");
    for (const address of ["127.0.0.1", "10.0.0.1"]) {
      for (let i = 0; i < 60; i++) await admit({ token: "x", address });
      assertEquals(await outcomeOf({ token, address }), A);
    }
  });

  it("lets the oldest go when one identity has come too often; as many edges share a proof as a platform or a node makes", async () => {
    for (const [kind, action, most] of [["drone", "publish", 8], ["edge", "uplink", 128]] as const) {
      const identity = await admitted({ token: await authority.token(kind, "a") }, action);
      const ended: number[] = [];
      for (let i = 0; i < most + 2; i++) gate.hold(identity, () => ended.push(i));
      assertEquals(ended, [0, 1], kind);
    }
  });

  it("gives people what their role may do", async () => {
    const may = async (role: "viewer" | "operator" | "admin") => {
      const token = await authority.token("person", "ann", { role });
      const actions: Action[] = ["view", "operate", "administer", "publish", "uplink"];
      const outcomes = await Promise.all(actions.map((action) => admit({ token }, action)));
      return actions.filter((_, i) => !("error" in outcomes[i]!)).join();
    };
    assertEquals([await may("viewer"), await may("operator"), await may("admin")], [
      "view",
      "view,operate",
      "view,operate,administer",
    ]);
  });
});
