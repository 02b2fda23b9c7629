import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import type { DeliveryReport } from "../../aggregator/warnings/delivery_report.ts";
import { fleetPlan } from "../../sim/fleet.ts";
import { partArgs } from "../../sim/part.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Run } from "../../sim/run.ts";
import type { TrafficPlan } from "../../sim/traffic.ts";
import { compareAlerts, type GroundTruth, subjectOf } from "../../sim/truth.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { Process } from "./process.ts";
import { System, until } from "./system.ts";

const SEED = 11;
const DRONES = 24;
/** Past the closest approach of every first encounter, and the end of its conflict. */
const SECONDS = 34;

function plan(keep: (index: number) => boolean = () => true): TrafficPlan {
  const whole = fleetPlan({ drones: DRONES, seed: SEED, scenario: "crossing", coalesce: false });
  const kept = new Set(whole.drones.filter((_, i) => keep(i)).map(({ droneId }) => droneId));
  return {
    ...whole,
    drones: whole.drones.filter(({ droneId }) => kept.has(droneId)),
    begin(startUs) {
      const traffic = whole.begin(startUs);
      const some = <E extends { droneId: string }>(emissions: E[]) =>
        emissions.filter(({ droneId }) => kept.has(droneId));
      return {
        advance: (toUs) => some(traffic.advance(toUs)),
        finish: (atUs) => some(traffic.finish(atUs)),
        truth: () => traffic.truth(),
        get ended() {
          return traffic.ended;
        },
      };
    },
  };
}

function fly(url: string, of: TrafficPlan): Run {
  const signal = new AbortController().signal;
  return new Run({ url, plan: of, seconds: SECONDS, signal, platform: systemPlatform("sim") });
}

function truthOf(run: Run): GroundTruth {
  const { truth } = run;
  if (!truth) throw new Error("Cannot judge the run: it has no ground truth");
  return truth;
}

describe("encounters", () => {
  it("between drones of two edges are told as on one, to each drone through its own edge", async () => {
    await using system = await System.start();
    await using second = await Process.start({
      args: partArgs("edge"),
      env: {
        SLIPSTREAM_EDGE_PORT: "0",
        SLIPSTREAM_EDGE_ID: "edge-2",
        SLIPSTREAM_UPLINK_URL: `${system.aggregator.url.replace("http", "ws")}/v1/uplink`,
      },
      readyWhen: "listening on",
    });
    await until("both edges are connected", async () => (await system.fleet()).edges.length === 2);
    // Partners have neighbouring numbers: every pair is parted.
    const runs = [
      fly(system.telemetryUrl, plan((i) => i % 2 === 0)),
      fly(`${second.url.replace("http", "ws")}/v1/telemetry`, plan((i) => i % 2 === 1)),
    ];
    for (const run of runs) await run.connect();
    await Promise.all(runs.map((run) => run.send()));
    const truth = truthOf(runs[0]!);
    const { unexpected, missing } = compareAlerts(truth.expectedAlerts, {
      seen: system.alerts.raised,
      endUs: runs[0]!.endUs,
    });
    assertEquals([unexpected, missing], [[], []]);
    assertGreater(truth.expectedAlerts.length, 3);
    const { warnings, drones } = await system.fleet();
    assertEquals(drones, DRONES);
    assertEquals(warnings.outcomes.undelivered, 0);
    assertGreater(warnings.outcomes.acknowledged, 2 * truth.expectedAlerts.length);
    const response = await fetch(`${system.aggregator.url}/v1/deliveries?limit=1000`);
    const { deliveries } = await response.json() as { deliveries: DeliveryReport[] };
    const edges = new Set(
      deliveries.map(({ droneId, edgeId }) => `${Number(droneId.split("-").at(-1)) % 2} ${edgeId}`),
    );
    assertEquals([...edges].sort(), ["0 edge-2", "1 edge-1"]);
    for (const run of runs) await run.close();
    await second.stop();
    await system.stop();
  });

  it("outlive the aggregator: after SIGKILL every conflict is told once, and those that were open are open again", async () => {
    await using system = await ChaosSystem.start();
    const run = fly(system.telemetryUrl, plan());
    await run.connect();
    const flying = run.send();
    await until("conflicts are open and delivered", async () => {
      const { airspace, warnings } = await system.fleet();
      return airspace.conflicts >= 4 && warnings.outcomes.acknowledged >= 8;
    });
    await until("a checkpoint stands, so that recovery has both that and a tail", async () => {
      const names = await Array.fromAsync(Deno.readDir(system.journalPath), ({ name }) => name);
      return names.some((name) => name.endsWith(".checkpoint"));
    });
    const before = await openConflicts(system.aggregatorUrl);
    await system.killAggregator();
    await system.startAggregator();
    const after = await openConflicts(system.aggregatorUrl);
    assertEquals(before.filter((pair) => !after.includes(pair)), [], "open before, and after recovery");
    await flying;
    const truth = truthOf(run);
    await run.close();
    await until("all conflicts are resolved", async () => (await openConflicts(system.aggregatorUrl)).length === 0);
    await system.stopAggregator();
    using db = new DatabaseSync(`${system.folder}/results.sqlite`, { readOnly: true });
    const alerts = db.prepare("SELECT body FROM alerts").all().map(({ body }) =>
      JSON.parse(String(body)) as AlertEvent
    );
    const seen = alerts.map(({ kind, droneIds, raisedTimeUs: raisedUs }) => ({
      kind,
      droneId: subjectOf(droneIds),
      raisedUs,
    }));
    const { unexpected, missing } = compareAlerts(truth.expectedAlerts, { seen: seen, endUs: run.endUs });
    assertEquals(
      [unexpected, missing],
      [[], []],
      "each conflict once, and no link loss for the aggregator's own absence",
    );
    assert(run.summary().alertsReceived >= 2 * alerts.length);
  });
});

async function openConflicts(aggregatorUrl: string): Promise<string[]> {
  const { alerts } = await (await fetch(`${aggregatorUrl}/v1/alerts?state=open&limit=1000`)).json();
  return (alerts as AlertEvent[]).filter(({ kind }) => kind === "conflict").map(({ droneIds }) => subjectOf(droneIds));
}
