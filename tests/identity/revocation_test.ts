import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeJwt } from "jose";
import { X509Certificate } from "node:crypto";
import "reflect-metadata";
import { X509Crl } from "@peculiar/x509";
import { PkiRig } from "./pki_rig.ts";

const T0 = Date.UTC(2026, 0, 1);
const S0 = T0 / 1000;
const uri = "slipstream://fleet/drone/d-1";

const serialsOf = (rig: PkiRig) => new X509Crl(rig.read("ca.crl")).entries.map((one) => one.serialNumber.toUpperCase());
const statesOf = (rig: PkiRig) => rig.with((pki) => pki.list().map(({ state }) => state));

describe("the revocation of an identity", () => {
  it("ends all certificates and tokens that it has got, and nobody else's", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    for (const id of ["d-1", "d-2"]) {
      await rig.drone(id);
      await rig.token(id);
    }
    await rig.with((pki) => pki.issueTo({ kind: "edge", id: "d-1" }, { hours: 1 }));
    const ended = await rig.revokeDrone("d-1", "lost in the lake");
    assertEquals(ended.map(({ what, subject }) => [what, subject]), [["certificate", uri], ["token", uri]]);
    assertEquals(await statesOf(rig), ["revoked", "revoked", "valid", "valid", "valid"]);
    assertEquals(
      rig.read("revoked.txt"),
      `identity ${uri} before ${S0 + 1} # 2026-01-01T00:00:00.000Z lost in the lake\n`,
    );
    assertEquals(serialsOf(rig), [rig.issued()[0]!.id]);
  });

  it("does not concern what it is issued afterwards, even in the same second, backdated as that is", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 + 100 });
    await rig.revokeDrone("d-1");
    const first = new X509Certificate(await Deno.readTextFile(await rig.drone("d-1")));
    assertEquals(Date.parse(first.validFrom) / 1000, S0 + 1);
    assertEquals(decodeJwt(await rig.token("d-1")).iat, S0 + 1);
    rig.nowMs += 30_000;
    const later = new X509Certificate(await Deno.readTextFile(await rig.drone("d-1")));
    assertEquals(Date.parse(later.validFrom) / 1000, S0 + 1);
    rig.nowMs += 3_600_000;
    const muchLater = new X509Certificate(await Deno.readTextFile(await rig.drone("d-1")));
    assertEquals(Date.parse(muchLater.validFrom), T0 + 3_630_000 - 60_000);
    assertEquals(new Set(await statesOf(rig)), new Set(["valid"].concat("ended")));
    await rig.revokeDrone("d-1");
    assertEquals(await statesOf(rig), Array(4).fill("revoked"));
  });

  it("ends what was issued in its own second", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    await rig.token("d-1");
    rig.nowMs += 999;
    await rig.revokeDrone("d-1");
    assertEquals(await statesOf(rig), ["revoked"]);
  });

  it("is kept when more are revoked, each with its time", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    for (const id of ["d-1", "d-2", "d-3"]) {
      await rig.drone(id);
      rig.nowMs += 1000;
      await rig.revokeDrone(id);
    }
    assertEquals(rig.revocations().length, 3);
    const { entries } = new X509Crl(rig.read("ca.crl"));
    assertEquals(entries.map(({ revocationDate }) => revocationDate.getTime() - T0), [1000, 2000, 3000]);
  });
});

describe("the revocation of one certificate or token", () => {
  it("ends that one alone", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    for (let i = 0; i < 2; i++) {
      await rig.drone("d-1");
      await rig.token("d-1");
    }
    const [certificate, token] = rig.issued();
    const reason = "";
    await rig.with((pki) => pki.revoke({ what: "certificate", serial: certificate!.id }, { reason }));
    const ended = await rig.with((pki) => pki.revoke({ what: "token", jti: token!.id }, { reason }));
    assertEquals(ended.map(({ id }) => id), [token!.id]);
    assertEquals(await statesOf(rig), ["revoked", "revoked", "valid", "valid"]);
    assertEquals(rig.revocations().map(({ note, ...revoked }) => [revoked, note]), [
      [{ what: "certificate", serial: certificate!.id }, "2026-01-01T00:00:00.000Z"],
      [{ what: "token", jti: token!.id }, "2026-01-01T00:00:00.000Z"],
    ]);
    assertEquals(serialsOf(rig), [certificate!.id]);
  });

  it("takes a serial number that was not issued here, and lists a certificate once however often it is revoked", async () => {
    await using rig = await PkiRig.create();
    await rig.drone("d-1");
    const serial = rig.issued()[0]!.id;
    for (const one of [serial, serial, "ABC"]) {
      await rig.with((pki) => pki.revoke({ what: "certificate", serial: one }, { reason: "" }));
    }
    await rig.revokeDrone("d-1");
    assertEquals(serialsOf(rig), [serial, "0ABC"]);
  });
});

describe("the list of what is revoked", () => {
  it("for TLS servers leaves out what has ended by itself", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    await rig.drone("d-1");
    await rig.revokeDrone("d-1");
    rig.nowMs += 86_400_000 - 1;
    await rig.revokeDrone("d-2");
    assertEquals(serialsOf(rig).length, 1);
    rig.nowMs += 1;
    await rig.revokeDrone("d-2");
    assertEquals([serialsOf(rig), rig.revocations().length], [[], 3]);
  });

  it("stays as it is, and so does all else, when a line of it cannot be read", async () => {
    await using rig = await PkiRig.create();
    await Deno.writeTextFile(rig.file("revoked.txt"), "token a\nidentity nobody\n");
    const before = rig.read("ca.crl");
    await assertRejects(
      () => rig.revokeDrone("d-1"),
      Error,
      "Cannot read the revocation list: line 2 is no revocation",
    );
    await assertRejects(() => rig.drone("d-1"), Error, "line 2");
    assertEquals([rig.read("revoked.txt"), rig.read("ca.crl")], ["token a\nidentity nobody\n", before]);
  });

  it("for TLS servers has a number that grows, and is good for as long as the root", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    const number = () => {
      const [extension] = new X509Crl(rig.read("ca.crl")).extensions.filter(({ type }) => type === "2.5.29.20");
      const [tag, length, ...digits] = new Uint8Array(extension!.value);
      assertEquals([tag, length], [2, digits.length]);
      return digits.reduce((sum, digit) => sum * 256 + digit, 0);
    };
    const first = number();
    rig.nowMs += 1;
    await rig.revokeDrone("d-1");
    assertEquals(number(), first + 1);
    const { nextUpdate } = new X509Crl(rig.read("ca.crl"));
    assertEquals(nextUpdate!.getTime(), T0 + 3650 * 86_400_000);
  });

  it("has no note of two lines", async () => {
    await using rig = await PkiRig.create();
    using pki = await rig.open();
    assertThrows(() => pki.allOf({ kind: "drone", id: "" }), TypeError);
    await assertRejects(() => pki.revoke({ what: "token", jti: "a" }, { reason: "a\ntoken b" }), TypeError);
    assertEquals(rig.read("revoked.txt"), "");
  });
});
