import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FleetDrones } from "../../aggregator/console/drones.js";

type Row = [id: string, latDeg: number, lonDeg: number, ...facts: (number | null)[]];

const row = (
  id: string,
  latDeg = 47,
  headingDeg: number | null = 90,
): Row => [id, latDeg, 8, 60, headingDeg, 1, 80, 0, 5, null];
const told = (...drones: Row[]) => ({ drones, gone: [] as string[], snapshotOf: undefined as string | undefined });

describe("FleetDrones", () => {
  it("keeps where each drone came from, and the heading of one that tells none", () => {
    const drones = new FleetDrones();
    drones.update(told(row("a", 47), row("b")));
    drones.update(told(row("a", 47.1, null)));
    const { trail, headingDeg, veMps, ghostM } = drones.get("a");
    assertEquals([trail, headingDeg, veMps, ghostM], [[[47, 8], [47.1, 8]], 90, 5, null]);
    assertEquals(drones.ids(), ["a", "b"]);
  });

  it("forgets who is gone, and who is not in a snapshot; trails outlive it", () => {
    const drones = new FleetDrones();
    drones.update({ ...told(row("a"), row("b"), row("c")), snapshotOf: "journal-1" });
    drones.update({ ...told(), gone: ["a"] });
    assertEquals(drones.ids(), ["b", "c"]);
    drones.update({ ...told(), snapshotOf: "journal-1" });
    drones.update(told(row("c", 47.2)));
    assertEquals([drones.ids(), drones.get("c").trail.length], [["c"], 2]);
  });

  it("keeps nothing, trails included, when the journal is another", () => {
    const drones = new FleetDrones();
    assertEquals(drones.world("journal-1"), false);
    drones.update(told(row("a")));
    assertEquals([drones.world("journal-1"), drones.size], [false, 1]);
    assertEquals([drones.world("journal-2"), drones.size], [true, 0]);
    drones.update({ ...told(), snapshotOf: "journal-2" });
    drones.update(told(row("a", 47.5)));
    assertEquals(drones.get("a").trail, [[47.5, 8]]);
  });
});
