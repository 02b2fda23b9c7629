import { assertEquals, assertGreater, assertGreaterOrEqual } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fleetPlan } from "../../sim/fleet.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Run } from "../../sim/run.ts";
import { System, until } from "./system.ts";

const DRONES = 10;

function calmRun(system: System, seconds: number, signal = new AbortController().signal): Run {
  return new Run({
    url: system.telemetryUrl,
    plan: fleetPlan({ drones: DRONES, seed: 11, scenario: "calm", coalesce: false }),
    seconds,
    signal,
    platform: systemPlatform("sim"),
  });
}

describe("an edge that is told to end", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`loses nothing it acknowledged, and nothing at all once another takes its place (${signal})`, async () => {
      await using system = await System.start();
      const run = calmRun(system, 6);
      await run.connect();
      const sending = run.send();
      await until("records are acknowledged", () => Promise.resolve(run.summary().acknowledged > 300));
      const { code, stderr } = await system.edge.stop(signal);
      assertEquals(code, 0, stderr);
      const { acknowledged } = run.summary();
      const { accepted } = (await system.fleet()).records;
      assertGreaterOrEqual(accepted, acknowledged, "acknowledged records that the aggregator does not have");

      await system.restartEdge();
      await sending;
      const { sent, unacknowledged, ...summary } = run.summary();
      assertEquals([unacknowledged, summary.acknowledged], [0, sent.records]);
      assertEquals(summary.reconnects, DRONES);
      const { records } = await system.fleet();
      assertEquals(records.accepted, sent.records, "each record counts once, whoever carried it");
      assertEquals(records.received, records.accepted + records.duplicate);
      await run.close();
    });
  }

  it("hands over what waits, and leaves nothing in flight", async () => {
    await using system = await System.start();
    const run = calmRun(system, 3);
    await run.connect();
    const sending = run.send();
    await until("records were received", async () => (await system.status()).records.received > 200);
    const before = await system.status();
    const { code } = await system.edge.stop();
    assertEquals(code, 0);
    const { records } = await system.fleet();
    assertGreaterOrEqual(records.accepted, before.records.forwarded + before.records.nearDuplicate);
    await system.restartEdge();
    await sending;
    await run.close();
  });
});

describe("an aggregator that is told to end", () => {
  it("makes edges say that they are not ready, and ends with code 0", async () => {
    await using system = await System.start();
    const { code, stderr } = await system.aggregator.stop();
    assertEquals(code, 0, stderr);
    await until("the edge notices", async () => (await system.status()).uplink === "connecting");
    const response = await fetch(`${system.edge.url}/readyz`);
    assertEquals([response.status, (await response.json()).status], [503, "not ready"]);
  });

  it("is missed without loss: the edge keeps what drones sent, and acknowledges none of it", async () => {
    await using system = await System.start();
    const stopped = new AbortController();
    const run = calmRun(system, 30, stopped.signal);
    await run.connect();
    await system.aggregator.stop();
    const sending = run.send();
    await until("records were received", async () => (await system.status()).records.received > 200);
    const { acknowledged, sent } = run.summary();
    stopped.abort();
    assertGreater(sent.records, 0);
    assertEquals(acknowledged, 0);
    await sending;
    await run.close();
  });
});
