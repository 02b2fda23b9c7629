import { assertEquals, assertMatch, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { X509Certificate } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { createPki, Pki } from "../../identity/pki/pki.ts";
import { ODD_IDS } from "./odd_ids.ts";
import { PkiRig } from "./pki_rig.ts";

const T0 = Date.UTC(2026, 0, 1);
const S0 = T0 / 1000;
const certificateAt = (path: string) => new X509Certificate(Deno.readTextFileSync(path));
const seconds = (date: string) => Date.parse(date) / 1000;
/** By object identifier: what its key may be used for. Deno's own `keyUsage` has something else. */
const purposesOf = ({ raw }: X509Certificate) => [
  ...new x509.X509Certificate(new Uint8Array(raw)).getExtension(x509.ExtendedKeyUsageExtension)!.usages,
];
const modeOf = (path: string) => (Deno.statSync(path).mode! & 0o777).toString(8);
const SECRET = ["ca.key.pem", "token.key.json", "issued.jsonl", "lock"];
const SHOWN = ["ca.pem", "ca.crl", "tokens.jwks.json", "revoked.txt"];

describe("createPki", () => {
  it("makes a folder that its owner alone can read, and keys as well", async () => {
    await using rig = await PkiRig.create();
    await rig.drone("d-1");
    assertEquals([modeOf(rig.path), modeOf(rig.file("issued")), modeOf(rig.file("issued/drone-d-1.pem"))], [
      "700",
      "700",
      "600",
    ]);
    assertEquals(SECRET.map((name) => modeOf(rig.file(name))), SECRET.map(() => "600"));
    assertEquals(SHOWN.map((name) => modeOf(rig.file(name))), SHOWN.map(() => "644"));
  });

  it("closes an empty folder that others could read", async () => {
    await using rig = await PkiRig.create();
    await Deno.mkdir(rig.file("inner"), { mode: 0o755 });
    await createPki(rig.file("inner"), { fleet: "f", nowMs: T0 });
    assertEquals(modeOf(rig.file("inner")), "700");
  });

  it("overwrites nothing: a folder with a PKI, or with anything else, stays as it is", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    const before = rig.read("ca.key.pem");
    const again = () => createPki(rig.path, { fleet: "f", nowMs: T0 });
    await assertRejects(again, Error, `Cannot make a PKI in ${rig.path}: the folder has ca.crl, ca.key.pem, ca.pem, `);
    assertEquals(rig.read("ca.key.pem"), before);
    await Deno.mkdir(rig.file("other"), { mode: 0o755 });
    await Deno.writeTextFile(rig.file("other/mine"), "");
    const beside = () => createPki(rig.file("other"), { fleet: "f", nowMs: T0 });
    await assertRejects(beside, Error, "the folder has mine already");
    assertEquals([modeOf(rig.file("other")), [...Deno.readDirSync(rig.file("other"))].length], ["755", 1]);
  });

  it("lets one of two that make it at the same time make it", async () => {
    await using rig = await PkiRig.create();
    const make = () => createPki(rig.file("inner"), { fleet: "f", nowMs: T0 });
    const outcomes = await Promise.allSettled([make(), make()]);
    assertEquals(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });
});

describe("Pki.open", () => {
  it("says what is missing, and how a PKI is made", async () => {
    await using rig = await PkiRig.create();
    const nowhere = () => Pki.open(rig.file("none"), { now: () => T0 });
    await assertRejects(
      nowhere,
      Error,
      `Cannot use ${rig.file("none")}: there is no PKI in it; deno task pki init makes one`,
    );
    await Deno.mkdir(rig.file("empty"));
    const empty = () => Pki.open(rig.file("empty"), { now: () => T0 });
    await assertRejects(empty, Error, "there is no PKI in it");
    assertEquals([...Deno.readDirSync(rig.file("empty"))], []);
    await Deno.remove(rig.file("ca.key.pem"));
    await assertRejects(() => rig.open(), Error, `Cannot use ${rig.path}: ca.key.pem is missing`);
  });
});

describe("a certificate", () => {
  it("of a drone or an edge says who it is, for a client, for 24 hours and a minute before", async () => {
    await using rig = await PkiRig.create({ fleet: "north.example", nowMs: T0 });
    for (const kind of ["drone", "edge"] as const) {
      const path = await rig.with((pki) => pki.issueTo({ kind, id: "x 1" }, { hours: 24 }));
      assertEquals(path, rig.file(`issued/${kind}-x%201.pem`));
      const certificate = certificateAt(path);
      assertEquals(certificate.subjectAltName, `URI:slipstream://north.example/${kind}/x%201`);
      assertEquals(purposesOf(certificate), ["1.3.6.1.5.5.7.3.2"]);
      assertEquals([seconds(certificate.validFrom), seconds(certificate.validTo)], [S0 - 60, S0 + 86_400]);
      assertEquals(certificate.ca, false);
    }
  });

  it("of a server has its names and addresses, and is no client's", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    const names = ["*.edge.example", "10.0.0.7", "::1"];
    const certificate = certificateAt(await rig.with((pki) => pki.issueToServer(names, { hours: 1 })));
    const [dns, v4, v6] = certificate.subjectAltName!.split(", ");
    assertEquals([dns, v4], ["DNS:*.edge.example", "IP Address:10.0.0.7"]);
    assertMatch(v6!, /^IP Address:(::1|0:0:0:0:0:0:0:1)$/i);
    assertEquals(purposesOf(certificate), ["1.3.6.1.5.5.7.3.1"]);
    assertEquals(seconds(certificate.validTo), S0 + 3600);
  });

  it("is another one with another key each time, in the same file", async () => {
    await using rig = await PkiRig.create();
    const texts = [];
    for (let i = 0; i < 2; i++) texts.push(await Deno.readTextFile(await rig.drone("d-1")));
    const [one, other] = texts.map((text) => new X509Certificate(text));
    assertNotEquals(one!.serialNumber, other!.serialNumber);
    assertNotEquals(
      one!.publicKey.export({ type: "spki", format: "pem" }),
      other!.publicKey.export({ type: "spki", format: "pem" }),
    );
    assertEquals([...Deno.readDirSync(rig.file("issued"))].map(({ name }) => name), ["drone-d-1.pem"]);
    assertEquals(rig.issued().map(({ id }) => id), [one!.serialNumber, other!.serialNumber]);
  });

  it("can be had by every id that a frame can have, and none gets out of the folder", async () => {
    await using rig = await PkiRig.create();
    using pki = await rig.open();
    const paths = [];
    for (const id of ODD_IDS) paths.push(await pki.issueTo({ kind: "drone", id }, { hours: 1 }));
    assertEquals(new Set(paths).size, ODD_IDS.length);
    assertEquals([...Deno.readDirSync(rig.file("issued"))].length, ODD_IDS.length);
    assertEquals(
      [...Deno.readDirSync(rig.path)].map(({ name }) => name).sort(),
      [...SECRET, ...SHOWN, "issued"].sort(),
    );
    assertEquals(pki.list().length, ODD_IDS.length);
  });

  it("does not outlive its root", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    rig.nowMs += 3650 * 86_400_000 - 3_600_000;
    await assertRejects(
      () => rig.drone("d-1"),
      Error,
      "Cannot issue a certificate: the root ends before it, on 2035-12-30T",
    );
    assertEquals(rig.issued(), []);
    await rig.with((pki) => pki.issueTo({ kind: "drone", id: "d-1" }, { hours: 1 }));
  });

  it("is not lost when many are issued at the same time", async () => {
    await using rig = await PkiRig.create();
    await Promise.all(Array.from({ length: 20 }, (_, i) => rig.drone(`d-${i}`)));
    assertEquals(new Set(rig.issued().map(({ subject }) => subject)).size, 20);
  });
});

describe("what was issued", () => {
  it("is told with when it ends and whether it counts, and forgotten a week after", async () => {
    await using rig = await PkiRig.create({ nowMs: T0 });
    await rig.drone("a");
    await rig.token("a", 10);
    rig.nowMs += 600_000;
    const states = () => rig.with((pki) => pki.list().map(({ what, untilS, state }) => [what, untilS - S0, state]));
    assertEquals(await states(), [["certificate", 86_400, "valid"], ["token", 600, "ended"]]);
    await rig.revokeDrone("a");
    assertEquals(await states(), [["certificate", 86_400, "revoked"], ["token", 600, "revoked"]]);
    rig.nowMs = T0 + 600_000 + 7 * 86_400_000;
    await rig.drone("b");
    assertEquals(rig.issued().map(({ subject }) => subject.at(-1)), ["a", "b"]);
  });

  it("is refused as a whole when a line cannot be read", async () => {
    await using rig = await PkiRig.create();
    await rig.drone("a");
    await Deno.writeTextFile(rig.file("issued.jsonl"), '{"what":"certificate"}\n', { append: true });
    await assertRejects(() => rig.drone("b"), Error, 'Cannot read what was issued: line 2 is "{');
  });

  it("is written down first: a certificate whose file cannot be written is known all the same", async () => {
    await using rig = await PkiRig.create();
    await Deno.writeTextFile(rig.file("issued"), "in the way");
    await assertRejects(() => rig.drone("a"));
    assertEquals(rig.issued().length, 1);
  });
});

describe("a file of a PKI", () => {
  it("is as it was when writing it fails, and what a crash left beside it is replaced", async () => {
    await using rig = await PkiRig.create();
    await rig.drone("a");
    const before = rig.read("issued.jsonl");
    await Deno.writeTextFile(rig.file("issued.jsonl.new"), "half", { mode: 0o644 });
    await rig.drone("b");
    assertEquals([modeOf(rig.file("issued.jsonl")), rig.issued().length], ["600", 2]);
    await Deno.mkdir(rig.file("revoked.txt.new/in-the-way"), { recursive: true });
    await assertRejects(() => rig.revokeDrone("a"));
    assertEquals([rig.read("revoked.txt"), rig.read("issued.jsonl").startsWith(before)], ["", true]);
    assertThrows(() => Deno.statSync(rig.file("issued.jsonl.new")), Deno.errors.NotFound);
  });
});
