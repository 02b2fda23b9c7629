import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { countersReport, countersView, zeroCounters } from "../../edge/counters.ts";

/** Each counter at a number of its own. */
function counted() {
  const counters = zeroCounters();
  const names = Object.keys(counters) as (keyof typeof counters)[];
  for (const [i, name] of names.entries()) counters[name] = i + 1;
  return { counters, numbers: names.map((_, i) => i + 1) };
}

describe("the counters of an edge", () => {
  it("stand in its status each once, under names that are told apart", () => {
    const { counters, numbers } = counted();
    const shown = Object.values(countersView(counters)).flatMap((value) => {
      return typeof value === "number" ? [value] : Object.values(value);
    });
    assertEquals(shown.sort((a, b) => a - b), numbers);
  });

  it("tell the aggregator what conservation is checked with, each once", () => {
    const { counters } = counted();
    const { receivedRecords, shedRecords, malformedFrames } = countersReport(counters);
    assertEquals([receivedRecords, shedRecords, malformedFrames], [
      BigInt(counters.received),
      BigInt(counters.shed),
      BigInt(counters.framesMalformed),
    ]);
    const told = Object.values(countersReport(counters));
    assertEquals([told.length, new Set(told).size], [11, 11]);
  });
});
