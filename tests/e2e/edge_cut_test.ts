import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fleetPlan } from "../../sim/fleet.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Run } from "../../sim/run.ts";
import { compareAlerts } from "../../sim/truth.ts";
import { FaultProxy } from "../chaos/fault_proxy.ts";
import { recorded } from "./scenario_run.ts";
import { System, until } from "./system.ts";
import { referenceWindows, sentRecords, type WindowReference } from "./window_reference.ts";

const DRONES = 10;
const SEED = 5;
const SECONDS = 24;

/** What a window counts, whatever the edge made of it. */
function measured({ startUs, records: { position, battery, obstacles } }: WindowReference) {
  return { startUs, position, battery, obstacles };
}

function nearDuplicates(windows: WindowReference[]): number {
  return windows.reduce((sum, { records }) => sum + records.nearDuplicate, 0);
}

describe("an edge whose uplink is cut for 15 s", () => {
  it("brings every record later, each counts in exactly its window, and no drone connects anew", async () => {
    let port = 0;
    await using link = new FaultProxy(() => port);
    await using system = await System.start({
      uplinkThrough: (url) => {
        port = Number(new URL(url).port);
        return `ws://127.0.0.1:${link.port}/v1/uplink`;
      },
    });
    const recorder = recorded(fleetPlan({ drones: DRONES, seed: SEED, scenario: "edge-cut", coalesce: false }));
    const run = new Run({
      url: system.telemetryUrl,
      plan: recorder.plan,
      seconds: SECONDS,
      signal: new AbortController().signal,
      platform: systemPlatform("sim"),
      onCut: (isCut) => {
        link.fault = isCut ? { refuse: true } : {};
        if (isCut) link.cut();
      },
    });
    await run.connect();
    await run.send();
    const { sent, acknowledged, reconnects, throttled, lost } = run.summary();
    await run.close();
    const inWindows = async () =>
      (await system.windows()).reduce((sum, { records: { position, battery, obstacles } }) => {
        return sum + position + battery + obstacles;
      }, 0);
    await until("every record is in a window", async () => await inWindows() === sent.records)
      .catch((error: unknown) => console.error(`NOTICE ${error}`));
    assertEquals([acknowledged, reconnects, throttled], [sent.records, 0, 0]);
    assertEquals(Object.values(lost).reduce((sum, records) => sum + records, 0), 0);
    const { records } = await system.fleet();
    assertEquals([records.accepted, records.late], [sent.records, 0]);
    const expected = referenceWindows(sentRecords(recorder.emissions));
    assertGreater(expected.length, SECONDS - 2);
    const windows = await system.windows();
    assertEquals(windows.map(measured), expected.map(measured));
    // Which of them are near-duplicates the edge judges by arrival: each that it suppressed is in a window, once.
    assertGreater(nearDuplicates(windows), 0);
    assertEquals(nearDuplicates(windows), (await system.status()).records.nearDuplicate);
    const { unexpected, missing } = compareAlerts(run.truth!.expectedAlerts, {
      seen: system.alerts.raised,
      endUs: run.endUs,
    });
    assertEquals([unexpected, missing], [[], []]);
    const ofEdge = system.alerts.heard.filter(({ alert }) => alert.kind === "edge-lost");
    assertEquals(ofEdge.map(({ alert }) => alert.transition), ["raise", "resolve"]);
    assertEquals(ofEdge[0]?.alert.droneIds.length, DRONES);
    await system.stop();
  });
});
