// What others make of our certificates and lists: OpenSSL and Go, by their own rules.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { identityUri } from "../../identity/uri.ts";
import { ODD_IDS } from "./odd_ids.ts";
import { PkiRig } from "./pki_rig.ts";
import { hasGo, hasOpenssl, tool } from "./tools.ts";

const openssl = (...args: string[]) => tool("openssl", args);
const uriOf = (id: string) => identityUri({ fleet: "fleet", kind: "drone", id });

describe("OpenSSL", { ignore: !hasOpenssl }, () => {
  it("verifies what was issued, for its purpose alone, until it is on the list", async () => {
    await using rig = await PkiRig.create();
    const [drone, other] = [await rig.drone("d-1"), await rig.drone("d-2")];
    const server = await rig.with((pki) => pki.issueToServer(["edge.example", "::1"], { hours: 1 }));
    const verify = (file: string, purpose: string) => {
      const lists = ["-crl_check", "-CRLfile", rig.file("ca.crl"), "-CAfile", rig.file("ca.pem")];
      return openssl("verify", "-x509_strict", ...lists, "-purpose", purpose, file);
    };
    const outcomes = async () => {
      const all = [verify(drone, "sslclient"), verify(other, "sslclient"), verify(server, "sslserver")];
      return (await Promise.all(all)).map(({ code }) => code);
    };
    assertEquals(await outcomes(), [0, 0, 0]);
    assertStringIncludes((await verify(drone, "sslserver")).err, "purpose");
    assertStringIncludes((await verify(server, "sslclient")).err, "purpose");
    await rig.revokeDrone("d-1");
    assertEquals(await outcomes(), [2, 0, 0]);
    assertStringIncludes((await verify(drone, "sslclient")).err, "certificate revoked");
    const { id } = rig.issued()[2]!;
    await rig.with((pki) => pki.revoke({ what: "certificate", serial: id }, { reason: "" }));
    assertEquals(await outcomes(), [2, 0, 2]);
  });

  it("shows what each is", async () => {
    await using rig = await PkiRig.create({ fleet: "north" });
    const text = async (file: string) => (await openssl("x509", "-noout", "-text", "-in", file)).out;
    const root = await text(rig.file("ca.pem"));
    assertMatch(root, /Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
    assertMatch(root, /Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    const drone = await text(await rig.drone("a/b"));
    assertMatch(drone, /Issuer: O = ?north, CN = ?Slipstream root\n/);
    assertMatch(drone, /NIST CURVE: P-256\n/);
    assertMatch(drone, /Basic Constraints: critical\s+CA:FALSE\n/);
    assertMatch(drone, /Extended Key Usage: \s+TLS Web Client Authentication\n/);
    assertMatch(drone, /Subject Alternative Name: \s+URI:slipstream:\/\/north\/drone\/a%2Fb\n/);
  });

  it("reads the list, empty and not, and finds it signed by the root", async () => {
    await using rig = await PkiRig.create();
    const read = () => openssl("crl", "-noout", "-text", "-in", rig.file("ca.crl"), "-CAfile", rig.file("ca.pem"));
    const empty = await read();
    assertStringIncludes(empty.err, "verify OK");
    assertStringIncludes(empty.out, "No Revoked Certificates");
    await rig.drone("d-1");
    await rig.revokeDrone("d-1");
    const { out, err } = await read();
    assertStringIncludes(err, "verify OK");
    assertStringIncludes(out, `Serial Number: ${rig.issued()[0]!.id}\n`);
  });
});

describe("Go", { ignore: !hasGo }, () => {
  it("reads the identity of every id that a frame can have, and the list", async () => {
    await using rig = await PkiRig.create();
    const files = await rig.with(async (pki) => {
      const paths = [];
      for (const id of ODD_IDS) paths.push(await pki.issueTo({ kind: "drone", id }, { hours: 1 }));
      return paths;
    });
    await rig.revokeDrone(ODD_IDS[3]!);
    const program = new URL("clients/certificates.go", import.meta.url).pathname;
    const { code, out, err } = await tool("go", ["run", program, rig.file("ca.pem"), rig.file("ca.crl"), ...files]);
    assertEquals([code, err], [0, ""]);
    const told = ODD_IDS.map((id, i) => `${uriOf(id)} ${i === 3 ? "revoked" : "good"}`);
    assertEquals(out.trimEnd().split("\n"), told);
  });
});
