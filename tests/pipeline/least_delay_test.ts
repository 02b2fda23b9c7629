import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { LeastDelay } from "../../aggregator/pipeline/drones/least_delay.ts";

describe("LeastDelay", () => {
  it("follows a way that has become longer, or a clock that drifts, within twenty seconds and a bit", () => {
    const least = new LeastDelay();
    least.add(1000, 0);
    const seen: number[] = [];
    for (let s = 1; s <= 24; s++) {
      least.add(5000, s * 1e6);
      seen.push(least.us);
    }
    assertEquals([seen.lastIndexOf(1000) >= 9, seen.indexOf(5000) <= 22, seen.at(-1)], [true, true, 5000]);
  });

  it("takes a shorter way at once, and after a beginning nothing of what was before", () => {
    const least = new LeastDelay();
    assertEquals(least.us, 0);
    for (const [delayUs, us] of [[5000, 5000], [1000, 1000], [3000, 1000]] as const) {
      least.add(delayUs, 1e6);
      assertEquals(least.us, us);
    }
    least.begin(9000, 2e6);
    assertEquals(least.us, 9000);
  });
});
