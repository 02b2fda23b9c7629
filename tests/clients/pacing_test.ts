import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Pacing } from "../../clients/typescript/src/pacing.ts";

const pacing = () => new Pacing({ intervalMs: 200, intervalMsMin: 50, intervalMsMax: 1000, retryMsMax: 5000 });

/** Sends whenever it may; the times of `count` frames. */
function times(paced: Pacing, count: number, fromMs = 0): number[] {
  let nowMs = fromMs;
  return Array.from({ length: count }, () => {
    nowMs += paced.waitMs(nowMs);
    paced.sent(nowMs);
    return nowMs;
  });
}

describe("Pacing", () => {
  it("begins at once, and goes faster while nothing is refused, down to its shortest interval", () => {
    assertEquals(times(pacing(), 6), [0, 120, 192, 242, 292, 342]);
  });

  it("doubles the interval once for what is refused together, and keeps it for the next frame", () => {
    const paced = pacing();
    times(paced, 1);
    for (const nowMs of [10, 11, 12]) paced.refused(nowMs, 0);
    assertEquals(times(paced, 3, 12), [250, 490, 634]);
  });

  it("waits as long as it is told, within bounds", () => {
    const paced = pacing();
    paced.refused(0, 3000);
    assertEquals(paced.waitMs(0), 3000);
    paced.refused(1, 2 ** 32 - 1);
    assertEquals(paced.waitMs(1), 5000);
  });

  it("hurries as much as its shortest interval allows", () => {
    const paced = pacing();
    times(paced, 1);
    paced.hurry();
    assertEquals(paced.waitMs(0), 50);
  });

  it("begins anew with another connection", () => {
    const paced = pacing();
    for (let nowMs = 0; nowMs < 9000; nowMs += 1000) paced.refused(nowMs, 5000);
    paced.restart();
    assertEquals(times(paced, 2, 9000), [9000, 9120]);
  });
});
