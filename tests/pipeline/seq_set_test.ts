import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { SeqSet } from "../../aggregator/pipeline/drones/seq_set.ts";

describe("SeqSet.add", () => {
  it("says of each number whether it is new, in any order", () => {
    fc.assert(fc.property(fc.array(fc.nat({ max: 60 })), (seqs) => {
      const set = new SeqSet();
      const seen = new Set<number>();
      for (const seq of seqs) {
        assertEquals(set.add(seq, 0), !seen.has(seq));
        seen.add(seq);
      }
    }));
  });

  it("remembers the whole range of a uint32", () => {
    const set = new SeqSet();
    assertEquals([0, 4_294_967_295, 0, 4_294_967_295].map((seq) => set.add(seq, 0)), [true, true, false, false]);
  });

  it("gives up the oldest hole when there are too many, and counts it", () => {
    const set = new SeqSet();
    for (let i = 0; i < 8193; i++) set.add(2 * i, 0);
    assertEquals(set.holesClosed, 1);
    assertEquals([set.add(1, 0), set.add(3, 0), set.add(2049, 0)], [false, true, true]);
  });
});
