// Bugs of what a release must have, and of how it is installed.
import type { Mutant } from "./mutant.ts";

export const RELEASE_MUTANTS: Mutant[] = [
  {
    name: "any-licence-may-run",
    file: "deploy/release/licences.ts",
    from: "satisfies(licence, isShipped ? ALLOWED : ALLOWED_IN_BUILDS)",
    to: "satisfies(licence, ALLOWED_IN_BUILDS)",
    tests: ["release/licences_test.ts"],
  },
  {
    name: "old-page-of-licences",
    file: "deploy/release/checks.ts",
    from: "const isCurrent = folder.read(LICENCES_PAGE) === page;",
    to: "const isCurrent = folder.read(LICENCES_PAGE) !== null;",
    tests: ["release/release_test.ts"],
  },
  {
    name: "release-without-a-day",
    file: "deploy/release/changelog.ts",
    from: "...isFinal && ",
    to: "...!isFinal && ",
    tests: ["release/release_test.ts"],
  },
  {
    name: "lock-file-need-not-be-current",
    file: "deploy/release/checks.ts",
    from: '"--quiet", "--frozen", ...folder.modules()',
    to: '"--quiet", ...folder.modules()',
    tests: ["release/release_test.ts"],
  },
];
