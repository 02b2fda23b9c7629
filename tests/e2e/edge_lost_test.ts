import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fleetPlan } from "../../sim/fleet.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Run } from "../../sim/run.ts";
import { System, until } from "./system.ts";

const DRONES = 20;

describe("an edge that is killed with twenty drones in the air", () => {
  it("is one alert, none of its drones is, and it ends when the edge is back with them", async () => {
    await using system = await System.start();
    const stop = new AbortController();
    const run = new Run({
      url: system.telemetryUrl,
      plan: fleetPlan({ drones: DRONES, seed: 3, scenario: "edge-cut", coalesce: false }),
      seconds: 120,
      signal: stop.signal,
      platform: systemPlatform("sim"),
    });
    await run.connect();
    const sending = run.send();
    await until("all are in the air", async () => (await system.fleet()).dronesAirborne === DRONES);
    await system.edge.stop("SIGKILL");
    const killedMs = performance.now();
    const told = () => system.alerts.heard.map(({ alert }) => `${alert.transition} ${alert.severity} ${alert.kind}`);
    await until("it is told", () => Promise.resolve(told().length > 0));
    assertLess(performance.now() - killedMs, 6000);
    // Its drones would each be lost by now.
    await until("four seconds have passed", () => Promise.resolve(performance.now() - killedMs > 4000));
    assertEquals(told(), ["raise critical edge-lost"]);
    assertEquals((await system.fleet()).dronesLinkLost, 0);
    assertGreater(system.alerts.heard[0]!.alert.droneIds.length, 10);

    await system.restartEdge();
    await until("it is back", () => Promise.resolve(told().length > 1), 30_000);
    assertEquals(told(), ["raise critical edge-lost", "resolve critical edge-lost"]);
    stop.abort();
    await sending;
    await run.close();
    await system.stop();
  });
});
