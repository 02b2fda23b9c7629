import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readCorpus, replayed } from "./corpus.ts";
import { TARGETS } from "./targets.ts";

describe("the corpus", () => {
  for (const target of TARGETS) {
    it(`of ${target.name} has the outcomes that it is kept for, each once`, async () => {
      const kept = await readCorpus(target);
      const outcomes = kept.map(({ outcome }) => outcome);
      assertGreater(kept.length, 1);
      assertEquals(new Set(outcomes).size, outcomes.length);
      const now = await replayed(target, kept.map(({ input }) => input));
      assertEquals(now.map(({ outcome }) => outcome), outcomes);
    });
  }
});
