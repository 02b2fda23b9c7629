import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ENDS_MAX, Restarts } from "../../edge/node/restarts.ts";

describe("Restarts", () => {
  it("wait longer each time, and end where there is nothing to be hoped for", () => {
    const restarts = new Restarts();
    const delays = Array.from({ length: ENDS_MAX }, () => restarts.ended(500));
    assertEquals(delays, [100, 200, 400, 800, 1600, null]);
    assertEquals(restarts.count, ENDS_MAX - 1);
  });

  it("begin anew after a healthy life", () => {
    const restarts = new Restarts();
    for (let i = 1; i < ENDS_MAX; i++) restarts.ended(500);
    assertEquals([restarts.ended(10_000), restarts.ended(500)], [100, 200]);
  });
});
