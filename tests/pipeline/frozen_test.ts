import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { freeze, thaw } from "../../aggregator/pipeline/windows/frozen.ts";

describe("freeze", () => {
  const value = { droneIds: Array.from({ length: 1000 }, (_, i) => `drone-${i}`), counts: new Float64Array(1000) };

  it("keeps a value as it is", () => {
    for (const kept of [value, null, "", [NaN, -0, Infinity]]) assertEquals(thaw<unknown>(freeze(kept)), kept);
  });

  it("packs it, so that a quarter of an hour of a fleet fits into memory", () => {
    assertLess(freeze(value).length, JSON.stringify(value).length / 3);
  });
});
