import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { fileName } from "../../identity/pki/files.ts";
import { identityUri, isFleet, isId, parseIdentityUri } from "../../identity/uri.ts";
import { ODD_IDS } from "./odd_ids.ts";

const RUNS = { numRuns: 2000 };
const kind = fc.constantFrom("drone" as const, "edge" as const, "person" as const);
const id = fc.oneof(fc.constantFrom(...ODD_IDS), fc.string({ unit: "binary", minLength: 1, maxLength: 64 })).filter(
  isId,
);
const fleet = fc.stringMatching(/^[\w-]{1,20}(\.[\w-]{1,20}){0,2}$/).filter(isFleet);
const identity = fc.record({ fleet, kind, id }, { noNullPrototype: true });

describe("identityUri", () => {
  it("comes back from parseIdentityUri as it went in, for every fleet, kind and id", () => {
    fc.assert(fc.property(identity, (one) => assertEquals(parseIdentityUri(identityUri(one)), one)), RUNS);
  });

  it("is visible ASCII with three slashes at its known places, whatever the id is", () => {
    fc.assert(
      fc.property(identity, (one) => assertMatch(identityUri(one), /^slipstream:\/\/[\w.-]+\/[a-z]+\/[\w.~%-]+$/)),
      RUNS,
    );
  });

  it("is the same for the same identity alone", () => {
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const isSame = one.fleet === other.fleet && one.kind === other.kind && one.id === other.id;
        assertEquals(identityUri(one) === identityUri(other), isSame);
      }),
      RUNS,
    );
    assertEquals(new Set(ODD_IDS.map((id) => identityUri({ fleet: "f", kind: "drone", id }))).size, ODD_IDS.length);
  });

  it("refuses what a frame cannot have as its id, and a fleet that is no host name", () => {
    for (const id of ["", "x".repeat(65), "ü".repeat(33), "\ud800", "a\udc00"]) {
      assertThrows(
        () => identityUri({ fleet: "f", kind: "drone", id }),
        TypeError,
        "Cannot name an identity: its id is ",
      );
    }
    for (
      const fleet of [
        "",
        ".",
        "a..b",
        "a.",
        ".a",
        "a/b",
        "ü",
        "a b",
        "a:1",
        "x".repeat(64),
        `${"x".repeat(60)}.${"y".repeat(9)}`,
      ]
    ) {
      assertThrows(
        () => identityUri({ fleet, kind: "drone", id: "d" }),
        TypeError,
        "Cannot name an identity: its fleet is",
      );
    }
    assertEquals(identityUri({ fleet: "x".repeat(63), kind: "drone", id: "d" }).length, 84);
  });
});

describe("parseIdentityUri", () => {
  const other = [
    ..."slipstream://f/drone/|slipstream://f/drone|slipstream://f/drone/a/b|slipstream://f/Drone/a|slipstream://f/bird/a"
      .split("|"),
    ..."slipstream:///drone/a|Slipstream://f/drone/a|https://f/drone/a|//f/drone/a|slipstream://f/drone/a?b|slipstream://f/drone/a#b"
      .split("|"),
    ..."slipstream://u@f/drone/a|slipstream://f:1/drone/a|slipstream://f./drone/a|slipstream://f//a|spiffe://f/drone/a| "
      .split("|"),
    ...[" slipstream://f/drone/a", "slipstream://f/drone/a ", "slipstream://f/drone/a\n", "slipstream://f/drone/ü", ""],
  ];
  for (const text of other) {
    it(`takes nothing for an identity that is none: ${JSON.stringify(text)}`, () =>
      assertEquals(parseIdentityUri(text), null));
  }

  for (const path of ["%61", "%c3%bc", "a%2fb", "a!b", "%", "%2", "%zz", "%ff", "%C3", "%ED%A0%80", "x".repeat(65)]) {
    it(`takes no other spelling: ${path}`, () => assertEquals(parseIdentityUri(`slipstream://f/drone/${path}`), null));
  }

  it("takes nothing that it would not write itself", () => {
    const nearly = fc.tuple(identity, fc.nat(), fc.string({ unit: "binary-ascii", maxLength: 3 })).map(
      ([one, at, text]) => {
        const uri = identityUri(one);
        const place = at % (uri.length + 1);
        return uri.slice(0, place) + text + uri.slice(place + text.length);
      },
    );
    fc.assert(
      fc.property(nearly, (text) => {
        const parsed = parseIdentityUri(text);
        if (parsed) assertEquals(identityUri(parsed), text);
      }),
      RUNS,
    );
  });
});

describe("the file of a certificate", () => {
  it("is in one folder, and another one for each kind and id", () => {
    for (const id of ODD_IDS) assertMatch(fileName("drone", id), /^issued\/drone-[\w.~%-]{1,192}\.pem$/);
    assertEquals(new Set(ODD_IDS.map((id) => fileName("drone", id))).size, ODD_IDS.length);
    assertEquals(fileName("edge", "e-1"), "issued/edge-e-1.pem");
  });
});
