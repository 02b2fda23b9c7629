import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createLocalJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from "jose";
import { thumbprintOf } from "../../identity/pki/tokens.ts";
import { PkiRig } from "./pki_rig.ts";

const T0 = Date.UTC(2026, 0, 1);
const S0 = T0 / 1000;
const HOUR_MS = 3_600_000;

const keysOf = (rig: PkiRig) => JSON.parse(rig.read("tokens.jwks.json")).keys as Record<string, unknown>[];

/** As a server checks it, that has read the key set just now. */
function verified(rig: PkiRig, token: string, audience = "slipstream") {
  const keySet = createLocalJWKSet(JSON.parse(rig.read("tokens.jwks.json")));
  const rules = { issuer: "slipstream://fleet", audience, algorithms: ["EdDSA"] };
  return jwtVerify(token, keySet, { ...rules, currentDate: new Date(rig.nowMs) });
}

describe("a token", () => {
  it("says who its bearer is, from whom, for whom and until when, signed by the key of the set", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    const { payload, protectedHeader } = await verified(rig, await rig.token("d 1", 15));
    const { jti, ...rest } = payload;
    assertEquals(rest, {
      iss: "slipstream://fleet",
      aud: "slipstream",
      sub: "slipstream://fleet/drone/d%201",
      iat: S0,
      exp: S0 + 900,
    });
    assertMatch(jti!, /^[\da-f-]{36}$/);
    assertEquals(rig.issued().map(({ what, id }) => [what, id]), [["token", jti]]);
    assertEquals(protectedHeader, { alg: "EdDSA", typ: "JWT", kid: keysOf(rig)[0]!.kid as string });
  });

  it("of a person has a role, and one that is bound has the thumbprint of the key", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    const rest = { kind: "person", id: "ann", minutes: 1 } as const;
    const token = await rig.with((pki) =>
      pki.issueToken({ ...rest, role: "operator", boundTo: "thumb", audience: "north" })
    );
    const { payload } = await verified(rig, token, "north");
    assertEquals([payload.sub, payload.role, payload.aud], ["slipstream://fleet/person/ann", "operator", "north"]);
    assertEquals(payload.cnf, { jkt: "thumb" });
  });

  it("is checked by a key set without secrets", async () => {
    await using rig = await PkiRig.create();
    assertEquals(keysOf(rig).map((key) => Object.keys(key).sort()), [["alg", "crv", "kid", "kty", "use", "x"]]);
  });
});

describe("the rotation of token keys", () => {
  it("lets no token end before its time, and forgets the key when the last one has", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    const before = await rig.token("d-1");
    const kid = await rig.with((pki) => pki.rotateTokens({ isLeaked: false }));
    const after = await rig.token("d-1");
    assertEquals([decodeProtectedHeader(after).kid, keysOf(rig).length], [kid, 2]);
    assertNotEquals(decodeProtectedHeader(before).kid, kid);
    rig.nowMs += HOUR_MS - 1000;
    for (const token of [before, after]) await verified(rig, token);
    await rig.token("d-1");
    assertEquals(keysOf(rig).map(({ exp }) => exp), [undefined, S0 + 3600]);
    rig.nowMs += 1000;
    await rig.token("d-1");
    assertEquals(keysOf(rig).map(({ kid }) => kid), [kid]);
  });

  it("keeps each key for an hour from its own rotation on, and no longer for the next one", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    for (let i = 0; i < 3; i++) {
      await rig.with((pki) => pki.rotateTokens({ isLeaked: false }));
      rig.nowMs += 1_500_000;
    }
    assertEquals(keysOf(rig).map(({ exp }) => exp), [undefined, S0 + 6600, S0 + 5100, S0 + 3600]);
    await rig.with((pki) => pki.rotateTokens({ isLeaked: false }));
    assertEquals(keysOf(rig).length, 4);
  });

  it("ends every token of a key that has leaked", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    const before = await rig.token("d-1");
    await rig.with((pki) => pki.rotateTokens({ isLeaked: true }));
    assertEquals(keysOf(rig).length, 1);
    await assertRejects(() => verified(rig, before), Error, "no applicable key found");
    await verified(rig, await rig.token("d-1"));
  });
});

describe("thumbprintOf", () => {
  it("is RFC 7638's, which goes by the key alone", async () => {
    // The RFC's own example, §3.1.
    const n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3o" +
      "knjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6q" +
      "MQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJz" +
      "KnqDKgw";
    const key = { kty: "RSA", n, e: "AQAB", alg: "RS256", kid: "2011-04-29" };
    assertEquals(await thumbprintOf(JSON.stringify(key)), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  });

  it("refuses what is no public key", async () => {
    const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const secret = JSON.stringify(await exportJWK(privateKey));
    await assertRejects(() => thumbprintOf(secret), Error, "Cannot bind a token to this key: it has its secret part");
    for (const text of ["", "{}", '"x"', "null", "[]"]) {
      await assertRejects(() => thumbprintOf(text), Error, "Cannot bind a token to this key: ");
    }
  });
});
