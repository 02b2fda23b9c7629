// People by the tokens of an OpenID Connect provider: whatever it signs with, however it names them, and nobody but people.
import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Identity } from "../../identity/identity.ts";
import type { IdentityConfig } from "../../identity/settings.ts";
import { GateRig } from "./gate_rig.ts";

const ISSUER = "https://login.example.com/";
const ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"] as const;
type Algorithm = typeof ALGORITHMS[number];

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** As several providers write them. */
const SUB = "auth0|5f7c8ec7c33c6c004bbafe82";

let rig: GateRig;
let folder: string;
const keys = new Map<Algorithm, Awaited<ReturnType<typeof generateKeyPair>>["privateKey"]>();

function people(of: Partial<NonNullable<IdentityConfig["people"]>> = {}): Partial<IdentityConfig> {
  const claims = { name: "sub", role: "roles" };
  return { people: { keys: `${folder}/jwks.json`, issuer: ISSUER, audience: "console", claims, ...of } };
}

function token(claims: Record<string, unknown> = {}, algorithm: Algorithm = "RS256"): Promise<string> {
  const nowS = Math.floor(rig.hands.ms / 1000);
  const good = { iss: ISSUER, aud: "console", sub: SUB, iat: nowS, exp: nowS + 300, roles: ["staff", "operator"] };
  return new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg: algorithm, kid: algorithm })
    .sign(keys.get(algorithm)!);
}

async function outcomeOf(claims: Record<string, unknown> = {}, algorithm: Algorithm = "RS256"): Promise<string> {
  return await rig.outcomeOf({ token: await token(claims, algorithm), action: "view" });
}

async function identityOf(claims: Record<string, unknown>): Promise<Identity> {
  return await rig.admitted({ token: await token(claims) }, "view");
}

describe("people of an OpenID Connect provider", () => {
  beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "slipstream-openid-" });
    const set = [];
    for (const algorithm of ALGORITHMS) {
      const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
      keys.set(algorithm, privateKey);
      set.push({ ...await exportJWK(publicKey), kid: algorithm, use: "sig" });
    }
    await Deno.writeTextFile(`${folder}/jwks.json`, JSON.stringify({ keys: set }));
    rig = await GateRig.open(people());
  });
  afterAll(async () => {
    await rig[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });

  for (const algorithm of ALGORITHMS) {
    it(`are let in by ${algorithm}, and a drone by our own keys as before`, async () => {
      const uri = "slipstream://own/person/auth0%7C5f7c8ec7c33c6c004bbafe82";
      assertEquals(await outcomeOf({}, algorithm), uri);
      assertEquals(await rig.outcomeOf({ token: await rig.signed({}) }), "slipstream://test/drone/a");
    });
  }

  it("may do what the highest of their roles may", async () => {
    const actions = async (roles: unknown) => [...(await identityOf({ roles })).actions].at(-1);
    assertEquals([await actions("viewer"), await actions(["admin", "viewer"])], ["view", "administer"]);
    for (const roles of [undefined, [], "Admin", ["staff"], { admin: true }, [["admin"]], "viewer admin"]) {
      assertEquals(await outcomeOf({ roles }), "401 wrong-subject", JSON.stringify(roles));
    }
  });

  it("are never a drone or an edge, nor anybody of another name, whatever a token says", async () => {
    const { uri, droneIds } = await identityOf({ sub: "slipstream://test/drone/a", drones: ["a"], role: "admin" });
    assertEquals([uri, droneIds], ["slipstream://own/person/slipstream%3A%2F%2Ftest%2Fdrone%2Fa", new Set()]);
    assertEquals(await rig.outcomeOf({ token: await token() }), "403 not-allowed");
    for (const sub of ["", "x".repeat(65), 1, ["x"], null, "\ud800"]) {
      assertEquals(await outcomeOf({ sub }), "401 wrong-subject", JSON.stringify(sub));
    }
  });

  it("are found by claims of other names, and of those within others", async () => {
    const claims = { name: "preferred_username", role: "realm_access.roles" };
    await using other = await GateRig.open(people({ claims }));
    const nowS = Math.floor(other.hands.ms / 1000);
    const said = { iat: nowS, exp: nowS + 60, preferred_username: "ann" };
    const outcome = async (of: object) =>
      await other.outcomeOf({ token: await token({ ...said, ...of }), action: "view" });
    assertEquals(await outcome({ realm_access: { roles: ["viewer"] } }), "slipstream://own/person/ann");
    assertEquals(await outcome({ "realm_access.roles": "viewer" }), "slipstream://own/person/ann");
    assertEquals(await outcome({ realm_access: "viewer" }), "401 wrong-subject");
  });

  it("are all that is let in where nobody else signs tokens, and by no other name of the provider", async () => {
    await using other = await GateRig.open({ ...people(), tokens: null });
    const nowS = Math.floor(other.hands.ms / 1000);
    const outcome = async (of: object) =>
      await other.outcomeOf({ token: await token({ iat: nowS, exp: nowS + 60, sub: "ann", ...of }), action: "view" });
    assertEquals(await outcome({}), "slipstream://own/person/ann");
    for (const iss of ["https://login.example.com", "slipstream://own", ""]) {
      assertEquals(await outcome({ iss }), "401 unreadable", iss);
    }
    assertEquals(await other.outcomeOf({ token: await other.signed({}) }), "401 forged");
  });

  it("are of the first fleet that is trusted", async () => {
    await using other = await GateRig.open({ ...people(), fleets: new Set(["north", "south"]) });
    const nowS = Math.floor(other.hands.ms / 1000);
    const brought = { token: await token({ iat: nowS, exp: nowS + 60 }), action: "view" } as const;
    assertEquals((await other.outcomeOf(brought)).split("/person/")[0], "slipstream://north");
  });

  it("are believed for an hour by a token that lives longer, and revoked without its having a name", async () => {
    const nowS = Math.floor(rig.hands.ms / 1000);
    const { expiresMs, proof } = await identityOf({ exp: nowS + 86_400 });
    assertEquals(expiresMs, (nowS + 3600) * 1000);
    const jti = proof.slice("token ".length);
    assertEquals(/^[\w-]{43}$/.test(jti), true);
    assertEquals(await outcomeOf({ exp: nowS + 86_400 }), "slipstream://own/person/auth0%7C5f7c8ec7c33c6c004bbafe82");
    await rig.authority.use((pki) => pki.revoke({ what: "token", jti }, { reason: "" }));
    await rig.hands.tick();
    assertEquals(await outcomeOf({ exp: nowS + 86_400 }, "RS256"), "401 revoked");
  });

  it("cannot change the digest by which a token of theirs is revoked: of one signature of ES256 anybody makes another", async () => {
    const good = await token({}, "ES256");
    const [signed, signature] = [good.slice(0, good.lastIndexOf(".")), good.slice(good.lastIndexOf(".") + 1)];
    const bytes = Uint8Array.fromBase64(signature, { alphabet: "base64url" });
    const other = (P256_ORDER - BigInt(`0x${bytes.slice(32).toHex()}`)).toString(16).padStart(64, "0");
    bytes.set(Uint8Array.fromHex(other), 32);
    const twin = `${signed}.${bytes.toBase64({ alphabet: "base64url", omitPadding: true })}`;
    const proofs = [good, twin].map(async (token) => (await rig.admitted({ token }, "view")).proof);
    assertEquals(await proofs[0], await proofs[1]);
  });

  it("are not let in by who says to be the other issuer, for another audience, or by our keys in their name", async () => {
    assertEquals(await outcomeOf({ iss: "https://login.example.com" }), "401 forged");
    assertEquals(
      await outcomeOf({ iss: "slipstream://test", sub: "slipstream://test/drone/a", jti: "j" }),
      "401 forged",
    );
    assertEquals(await outcomeOf({ aud: "slipstream" }), "401 wrong-audience");
    const ours = await rig.signed({ iss: ISSUER, aud: "console", sub: "ann", roles: "admin" });
    assertEquals(await rig.outcomeOf({ token: ours, action: "view" }), "401 forged");
  });
});
