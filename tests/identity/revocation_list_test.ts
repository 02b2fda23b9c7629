import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  isNote,
  isTokenId,
  parseRevocationList,
  type Revocation,
  revocationLine,
  revokedMs,
  serialOf,
} from "../../identity/revocation_list.ts";
import { identityUri } from "../../identity/uri.ts";
import { ODD_IDS } from "./odd_ids.ts";

const uri = "slipstream://f/drone/d-1";

describe("parseRevocationList", () => {
  it("reads each kind of line, with and without a note, and leaves out what is blank", () => {
    const text = `identity ${uri} before 1764475200 # 2025-11-30T04:00:00.000Z lost # in the lake\n\n  \n` +
      "certificate 0a:FF # why\r\ntoken 0b5e-2f0c\n token a#b #\n";
    assertEquals(parseRevocationList(text), [
      { what: "identity", uri, beforeS: 1764475200, note: "2025-11-30T04:00:00.000Z lost # in the lake" },
      { what: "certificate", serial: "AFF", note: "why" },
      { what: "token", jti: "0b5e-2f0c", note: "" },
      { what: "token", jti: "a#b", note: "" },
    ]);
  });

  it("reads what revocationLine writes, whatever is in it", () => {
    const note = fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => text.trim()).filter(isNote);
    const plain = { noNullPrototype: true };
    const uris = fc.constantFrom(...ODD_IDS).map((id) => identityUri({ fleet: "f", kind: "drone", id }));
    const serial = fc.stringMatching(/^[1-9A-F][0-9A-F]{0,39}$/);
    const revocation: fc.Arbitrary<Revocation> = fc.oneof(
      fc.record({ what: fc.constant("identity" as const), uri: uris, beforeS: fc.nat(), note }, plain),
      fc.record({ what: fc.constant("certificate" as const), serial, note }, plain),
      fc.record({ what: fc.constant("token" as const), jti: fc.string().filter(isTokenId), note }, plain),
    );
    fc.assert(
      fc.property(fc.array(revocation), (all) => {
        assertEquals(parseRevocationList(all.map(revocationLine).join("")), all);
      }),
      { numRuns: 1000 },
    );
  });

  const wrong = [
    ..."identity|identity x before 1|certificate|certificate xyz|certificate 0|token|drone d-1|# only a note|IDENTITY x"
      .split("|"),
    ...[`identity ${uri}`, `identity ${uri} after 1`, `identity ${uri} before`, `identity ${uri} before 1.5`],
    ...[`identity ${uri} before -1`, `identity ${uri} before 1 2`, "certificate A B", "token a b", "token ü", uri],
    ...["identity slipstream://f/drone/%61 before 1", `certificate ${"A".repeat(41)}`, `token ${"a".repeat(257)}`],
  ];
  for (const line of wrong) {
    it(`names the line that it cannot read: ${line.slice(0, 60)}`, () => {
      const read = () => parseRevocationList(`token a\n\n${line}\ntoken b\n`);
      assertThrows(read, TypeError, "Cannot read the revocation list: line 3 is no revocation: ");
    });
  }
});

describe("revocationLine", () => {
  it("is one line: no note makes two of it", () => {
    for (const note of ["a\nb", "a\rb", "\u2028", "a\u0000"]) {
      assertThrows(() => revocationLine({ what: "token", jti: "a", note }), TypeError, "control characters");
    }
  });
});

describe("serialOf", () => {
  for (const spelling of ["0AFF", "aff", "0a:ff", "00:0A:FF", "AFF"]) {
    it(`has one spelling for each number: ${spelling}`, () => assertEquals(serialOf(spelling), "AFF"));
  }

  it("is null for what is no serial number", () => {
    assertEquals(["", "0", "00", "0x1", "g", " 1", "A".repeat(41)].map(serialOf), Array(7).fill(null));
  });
});

describe("revokedMs", () => {
  it("is when the note says that it was written, if it does", () => {
    const at = (note: string) => revokedMs({ what: "token", jti: "a", note });
    assertEquals(at("2025-11-30T04:00:00.000Z lost"), 1764475200000);
    assertEquals([at(""), at("lost in the lake")], [null, null]);
  });
});
