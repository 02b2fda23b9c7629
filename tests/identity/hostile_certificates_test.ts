// Certificates that the root has signed, and should not have: what is believed of them, in a handshake that let them through or
// by the word of a proxy.
import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import * as x509 from "../../identity/x509.ts";
import { GateRig } from "./gate_rig.ts";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const PROXY = "10.0.0.1";
const A = "slipstream://test/drone/a";
const HOUR_MS = 3_600_000;
const FAR = Date.UTC(9999, 11, 31);

interface Made {
  uris?: string[];
  names?: x509.JsonGeneralNames;
  purposes?: string[] | null;
  isAuthority?: boolean;
  serialNumber?: string;
  untilMs?: number;
}

let rig: GateRig;

async function made(
  { uris = [A], purposes = [x509.ExtendedKeyUsage.clientAuth], ...of }: Made,
): Promise<x509.X509Certificate> {
  const { authority, hands } = rig;
  const key = x509.PemConverter.decodeFirst(await Deno.readTextFile(authority.path("rootKey")));
  const root = new x509.X509Certificate(await Deno.readTextFile(authority.path("root")));
  const { publicKey } = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  return await x509.X509CertificateGenerator.create({
    ...{ serialNumber: of.serialNumber ?? "4711", subject: "CN=a", issuer: root.subject, publicKey },
    ...{ notBefore: new Date(hands.ms - HOUR_MS), notAfter: new Date(of.untilMs ?? hands.ms + HOUR_MS) },
    ...{ signingKey: await crypto.subtle.importKey("pkcs8", key, CURVE, false, ["sign"]), signingAlgorithm: SIGNATURE },
    extensions: [
      new x509.BasicConstraintsExtension(of.isAuthority ?? false, undefined, true),
      ...purposes === null ? [] : [new x509.ExtendedKeyUsageExtension(purposes)],
      new x509.SubjectAlternativeNameExtension(of.names ?? uris.map((value) => ({ type: "url" as const, value }))),
    ],
  });
}

/** By the handshake, and by the word of a proxy. */
async function outcomesOf(of: Made): Promise<string[]> {
  const certificate = await made(of);
  const headers = {
    "ssl-client-verify": "SUCCESS",
    "ssl-client-cert": encodeURIComponent(certificate.toString("pem")),
  };
  return await Promise.all([
    rig.outcomeOf({ der: new Uint8Array(certificate.rawData) }),
    rig.outcomeOf({ headers, address: PROXY }),
  ]);
}

describe("a certificate of ours", () => {
  beforeAll(async () => void (rig = await GateRig.open({ proxies: new Set([PROXY]) })));
  afterAll(() => rig[Symbol.asyncDispose]());

  const { serverAuth, codeSigning, clientAuth } = x509.ExtendedKeyUsage;
  const cases: { what: string; of: Made; outcome: string }[] = [
    { what: "for clients", of: {}, outcome: A },
    { what: "for clients and servers", of: { purposes: [serverAuth, clientAuth] }, outcome: A },
    { what: "for nothing in particular", of: { purposes: null }, outcome: A },
    { what: "until the end of all times", of: { untilMs: FAR }, outcome: A },
    { what: "for servers", of: { purposes: [serverAuth] }, outcome: "401 wrong-subject" },
    { what: "for code", of: { purposes: [codeSigning] }, outcome: "401 wrong-subject" },
    { what: "of an authority", of: { isAuthority: true }, outcome: "401 wrong-subject" },
    { what: "with two of our names", of: { uris: [A, `${A}2`] }, outcome: "401 wrong-subject" },
    { what: "with one name twice", of: { uris: [A, A] }, outcome: "401 wrong-subject" },
    { what: "with another URI beside ours", of: { uris: [A, "https://a.example.com/"] }, outcome: "401 wrong-subject" },
    {
      what: "with another spelling beside ours",
      of: { uris: [A, "SLIPSTREAM://test/drone/b"] },
      outcome: "401 wrong-subject",
    },
    {
      what: "with a host beside our name",
      of: { names: [{ type: "dns", value: "a" }, { type: "url", value: A }] },
      outcome: A,
    },
    { what: "with our name as a host's", of: { names: [{ type: "dns", value: A }] }, outcome: "401 wrong-subject" },
    { what: "without a name", of: { names: [] }, outcome: "401 wrong-subject" },
    {
      what: "that nobody could revoke, as its number is too long",
      of: { serialNumber: "41".repeat(21) },
      outcome: "401 unreadable",
    },
  ];
  for (const { what, of, outcome } of cases) {
    it(`${what}: ${outcome}`, async () => assertEquals(await outcomesOf(of), [outcome, outcome]));
  }

  const spelled = [
    ...["a%2fb", "%41", "a b", "", "x/y", "x?y", "x#y", "%00%", "%C0%80", "%ED%A0%80", "a\n", "a".repeat(65)],
    "%F0%9F%98%80".repeat(17),
  ];
  it("is nobody's in any spelling but one", async () => {
    for (const id of spelled) {
      rig.hands.wait(60_000);
      const [outcome] = await outcomesOf({ uris: [`slipstream://test/drone/${id}`] });
      assertEquals(outcome, "401 wrong-subject", id);
    }
    for (
      const uri of [
        "SLIPSTREAM://test/drone/a",
        "slipstream://test:1/drone/a",
        "slipstream://x@test/drone/a",
        "spiffe://test/drone/a",
      ]
    ) {
      assertEquals((await outcomesOf({ uris: [uri] }))[0], "401 wrong-subject", uri);
    }
  });

  it("has ended, or not begun, by the word of a proxy as well", async () => {
    rig.hands.wait(60_000);
    const certificate = await made({});
    const headers = {
      "ssl-client-verify": "SUCCESS",
      "ssl-client-cert": encodeURIComponent(certificate.toString("pem")),
    };
    const outcomeIn = async (ms: number) => {
      rig.hands.ms += ms;
      const outcome = await rig.outcomeOf({ headers, address: PROXY });
      rig.hands.ms -= ms;
      return outcome;
    };
    assertEquals(
      [await outcomeIn(0), await outcomeIn(HOUR_MS), await outcomeIn(-HOUR_MS - 1000)],
      // Nor had its root.
      [A, "401 expired", "401 forged"],
    );
  });

  it("is none of ours any more when its root has ended", async () => {
    const certificate = await made({ untilMs: FAR });
    const headers = {
      "ssl-client-verify": "SUCCESS",
      "ssl-client-cert": encodeURIComponent(certificate.toString("pem")),
    };
    const { ms } = rig.hands;
    rig.hands.ms += 3651 * 24 * HOUR_MS;
    assertEquals(await rig.outcomeOf({ headers, address: PROXY }), "401 forged");
    rig.hands.ms = ms;
  });
});
