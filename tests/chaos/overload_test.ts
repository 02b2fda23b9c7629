import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { judge, type OverloadResult } from "./overload.ts";

describe("the judgement of an overload", () => {
  const rate = 5000;
  const good = (seconds: number): OverloadResult => {
    const refused = rate * seconds;
    return {
      refused,
      shed: 0,
      answered: refused,
      inLedger: refused,
      unloadedP99Ms: 4,
      loadedP99Ms: 5,
      peakMib: [100, 105],
    };
  };

  it("says of a run that was too short that it was, not that memory grows while the heap is warming up", () => {
    for (const [seconds, notJudged] of [[30, 1], [44, 1], [45, 0], [60, 0]] as const) {
      const peakMib: [number, number] = notJudged ? [80, 100] : [100, 105];
      const judgement = judge({ ...good(seconds), peakMib }, { rate, seconds });
      assertEquals([judgement.broken, judgement.notJudged.length], [[], notJudged], `${seconds} s`);
    }
  });

  it("names each promise that is broken", () => {
    const broken = (over: Partial<OverloadResult>) => judge({ ...good(60), ...over }, { rate, seconds: 60 }).broken;
    assertEquals(broken({ peakMib: [100, 111] }), ["memory grows"]);
    assertEquals(broken({ loadedP99Ms: 7 }), ["the safety lane is slower under load"]);
    assertEquals(broken({ loadedP99Ms: NaN }), ["the safety lane is slower under load"]);
    assertEquals(broken({ answered: 1 }), ["not every refusal is answered and kept"]);
    assertEquals(broken({ inLedger: 1 }), ["not every refusal is answered and kept"]);
    const few = { refused: 1000, answered: 1000, inLedger: 1000 };
    assertEquals(broken(few), ["the load was not twice the rate: this machine is too slow for it"]);
  });
});
