import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { System } from "./system.ts";
import { World } from "./world.ts";

const IDLE_MS = 300_000;

describe("an edge without drones", () => {
  it("stays with its aggregator for as long as that is there, and connects anew half a minute after its end", async () => {
    const world = new World(5);
    const system = new System(world, { drones: 0, edges: 1, bug: {}, twins: false });
    const { aggregator } = system;
    let connections = 0;
    const listen = aggregator.listen.bind(aggregator);
    aggregator.listen = (socket) => {
      connections++;
      return listen(socket);
    };
    await system.start();
    // The edge may have been there before the aggregator had recovered.
    await world.run(5000);
    assertEquals(aggregator.running, true);
    connections = 1;
    await world.run(IDLE_MS);
    assertEquals(connections, 1);
    system.swallow(() => true);
    await world.run(IDLE_MS + 29_000);
    assertEquals(connections, 1);
    await world.run(IDLE_MS + 35_000);
    assertEquals(connections, 2);
  });
});
