import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runToEnd } from "./process.ts";
import { System, until } from "./system.ts";

describe("a fleet that speaks", () => {
  for (const protocol of ["mqtt", "json"]) {
    it(`${protocol} has each record acknowledged and counted once, and answers its warnings`, async () => {
      await using system = await System.start();
      const { code, stdout, stderr } = await runToEnd([
        ...["run", "-A", "--quiet", "sim/main.ts", "--json", "--url", system.telemetryUrl, "--protocol", protocol],
        ...["--scenario", "obstacle", "--drones", "20", "--seconds", "6"],
      ]);
      assertEquals(code, 0, stderr);
      const { sent, acknowledged, unacknowledged, lost, faults, alertsReceived } = JSON.parse(stdout);
      assertEquals([acknowledged, unacknowledged, faults], [sent.records, 0, 0]);
      assertEquals(Object.values(lost), [0, 0, 0, 0, 0, 0]);
      const { records, warnings } = await system.fleet();
      assertEquals(records.accepted, sent.records);
      assertGreater(alertsReceived, 0);
      assertGreater(warnings.outcomes.acknowledged ?? 0, 0);
    });
  }

  it("mavlink has each record that it has sent counted once, and is warned, which nobody acknowledges", async () => {
    await using system = await System.start();
    const { code, stdout, stderr } = await runToEnd([
      ...["run", "-A", "--quiet", "sim/main.ts", "--json", "--url", system.telemetryUrl, "--protocol", "mavlink"],
      ...["--scenario", "obstacle", "--drones", "20", "--seconds", "6"],
    ]);
    assertEquals(code, 0, stderr);
    const { sent, faults, alertsReceived } = JSON.parse(stdout);
    assertEquals(faults, 0);
    await until("all records are accepted", async () => (await system.fleet()).records.accepted === sent.records);
    const { warnings } = await system.fleet();
    assertGreater(alertsReceived, 0);
    assertGreater(warnings.outcomes.delivered ?? 0, 0);
    assertEquals(warnings.outcomes.acknowledged, 0);
  });
});
