import { assertAlmostEquals, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { measureLag } from "../../aggregator/merge/loop_lag.ts";
import { Latency } from "../../platform/latency.ts";

it("a merger measures how late its event loop comes", () => {
  const lag = new Latency();
  let [nowMs, tick] = [1000, () => {}];
  const every = (_: number, fn: () => void) => {
    tick = fn;
    return () => {};
  };
  measureLag(lag, { clock: () => nowMs, every });
  for (const afterMs of [250, 240, 1250]) {
    nowMs += afterMs;
    tick();
  }
  assertEquals(lag.view()?.count, 3);
  assertAlmostEquals(lag.view()!.max, 1000, 1);
});
