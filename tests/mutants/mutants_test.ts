import { assertEquals, assertGreater, assertNotEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { mutated, type TestRun, verdictOf } from "./mutant.ts";
import { readOptions } from "../../platform/options.ts";
import { chosen, MUTANTS_COMMAND } from "./options.ts";
import { MUST_DIE, MUTANTS } from "./table.ts";

const ROOT = new URL("../../", import.meta.url);

describe("the mutants", () => {
  it("fit their files, each at one place, and name tests that are there", async () => {
    assertGreater(MUTANTS.length, 100);
    for (const mutant of MUTANTS) {
      const text = await Deno.readTextFile(new URL(mutant.file, ROOT));
      assertNotEquals(mutated(text, mutant), null, `stale: ${mutant.name}`);
      assertGreater(mutant.tests.length, 0, mutant.name);
      for (const file of mutant.tests) assertEquals((await Deno.stat(new URL(`tests/${file}`, ROOT))).isFile, true);
    }
  });

  it("have names of their own, also those that must die", () => {
    const names = new Set(MUTANTS.map(({ name }) => name));
    assertEquals(names.size, MUTANTS.length);
    assertEquals([...MUST_DIE].filter((name) => !names.has(name)), []);
  });
});

describe("mutated", () => {
  it("changes one place, and is null where there is none, more than one, or no difference", () => {
    assertEquals(mutated("a < b", { from: "<", to: "<=" }), "a <= b");
    assertEquals(mutated("$&", { from: "&", to: "$&" }), "$$&");
    for (const [from, to] of [["b", "c"], ["aa", "b"], ["aaa", "aaa"]] as const) {
      assertEquals(mutated("aaa", { from, to }), null, `${from} → ${to}`);
    }
  });
});

describe("verdictOf", () => {
  const failed = "FAILED | 3 passed (9 steps) | 1 failed (2 steps) (5s)";
  const runs: [what: string, run: TestRun, verdict: string, verdictOfOneThatHangs?: string][] = [
    ["a failing test", { code: 1, output: failed }, "killed"],
    ["tests that pass", { code: 0, output: "ok | 3 passed | 0 failed" }, "survived"],
    ["no end", { code: null, output: "" }, "hung", "killed"],
    [
      "a file that does not parse",
      { code: 1, output: "error: The module's source code could not be parsed" },
      "broken",
    ],
    ["a file that does not load", { code: 1, output: `./tests/a_test.ts (uncaught error)\n${failed}` }, "broken"],
    ["no verdict at all", { code: 1, output: "error: Out of memory" }, "broken"],
  ];
  for (const [what, run, verdict, ofOneThatHangs = verdict] of runs) {
    it(`calls ${what} ${verdict}`, () => {
      assertEquals(verdictOf(run, {}), verdict);
      assertEquals(verdictOf(run, { hangs: true }), ofOneThatHangs);
    });
  }
});

describe("the options of deno task mutants", () => {
  const names = (...args: string[]) => {
    const options = readOptions(args, MUTANTS_COMMAND);
    return options === "help" ? ["help"] : chosen(MUTANTS, options).map(({ name }) => name);
  };

  it("mean all mutants, some by name, or a sample that is the same for the same seed", () => {
    assertEquals(names().length, MUTANTS.length);
    assertEquals(names("--only", "open-alerts-ignored"), ["open-alerts-ignored"]);
    const sample = names("--sample", "8", "--seed", "3");
    assertEquals([sample.length, new Set(sample).size], [8, 8]);
    assertEquals(names("--sample", "8", "--seed", "3"), sample);
    assertNotEquals(names("--sample", "8", "--seed", "4"), sample);
  });

  it("say what is wrong with them", () => {
    assertThrows(() => names("--only", "nobody"), TypeError, "nobody");
    for (const args of [["--jobs", "0"], ["--sample", "x"], ["--seed", "-1"], ["--quick"]]) {
      assertThrows(() => names(...args), TypeError);
    }
  });
});
