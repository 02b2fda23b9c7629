import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Drones } from "../../aggregator/pipeline/drones/drones.ts";

describe("Drones", () => {
  const place = { fleet: "fleet", zone: "north" };
  const full = () => {
    const drones = new Drones(4096, { beforeDrone: () => {} });
    for (let i = 0; i < 4096; i++) drones.add(`d${i}`, { ...place, nowUs: i }).lastIngestionTimeUs = i;
    assertEquals(drones.size, 4096);
    return drones;
  };

  it("make room for several at a time: a Map that only loses its first entry takes longer each time", () => {
    const drones = full();
    drones.add("new", { ...place, nowUs: 5000 });
    assertEquals(drones.size, 4093);
    assertEquals([0, 3, 4, 4095].map((i) => drones.get(`d${i}`) !== undefined), [false, false, true, true]);
    assertEquals(drones.takeForgotten().map(({ droneId }) => droneId), ["d0", "d1", "d2", "d3"]);
    for (let i = 0; i < 3; i++) drones.add(`more ${i}`, { ...place, nowUs: 5000 });
    assertEquals([drones.size, drones.takeForgotten()], [4096, []]);
  });

  it("keep those that came first and are still heard", () => {
    const drones = full();
    for (let i = 0; i < 8; i++) drones.get(`d${i}`)!.lastIngestionTimeUs = 5000;
    drones.add("new", { ...place, nowUs: 5000 });
    assertEquals(drones.takeForgotten().map(({ droneId }) => droneId), ["d8", "d9", "d10", "d11"]);
    assertEquals(drones.get("d0")?.droneId, "d0");
  });
});
