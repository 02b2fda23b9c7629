import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { licenceOnPage, licenceProblems, licencesPage, type Licensed } from "../../deploy/release/licences.ts";
import { closureOf, parseLock } from "../../deploy/release/lock.ts";

const one = (licence: string | null, isShipped: boolean): Licensed => {
  return { id: "a@1.0.0", name: "a", version: "1.0.0", integrity: "sha512-", needs: [], licence, isShipped };
};

describe("licences", () => {
  const RUNS = "which is not allowed of what runs";
  const BUILDS = "which is not allowed of what builds or tests";
  const judged: [licence: string | null, ofWhatRuns: string | null, ofWhatBuilds: string | null][] = [
    ["MIT", null, null],
    ["(MIT OR GPL-3.0-only)", null, null],
    ["(MIT AND BSD-3-Clause)", null, null],
    ["(MIT AND GPL-3.0-only)", RUNS, BUILDS],
    ["MPL-2.0", RUNS, null],
    ["AGPL-3.0-or-later", RUNS, BUILDS],
    ["SEE LICENSE IN FILE", "which is none of SPDX", "which is none of SPDX"],
    [null, "a@1.0.0 says nothing of its licence", "a@1.0.0 says nothing of its licence"],
  ];
  for (const [licence, ofWhatRuns, ofWhatBuilds] of judged) {
    it(`such as ${licence} are judged by what the package does`, () => {
      const said = (problem: string | null) =>
        problem === null ? [] : licence === null ? [problem] : [`a@1.0.0 has the licence ${licence}, ${problem}`];
      assertEquals(licenceProblems([one(licence, true)]), said(ofWhatRuns));
      assertEquals(licenceProblems([one(licence, false)]), said(ofWhatBuilds));
    });
  }

  it("are read from the page again, by name and version", () => {
    const page = licencesPage([one("MIT", true), { ...one(null, false), name: "b" }]);
    const at = (name: string, version: string) => licenceOnPage(page, { name, version });
    assertEquals([at("a", "1.0.0"), at("a", "1.0.1"), at("b", "1.0.0")], ["MIT", null, null]);
  });
});

describe("a lock file", () => {
  const lock = (npm: Record<string, object>, specifiers = {}) =>
    JSON.stringify({
      version: "5",
      specifiers,
      npm: Object.fromEntries(Object.entries(npm).map(([id, rest]) => [id, { integrity: "sha512-", ...rest }])),
      workspace: {},
    });

  it("tells what needs what, whatever the peers and however many versions there are", () => {
    const parsed = parseLock(lock({
      "@s/a@1.0.0_b@2.0.0": { dependencies: ["b@2.0.0", "c"] },
      "b@1.0.0": {},
      "b@2.0.0": { optionalDependencies: ["d@1.0.0-rc.1"] },
      "c@1.0.0": { dependencies: ["absent"], optionalPeers: ["absent"] },
      "d@1.0.0-rc.1": {},
    }, { "npm:@s/a@1.0.0": "1.0.0_b@2.0.0" }));
    assertEquals([...parsed.asked], [["npm:@s/a@1.0.0", "@s/a@1.0.0"]]);
    assertEquals([...closureOf(parsed, parsed.asked.values())].sort(), [
      "@s/a@1.0.0",
      "b@2.0.0",
      "c@1.0.0",
      "d@1.0.0-rc.1",
    ]);
  });

  it("is refused when it names what is not in it, or has packages from elsewhere", () => {
    assertThrows(() => parseLock(lock({ "a@1.0.0": { dependencies: ["b"] } })), TypeError, "b is not in it");
    assertThrows(
      () => parseLock(JSON.stringify({ version: "5", specifiers: {}, npm: {}, remote: {} })),
      TypeError,
      "remote",
    );
  });
});
