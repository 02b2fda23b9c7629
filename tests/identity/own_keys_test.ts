import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ownToken } from "../../edge/uplink/own_token.ts";
import { readProof } from "../../edge/uplink/proof.ts";
import { openGate } from "../../identity/open.ts";
import { Hands } from "./hands.ts";
import { PkiRig } from "./pki_rig.ts";

const T0 = Date.UTC(2026, 0, 1);
const EDGE = { kind: "edge", id: "deploy" } as const;
const NONE = { ca: null, cert: null, key: null, token: null, audience: "slipstream" };

const keyOf = (rig: PkiRig) => rig.with((pki) => pki.issueKey(EDGE));
const sign = (jwk: string, nowMs = T0) => ownToken(jwk, { audience: "slipstream", nowMs });

/** What a gate says to a token that goes by the key set of the rig as it is now. */
async function outcomeOf(rig: PkiRig, token: string): Promise<string> {
  const hands = new Hands();
  hands.ms = rig.nowMs;
  const tokens = { keys: rig.read("tokens.jwks.json"), issuer: null, audience: "slipstream" };
  const none = {
    tls: null,
    ca: null,
    revoked: null,
    people: null,
    fleets: new Set<string>(),
    proxies: new Set<string>(),
  };
  const gate = await openGate({ ...none, tokens }, { platform: hands.platform, shared: new Set() });
  const headers = new Headers({ authorization: `Bearer ${token}` });
  const peer = { address: "10.0.0.9", tls: null };
  const outcome = await gate.admit({ method: "GET", path: "/v1/uplink", headers, peer }, "uplink");
  gate.close();
  return "error" in outcome ? `${outcome.status} ${outcome.reason}` : outcome.uri;
}

describe("a key by which an edge signs its own tokens", () => {
  it("proves who the edge is, for an hour each time, at whoever has the key set", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    const jwk = await keyOf(rig);
    assertEquals(await outcomeOf(rig, sign(jwk)), "slipstream://fleet/edge/deploy");
    assertEquals(await outcomeOf(rig, sign(jwk, T0 - 3_610_000)), "401 expired");
    const { headers } = readProof({ ...NONE, tokenKey: jwk }, T0);
    assertEquals(
      await outcomeOf(rig, headers!.authorization!.slice("Bearer ".length)),
      "slipstream://fleet/edge/deploy",
    );
    assertEquals(rig.read("tokens.jwks.json").includes('"d"'), false);
  });

  it("is read from a file as well", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    await Deno.writeTextFile(rig.file("edge.key.json"), await keyOf(rig));
    const { headers } = readProof({ ...NONE, tokenKey: rig.file("edge.key.json") }, T0);
    assertEquals(
      await outcomeOf(rig, headers!.authorization!.slice("Bearer ".length)),
      "slipstream://fleet/edge/deploy",
    );
  });

  for (
    const sub of ["slipstream://fleet/edge/other", "slipstream://fleet/drone/deploy", "slipstream://fleet/person/ann"]
  ) {
    it(`is believed of nobody else: not of ${sub}`, async () => {
      await using rig = await PkiRig.create({ nowMs: T0 });
      const jwk = JSON.parse(await keyOf(rig));
      assertEquals(await outcomeOf(rig, sign(JSON.stringify({ ...jwk, sub }))), "401 forged");
    });
  }

  it("goes on for an hour beside the one after it, and through a rotation of the other keys", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    const before = await keyOf(rig);
    const after = await keyOf(rig);
    await rig.with((pki) => pki.rotateTokens({ isLeaked: true }));
    for (const jwk of [before, after]) assertEquals(await outcomeOf(rig, sign(jwk)), "slipstream://fleet/edge/deploy");
    rig.nowMs += 3_600_000;
    assertEquals(await outcomeOf(rig, sign(before, rig.nowMs)), "401 forged");
    assertEquals(await outcomeOf(rig, sign(after, rig.nowMs)), "slipstream://fleet/edge/deploy");
  });

  it("ends with the edge that is revoked: what it signs later is no newer proof", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    const jwk = await keyOf(rig);
    await rig.with((pki) => pki.revoke(pki.allOf(EDGE), { reason: "" }));
    assertEquals(await outcomeOf(rig, sign(jwk, T0)), "401 forged");
    assertEquals(await outcomeOf(rig, await rig.token("d-1")), "403 not-allowed");
  });

  it("that is none is told apart from one that is incomplete", () => {
    assertThrows(() => sign("-----BEGIN"), TypeError, "it is no JSON");
    assertThrows(() => sign('{"kid": "1", "d": "AA"}'), TypeError, "it lacks kid, d or sub");
  });
});
