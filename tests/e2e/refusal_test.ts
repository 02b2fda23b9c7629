import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fleetPlan } from "../../sim/fleet.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Run } from "../../sim/run.ts";
import { System, until } from "./system.ts";

const DRONES = 5;

describe("an edge whose drones send more than they may", () => {
  it("refuses, says so, keeps a ledger, and gets every record in the end", async () => {
    const rate = { SLIPSTREAM_DRONE_RATE: "25", SLIPSTREAM_DRONE_BURST: "25" };
    await using system = await System.start({ edgeEnv: rate });
    const run = new Run({
      url: system.telemetryUrl,
      plan: fleetPlan({ drones: DRONES, seed: 3, scenario: "calm", coalesce: false }),
      seconds: 3,
      signal: new AbortController().signal,
      platform: systemPlatform("sim"),
    });
    await run.connect();
    await run.send();
    const { sent, acknowledged, unacknowledged, throttled } = run.summary();
    await run.close();
    const { records } = await system.status();
    const { received, forwarded, duplicate, nearDuplicate, malformed, refused } = records;
    assertGreater(refused, 0);
    assertGreater(throttled, 0);
    assertEquals(received, forwarded + duplicate + nearDuplicate + malformed + refused);
    assertEquals([acknowledged, unacknowledged], [sent.records, 0]);
    await until("the ledger has arrived", async () => (await system.fleet()).refusedRecords === refused);
    const fleet = await system.fleet();
    assertEquals(fleet.lostRecords, 0, "all of them came later");
    assertEquals(fleet.records.accepted, sent.records, "each record counts once");
    assertEquals(forwarded + nearDuplicate, fleet.records.accepted + fleet.records.duplicate);
  });
});
