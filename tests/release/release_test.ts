import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { releaseChecks, type ReleaseOptions } from "../../deploy/release/checks.ts";
import { Folder } from "../../deploy/release/folder.ts";
import { LAST_RELEASE } from "../../deploy/release/last_release.ts";
import { sbomProblems } from "../../deploy/release/sbom.ts";
import { git, smallRelease } from "./small_release.ts";

type Files = Record<string, string>;

const CHECKED: ReleaseOptions = { isFinal: true, writes: false, onSbom: () => {} };

/** What fails, by the name of its check. */
async function failures(change?: (files: Files) => Files, options: Partial<ReleaseOptions> = {}) {
  await using release = await smallRelease(change);
  const outcomes = await releaseChecks(new Folder(release.root), { ...CHECKED, ...options });
  assertEquals(outcomes.map(({ name }) => name), [
    "version",
    "changelog",
    "last release",
    "lock file",
    "licences",
    "bill of materials",
  ]);
  return Object.fromEntries(
    outcomes.filter(({ problems }) => problems.length > 0).map(({ name, problems }) => {
      return [name, problems.join("\n")];
    }),
  );
}

const replaced = (path: string, from: string | RegExp, to: string) => (files: Files) => ({
  [path]: files[path]!.replace(from, to),
});

const FAULTS: [what: string, change: (files: Files) => Files, check: string, says: RegExp][] = [
  ["a version that is none", replaced("deno.json", "1.2.3", "1.2"), "version", /1\.2, which is none/],
  [
    "a process that says another version",
    replaced("edge/main.ts", "1.2.3", "1.2.2"),
    "version",
    /^edge --version says slipstream 1\.2\.2, and deno\.json 1\.2\.3$/,
  ],
  ["no section of the version", replaced("CHANGELOG.md", "1.2.3", "1.2.2"), "changelog", /no section ## 1\.2\.3/],
  ["a section that says nothing", replaced("CHANGELOG.md", "- Something.", ""), "changelog", /says nothing of 1\.2\.3/],
  [
    "a section without its day",
    replaced("CHANGELOG.md", "2026-11-30", "unreleased"),
    "changelog",
    /does not say on which day/,
  ],
  [
    "a last release that is of another version",
    replaced("CHANGELOG.md", "1.2.2", "1.2.1"),
    "last release",
    /names a commit of 1\.2\.2, and not of 1\.2\.1$/,
  ],
  [
    "a last release that is none, though there is one before",
    replaced("tests/upgrade/last_release.txt", /^./, "z"),
    "last release",
    /names z\w{39}, which is no commit that led here$/,
  ],
  [
    "an import that is not locked",
    replaced("tests/a_test.ts", "axe-core", "npm:ms@2.1.3"),
    "lock file",
    /deno\.lock is not current: .*lockfile/s,
  ],
  [
    "a pin that is no exact version",
    (files) => ({
      ...replaced("import_map.json", "axe-core@4.14.1", "axe-core@^4.14.1")(files),
      ...replaced("deno.lock", /npm:axe-core@4/g, "npm:axe-core@^4")(files),
    }),
    "lock file",
    /import_map\.json has npm:axe-core@\^4\.14\.1, which is no exact version/,
  ],
  [
    "a package that nothing needs",
    (files) => {
      const lock = JSON.parse(files["deno.lock"]!);
      lock.npm["ms@2.1.3"] = { integrity: "sha512-AAAA" };
      return { "deno.lock": JSON.stringify(lock) };
    },
    "lock file",
    /deno\.lock has ms@2\.1\.3, which nothing needs/,
  ],
  ["a page of licences that is not current", replaced("docs/licences.md", "MPL-2.0", "MIT    "), "licences", /--write/],
];

describe("a folder that is to be released", () => {
  it("passes when all of it fits", async () => {
    assertEquals(await failures(), {});
  });

  for (const [what, change, check, says] of FAULTS) {
    it(`fails by name over ${what}`, async () => {
      assertMatch((await failures(change))[check] ?? "nothing", says);
    });
  }

  it("fails over a last release that did not lead here", async () => {
    await using release = await smallRelease();
    const { pathname: path } = release.root;
    await Deno.writeTextFile(path + LAST_RELEASE, await git(path, "commit-tree", "-m", "elsewhere", "HEAD^{tree}"));
    const outcomes = await releaseChecks(new Folder(release.root), CHECKED);
    const { problems } = outcomes.find(({ name }) => name === "last release")!;
    assertMatch(problems.join(), /which is no commit that led here$/);
  });

  it("has before its first release only commits of itself", async () => {
    const first = replaced("CHANGELOG.md", "\n## 1.2.2 (2026-10-30)\n", "");
    assertEquals(await failures(first), {
      "last release": "tests/upgrade/last_release.txt names a commit of 1.2.2, and not of 1.2.3",
    });
  });

  it("need not say its day before it is released", async () => {
    assertEquals(await failures(replaced("CHANGELOG.md", "2026-11-30", "unreleased"), { isFinal: false }), {});
  });

  it("fails over a licence that may build and test, and may not run", async () => {
    const { licences } = await failures(replaced("edge/main.ts", "quick-lru", "axe-core"));
    assertStringIncludes(
      licences ?? "",
      "axe-core@4.14.1 has the licence MPL-2.0, which is not allowed of what runs",
    );
  });

  it("writes the page of licences when it is asked to, and asks nobody about what is here", async () => {
    assertEquals(await failures(() => ({ "docs/licences.md": "" }), { writes: true }), {});
  });
});

describe("the bill of materials", () => {
  it("has each package by its hash and licence, and who needs whom", async () => {
    await using release = await smallRelease();
    let text = "";
    await releaseChecks(new Folder(release.root), { ...CHECKED, onSbom: (sbom) => text = sbom });
    const { components, dependencies, metadata } = JSON.parse(text);
    assertEquals(metadata.component.version, "1.2.3");
    assertEquals(components.map(({ purl, scope }: Files) => [purl, scope]), [
      ["pkg:npm/axe-core@4.14.1", "excluded"],
      ["pkg:npm/quick-lru@7.3.0", "required"],
    ]);
    assertEquals(components[1].licenses, [{ license: { id: "MIT" } }]);
    assertMatch(components[1].hashes[0].content, /^[0-9a-f]{128}$/);
    assertEquals(dependencies.find(({ ref }: Files) => ref === "slipstream@1.2.3").dependsOn, [
      "axe-core@4.14.1",
      "quick-lru@7.3.0",
    ]);
  });

  it("is refused by CycloneDX's schema when it is none", async () => {
    assertMatch(
      (await sbomProblems(`{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 0}`)).join(),
      /not CycloneDX/,
    );
  });
});
