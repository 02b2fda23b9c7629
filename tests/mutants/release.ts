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
  {
    name: "metrics-for-anybody",
    file: "edge/ingest/app.ts",
    from: 'app.get("/metrics", mayOnly(gate, "view"), async (c) => {',
    to: 'app.get("/metrics", async (c) => {',
    tests: ["identity/surface_test.ts"],
  },
  {
    name: "unknown-metrics-are-zero",
    file: "platform/metrics.ts",
    from: "if (read === null) return [];",
    to: "if (read === null) return [[{}, 0 as Value]];",
    tests: ["platform/metrics_test.ts"],
  },
  {
    name: "bounds-half-an-octave-off",
    file: "platform/latency.ts",
    from: "(2 ** (bucket / STEPS) / 1e6).toPrecision(4)",
    to: "(2 ** ((bucket - 4) / STEPS) / 1e6).toPrecision(4)",
    tests: ["platform/metrics_test.ts"],
  },
  {
    name: "lost-records-by-one-reason",
    file: "edge/overload/ledger.ts",
    from: "this.#byReason[refusal.reason]! += refusal.records;",
    to: "this.#byReason[0]! += refusal.records;",
    tests: ["edge/metrics_test.ts"],
  },
  {
    name: "disk-is-asked-while-it-hangs",
    file: "aggregator/journal/disk_space.ts",
    from: 'if (this.#isAsking || this.#path === ":memory:") return;',
    to: 'if (this.#path === ":memory:") return;',
    tests: ["aggregator/metrics_test.ts"],
  },
  {
    name: "revisions-count-as-first-windows",
    file: "aggregator/sinks/tally.ts",
    from: 'output.window.revision === 0 ? "first" : "revised"',
    to: 'output.window.revision >= 0 ? "first" : "revised"',
    tests: ["aggregator/metrics_test.ts"],
  },
  {
    name: "nobody-tells-that-it-lives",
    file: "platform/watchdog.ts",
    from: "if (this.#notices && limitMs > 0) this.#stopBeating",
    to: "if (this.#notices && limitMs < 0) this.#stopBeating",
    tests: ["platform/watchdog_test.ts"],
  },
  {
    name: "image-with-what-only-builds",
    file: "deploy/image/prune.ts",
    from: "npm: only(whole.npm, (key) => needed.has(",
    to: "npm: only(whole.npm, (key) => !needed.has(",
    tests: ["deploy/image_test.ts"],
  },
];
