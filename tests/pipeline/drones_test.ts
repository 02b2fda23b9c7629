import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Drones } from "../../aggregator/pipeline/drones.ts";

describe("Drones", () => {
  const place = { fleet: "fleet", zone: "north" };

  it("make room for several at a time: who has been silent longest is only found by looking at all of them", () => {
    const drones = new Drones(64);
    for (let i = 0; i < 64; i++) drones.add(`d${i}`, place).lastIngestionTimeUs = i;
    assertEquals(drones.size, 64);
    drones.add("new", place);
    assertEquals(drones.size, 61);
    assertEquals([0, 3, 4, 63].map((i) => drones.get(`d${i}`) !== undefined), [false, false, true, true]);
    for (let i = 0; i < 3; i++) drones.add(`more ${i}`, place);
    assertEquals(drones.size, 64);
  });
});
