// Bugs of what compares the windows of both sides, and of how long they are revised.
import type { Mutant } from "./mutant.ts";

const COMPARE = ["parity/compare_test.ts"];

export const PARITY_MUTANTS: Mutant[] = [
  {
    name: "a-window-that-only-one-side-has-is-equal",
    file: "tests/parity/compare.ts",
    from: "for (const key of new Set([...own.keys(), ...flink.keys()])) {",
    to: "for (const key of [...own.keys()].filter((key) => flink.has(key))) {",
    tests: COMPARE,
  },
  {
    name: "averages-may-differ-by-more-than-rounding",
    file: "tests/parity/compare.ts",
    from: "const NEAR = 1e-9;",
    to: "const NEAR = 1e-3;",
    tests: COMPARE,
  },
  {
    name: "cells-that-only-flink-has-are-always-forgiven",
    file: "tests/parity/compare.ts",
    from: "< DENSITY_CELLS_MAX) return [];",
    to: "< 0) return [];",
    tests: COMPARE,
  },
  {
    name: "the-lateness-that-is-set-is-read-as-milliseconds",
    file: "aggregator/pipeline/environment_settings.ts",
    from: '"allowedLatenessUs", us: 1e6',
    to: '"allowedLatenessUs", us: 1e3',
    tests: ["aggregator/config_test.ts"],
  },
];
