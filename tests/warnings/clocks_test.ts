import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Clocks } from "../../aggregator/warnings/clocks.ts";

describe("Clocks", () => {
  const S = 1e6;

  /** Asked at `atS` for a clock that is `aheadUs` ahead, answered within `tookUs`. */
  function measure(clocks: Clocks, atS: number, { aheadUs, tookUs }: { aheadUs: number; tookUs: number }) {
    const answeredUs = atS * S;
    const askedUs = answeredUs - tookUs;
    clocks.measure("edge-1", { askedUs, theirsUs: (askedUs + answeredUs) / 2 + aheadUs, answeredUs });
    return clocks.of("edge-1")?.offsetUs;
  }

  it("keep the best measurement for a minute, and then take a worse one: clocks drift", () => {
    const clocks = new Clocks();
    assertEquals(clocks.of("edge-1"), null);
    const offsets = [
      measure(clocks, 10, { aheadUs: 500, tookUs: 2000 }),
      measure(clocks, 30, { aheadUs: 9000, tookUs: 80_000 }),
      measure(clocks, 69, { aheadUs: 9000, tookUs: 80_000 }),
      measure(clocks, 71, { aheadUs: 700, tookUs: 3000 }),
      measure(clocks, 72, { aheadUs: 600, tookUs: 1000 }),
    ];
    assertEquals(offsets, [500, 500, 500, 700, 600]);
    assertEquals(clocks.of("edge-1")?.errorUs, 500);
  });
});
