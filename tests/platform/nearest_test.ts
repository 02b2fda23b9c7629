import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { nearest } from "../../platform/nearest.ts";

const OPTIONS = ["seed", "seconds", "scenario", "drones", "copies", "json"];

describe("nearest", () => {
  for (
    const [word, meant, how] of [
      ["drone", "drones", "a letter left out"],
      ["droness", "drones", "a letter too many"],
      ["dornes", "drones", "two letters swapped"],
      ["dranes", "drones", "a letter changed"],
      ["sec", "seconds", "an abbreviation"],
      ["ocpies", "copies", "two letters swapped at the beginning"],
    ]
  ) {
    it(`finds ${meant} in ${word}: ${how}`, () => assertEquals(nearest(word!, OPTIONS), meant));
  }

  it("counts a swap as one change, not as two", () => {
    // Two letters changed make "ba" of "ab"; "ac" takes one, as the swap does, and comes later.
    assertEquals(nearest("ab", ["ba", "ac"]), "ba");
    assertEquals(nearest("ab", ["ac", "ba"]), "ac");
  });

  it("takes the shortest of several that the word begins", () => {
    assertEquals(nearest("se", ["seconds", "seed"]), "seed");
  });

  it("finds something for any word, and nothing where there is nothing", () => {
    assertEquals(nearest("", ["ab", "a"]), "a");
    assertEquals(nearest("anything", []), null);
  });
});
