// Tokens that a key of ours has signed, and that say what none should: each is refused with a reason, and nothing throws.
import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { digestOf } from "../../identity/digest.ts";
import { GateRig } from "./gate_rig.ts";

const A = "slipstream://test/drone/a";

let rig: GateRig;

async function outcomeOf(claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> {
  return await rig.outcomeOf({ token: await rig.signed(claims, header) });
}

describe("a token of ours", () => {
  beforeAll(async () => void (rig = await GateRig.open()));
  // What failed before is forgiven.
  beforeEach(() => rig.hands.wait(60_000));
  afterAll(() => rig[Symbol.asyncDispose]());

  const odd: unknown[] = ["", "1", [1], {}, null, true];
  const cases: { claim: string; values: unknown[]; outcome: string }[] = [
    { claim: "exp", values: odd, outcome: "401 unreadable" },
    { claim: "iat", values: odd, outcome: "401 unreadable" },
    { claim: "nbf", values: odd, outcome: "401 unreadable" },
    { claim: "exp", values: [0, -1, -(2 ** 53)], outcome: "401 expired" },
    { claim: "iat", values: [0, -1, -(2 ** 53)], outcome: "401 expired" },
    { claim: "exp", values: [2 ** 53, 1e300], outcome: "401 unreadable" },
    { claim: "iat", values: [2 ** 53, 1e300], outcome: "401 not-yet" },
    { claim: "nbf", values: [2 ** 53, 1e300], outcome: "401 not-yet" },
    { claim: "nbf", values: [0, -1, 0.5], outcome: A },
    {
      claim: "iss",
      values: [["slipstream://test"], "slipstream://TEST", "slipstream://test/", null, 1, {}],
      outcome: "401 wrong-subject",
    },
    {
      claim: "aud",
      values: [[], [["slipstream"]], { slipstream: 1 }, "slipstream ", null, 1],
      outcome: "401 wrong-audience",
    },
    { claim: "aud", values: [["somebody", "slipstream"]], outcome: A },
    {
      claim: "sub",
      values: [[A], { toString: 1 }, null, 1, `${A}\n`, `${A}\u0000`, A.toUpperCase()],
      outcome: "401 wrong-subject",
    },
    {
      claim: "sub",
      values: [`slipstream://test/drone/${"a".repeat(65)}`, "slipstream://test/drone/\ud800"],
      outcome: "401 wrong-subject",
    },
    // By none of these it could be revoked.
    {
      claim: "jti",
      values: ["", "a b", "#a", "a\nb", "ü", "x".repeat(257), 1, ["j"], {}, null],
      outcome: "401 unreadable",
    },
    {
      claim: "cnf",
      values: [null, "x", {}, [], { jkt: 1 }, { jkt: ["x"] }, { "x5t#S256": "x" }],
      outcome: "401 not-bound",
    },
    { claim: "drones", values: ["b", {}, null, [1, null, ["b"]]], outcome: A },
  ];
  for (const { claim, values, outcome } of cases) {
    it(`with ${claim} ${values.map((value) => JSON.stringify(value)).join(" or ").slice(0, 80)}: ${outcome}`, async () => {
      for (const value of values) assertEquals(await outcomeOf({ [claim]: value }), outcome, JSON.stringify(value));
    });
  }

  it("whose header names another key, or something else, proves nothing", async () => {
    for (const kid of ["__proto__", "constructor", "../x", "x".repeat(1000), 1, {}, ["x"], null]) {
      assertEquals(await outcomeOf({}, { kid }), "401 forged", JSON.stringify(kid));
    }
  });

  it("speaks for the drones that it lists, whatever they are called, and for its own", async () => {
    const drones = ["__proto__", "\u202e", "b"];
    const { droneIds } = await rig.admitted({ token: await rig.signed({ drones }) });
    assertEquals([...droneIds!], ["a", ...drones]);
  });

  it("of more than 4096 characters is not even looked at", async () => {
    const long = await rig.signed({ drones: ["x".repeat(3000)] });
    assertEquals(long.length > 4096, true);
    assertEquals(await rig.outcomeOf({ token: long }), "401 unreadable");
  });

  it("is believed for no longer than an hour, whatever it says", async () => {
    const { exp } = rig.claims() as { exp: number };
    assertEquals([await outcomeOf({ exp: exp + 3540 }), await outcomeOf({ exp: exp + 3541 })], [A, "401 unreadable"]);
    assertEquals((await rig.admitted({ token: await rig.signed({}) })).expiresMs, exp * 1000);
  });

  it("that is bound to a key is believed with it, though the clock of who has that key is wrong by a day", async () => {
    const { publicKey, privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const jwk = await exportJWK(publicKey);
    const token = await rig.signed({ cnf: { jkt: await calculateJwkThumbprint(jwk) } });
    const refused = await rig.admit({ token });
    assert("error" in refused);
    for (const offS of [-86_400, 86_400]) {
      const dpop = await new SignJWT({
        ...{ htm: "GET", htu: "https://any/v1/telemetry", ath: await digestOf(token), jti: "x" },
        nonce: refused.headers["dpop-nonce"],
      }).setProtectedHeader({ typ: "dpop+jwt", alg: "EdDSA", jwk })
        .setIssuedAt(Math.floor(rig.hands.ms / 1000) + offS).sign(privateKey);
      assertEquals(await rig.outcomeOf({ token, headers: { dpop } }), A);
    }
  });

  it("that is bound to a key shuts nobody out by being asked for it, as each is at first", async () => {
    const address = "10.0.0.20";
    const token = await rig.signed({ cnf: { jkt: "x".repeat(43) } });
    for (let i = 0; i < 60; i++) await rig.outcomeOf({ token, address });
    assertEquals(await rig.outcomeOf({ token: await rig.signed({}), address }), A);
    for (let i = 0; i < 60; i++) await rig.outcomeOf({ token, address, headers: { dpop: "x" } });
    assertEquals(await rig.outcomeOf({ token: await rig.signed({}), address }), "429 too-often");
  });
});

describe("failures", () => {
  it("of one subscriber's addresses are counted together", async () => {
    await using rig = await GateRig.open();
    for (let i = 0; i < 60; i++) await rig.outcomeOf({ token: "x", address: `2001:db8:1:2::${i.toString(16)}` });
    const token = await rig.signed({});
    assertEquals(
      [
        await rig.outcomeOf({ token, address: "2001:db8:1:2:3::4" }),
        await rig.outcomeOf({ token, address: "2001:db8:1:3::4" }),
      ],
      ["429 too-often", A],
    );
  });
});
