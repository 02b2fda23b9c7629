import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import type { Row } from "./build_batch.ts";
import { FLYING, Scene, straight } from "./scene.ts";

const STEP_S = 0.1;

/** Drones in the air that tell of their battery, one record each; so many, from a slot on. */
function heard(scene: Scene, { from, count, seq }: { from: number; count: number; seq: number }): void {
  const slots = Array.from({ length: count }, (_, i) => ({ slot: from + i, droneId: `d${from + i}` }));
  const rows = slots.map(({ slot }): Row => {
    return { kind: "battery", slot, seq, eventTimeUs: scene.nowUs - 1000, flags: FLYING, remainingCpct: 9000 };
  });
  scene.send(rows, { slots: seq === 1 ? slots : [] });
}

describe("16,384 open link losses, and more", () => {
  it("hide no head-on conflict: it is raised and both are warned, and how many were not raised is told by kind", () => {
    const { openAlertsMax } = PIPELINE_DEFAULTS;
    assertEquals(openAlertsMax, 16_384);
    const meetS = 40;
    const pair = [10, -10].map((vnMps, i) => {
      return { droneId: `pair-${i}`, slot: 90_000 + i, at: straight({ fromS: meetS, vnMps }) };
    });
    const scene = new Scene(pair);
    // Heard all the time, so that those that fall silent are never most of them.
    const others = { from: 50_000, count: 2500 };
    let [silent, seq] = [0, 0];
    while (silent < openAlertsMax + 120) {
      heard(scene, { from: 1 + silent, count: 83, seq: 1 });
      heard(scene, { ...others, seq: ++seq });
      silent += 83;
      scene.flyTo(scene.nowS + STEP_S);
    }
    while (scene.nowS < meetS) {
      heard(scene, { ...others, seq: ++seq });
      scene.flyTo(scene.nowS + STEP_S);
    }
    const open = scene.pipeline.openAlerts();
    assertEquals(open.filter(({ kind }) => kind === "link-loss").length, openAlertsMax);
    assertEquals(scene.pipeline.fleet().alertsNotRaised, { "link-loss": silent - openAlertsMax });
    const conflicts = scene.alerts.filter(({ kind, transition }) => {
      return kind === "conflict" && transition !== "remind";
    });
    assertEquals(conflicts.map(({ transition }) => transition).slice(0, 2), ["raise", "escalate"]);
    assertEquals(conflicts[0]!.droneIds, ["pair-0", "pair-1"]);
    assertGreater(meetS - conflicts[0]!.atS, 8);
  });
});

describe("a drone that is forgotten", () => {
  it("takes its alerts along: each of them ends, and no edge goes on sending its near-duplicates", () => {
    for (const silentS of [0, 4]) forgetAfter(silentS);
  });
});

/** A drone with an alert of each kind falls silent for so long, and makes room then. */
function forgetAfter(silentS: number): void {
  const scene = new Scene([], { dronesMax: 32 });
  const slots = [{ slot: 1, droneId: "forgotten" }];
  for (let seq = 1; seq <= 120; seq++) {
    const base = { slot: 1, flags: FLYING, eventTimeUs: scene.nowUs - 1000 };
    const hits = [{ rangeCm: 100, bearingCdeg: 0, elevationCdeg: 0 }];
    scene.send([
      { ...base, kind: "battery", id: 3, seq: 3 * seq, remainingCpct: 300 },
      { ...base, kind: "obstacles", sensorId: 5, seq: 3 * seq + 1, hits },
      // In the future: its clock cannot be believed.
      { ...base, kind: "battery", id: 4, seq: 3 * seq + 2, eventTimeUs: scene.nowUs + 60e6 },
    ], { slots });
    scene.flyTo(scene.nowS + STEP_S);
  }
  const kinds = () => scene.pipeline.openAlerts().map(({ kind }) => kind).sort();
  assertEquals(kinds(), ["battery-critical", "clock-skew", "obstacle"]);
  scene.flyTo(scene.nowS + silentS);
  const third = silentS === 0 ? "obstacle" : "link-loss";
  assertEquals(kinds(), ["battery-critical", "clock-skew", third]);
  // More than there is room for; those before them were heard since they came.
  for (let i = 0; i < 80; i++) {
    const row: Row = { kind: "battery", slot: 10 + i, seq: 1, eventTimeUs: scene.nowUs };
    scene.send([row], { slots: [{ slot: 10 + i, droneId: `new-${i}` }] });
  }
  assertEquals(scene.pipeline.drone("forgotten"), undefined);
  assertEquals([kinds(), scene.pipeline.openAlertDrones()], [[], []]);
  const ended = scene.alerts.filter(({ transition }) => transition === "resolve").map(({ kind }) => kind).sort();
  assertEquals(ended, ["battery-critical", "clock-skew", ...silentS === 0 ? [] : ["link-loss"], "obstacle"]);
  assert(scene.outputs.some((of) => of.type === "alert-open" && of.droneId === "forgotten" && !of.open));
}
