import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Denials } from "../../identity/denials.ts";

describe("Denials", () => {
  it("tells what happened alike once, with how often, and only once", () => {
    const denials = new Denials();
    for (let i = 0; i < 3; i++) denials.note({ reason: "forged", who: "10.0.0.1" });
    denials.note({ reason: "expired", who: "10.0.0.1" });
    assertEquals(denials.take(), [
      { reason: "forged", who: "10.0.0.1", count: 3 },
      { reason: "expired", who: "10.0.0.1", count: 1 },
    ]);
    assertEquals(denials.take(), []);
  });

  it("tells no more than sixteen, and the rest by their reasons", () => {
    const denials = new Denials();
    for (let i = 0; i < 1000; i++) {
      denials.note({ reason: "forged", who: `10.0.${i >> 8}.${i & 255}` });
      denials.note({ reason: "no-proof", who: `10.0.${i >> 8}.${i & 255}` });
    }
    const told = denials.take();
    assertEquals(told.length, 18);
    assertEquals(told.filter(({ who }) => who === "others").map(({ reason, count }) => [reason, count]), [
      ["forged", 992],
      ["no-proof", 992],
    ]);
  });
});
