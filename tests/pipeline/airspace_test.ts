import { assertEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import type { AlertEvent, Output } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { makeEntry, type ObstacleRow, type Row } from "./build_batch.ts";

const T0 = 1_790_000_000_000_000;
const FLYING = 3;
const SLOTS = [{ slot: 1, droneId: "a" }, { slot: 2, droneId: "b" }];
/** One tenth of a second of arc north, about 3.1 m. */
const STEP_E7 = 278;

let pipeline: Pipeline;
let seq: number;

type Kind<R> = R extends { slot: number } ? Omit<R, "seq" | "eventTimeUs"> : never;

function at(seconds: number, ...rows: Kind<Row>[]): string[] {
  const ingestionTimeUs = T0 + Math.round(seconds * 1e6);
  const eventTimeUs = ingestionTimeUs - 5000;
  const entry = makeEntry({
    rows: rows.map((row) => ({ flags: FLYING, ...row, seq: ++seq, eventTimeUs }) as Row),
    slots: SLOTS,
    ingestionTimeUs,
  });
  return told(pipeline.step(entry).outputs);
}

function tick(seconds: number): string[] {
  return told(pipeline.tick(T0 + Math.round(seconds * 1e6)));
}

function told(outputs: Output[]): string[] {
  return alertsOf(outputs).map(({ transition, kind, severity, droneIds }) =>
    `${transition} ${kind} ${severity} ${droneIds.join("|")}`
  );
}

function alertsOf(outputs: Output[]): AlertEvent[] {
  return outputs.flatMap((output) => output.type === "alert" ? [output.alert] : []);
}

const HERE = { kind: "position" as const, latE7: 474_000_000, lonE7: 85_000_000, altMslMm: 500_000 };

describe("the airspace in the pipeline", () => {
  beforeEach(() => {
    pipeline = new Pipeline(PIPELINE_DEFAULTS);
    seq = 0;
  });

  it("raises a conflict with the way of the record that caused it, and opens the alert of both drones", () => {
    at(0, { slot: 1, ...HERE });
    const ingestionTimeUs = T0 + 100_000;
    const { outputs } = pipeline.step(makeEntry({
      rows: [{ slot: 2, seq: 1, eventTimeUs: ingestionTimeUs - 4000, flags: FLYING, ...HERE }],
      slots: SLOTS,
      ingestionTimeUs,
    }));
    const [alert] = alertsOf(outputs);
    assertEquals(alert?.kind, "conflict");
    assertEquals(alert?.path?.droneId, "b");
    assertEquals([alert?.path?.eventTimeUs, alert?.path?.aggregatorInUs], [ingestionTimeUs - 4000, ingestionTimeUs]);
    assertEquals(pipeline.openAlertDrones().sort(), ["a", "b"]);
    assertEquals(pipeline.fleet().airspace.conflicts, 1);
  });

  it("ends it when a record of any kind says that a drone has landed, or that its motors are off", () => {
    for (const flags of [0, 1, 2]) {
      pipeline = new Pipeline(PIPELINE_DEFAULTS);
      at(0, { slot: 1, ...HERE }, { slot: 2, ...HERE });
      assertEquals(at(0.1, { slot: 2, kind: "battery", flags }), ["resolve conflict critical a|b"], `flags ${flags}`);
      assertEquals(at(0.2, { slot: 1, ...HERE }), []);
    }
  });

  it("compares altitudes above sea level only", () => {
    const { altMslMm: _, ...unknown } = HERE;
    assertEquals(at(0, { slot: 1, ...HERE }, { slot: 2, ...HERE, altMslMm: 600_000 }), []);
    const raised = at(0.1, { slot: 1, ...unknown, altHomeMm: 10_000 }, { slot: 2, ...unknown, altHomeMm: 200_000 });
    assertEquals(raised, ["raise conflict critical a|b"]);
  });

  it("knows where a drone is whose edge forwards one fix and counts the rest: it hovers there, and is no ghost", () => {
    at(0, { slot: 1, ...HERE });
    for (let s = 0.2; s < 9; s += 0.2) {
      at(s, { kind: "nearDuplicate", slot: 1 });
      tick(s);
    }
    const { tracks, ghosts } = pipeline.fleet().airspace;
    assertEquals([tracks, ghosts], [1, 0]);
    assertEquals(at(9, { slot: 2, ...HERE }), ["raise conflict critical a|b"]);
  });

  it("lets no single wrong position raise a conflict, and tells of it", () => {
    at(0, { slot: 1, ...HERE }, { slot: 2, ...HERE, latE7: HERE.latE7 + 1000 * STEP_E7 });
    assertEquals(at(0.1, { slot: 2, ...HERE }), ["raise position-glitch warning b"]);
    assertEquals(at(0.2, { slot: 2, ...HERE, fixType: 1 }, { slot: 2, ...HERE, latE7: 0, lonE7: 0 }), []);
    for (let s = 0.3; s < 10; s += 0.5) at(s, { slot: 2, ...HERE, latE7: HERE.latE7 + 1000 * STEP_E7 });
    assertEquals(tick(10.3).filter((told) => told.includes("glitch")), ["resolve position-glitch warning b"]);
  });

  it("takes a silent drone for a ghost, and calls the link lost; not for an absence of the aggregator itself", () => {
    at(0, { slot: 1, ...HERE, vnCms: 500 });
    const heard: string[] = [];
    for (let s = 0.1; s < 4; s += 0.1) heard.push(...tick(s));
    assertEquals(heard, ["raise link-loss critical a"]);
    assertEquals(pipeline.fleet().airspace.ghosts, 1);
    pipeline = new Pipeline(PIPELINE_DEFAULTS);
    at(0, { slot: 1, ...HERE, vnCms: 500 });
    assertEquals([...tick(60), ...tick(61), ...tick(62)], []);
    assertEquals([pipeline.fleet().airspace.ghosts, pipeline.fleet().dronesLinkLost], [0, 0]);
  });
});

describe("the obstacle rule", () => {
  beforeEach(() => {
    pipeline = new Pipeline(PIPELINE_DEFAULTS);
    seq = 0;
    at(0, { slot: 1, ...HERE, headingCdeg: 9000 });
  });

  const scan = (hits: NonNullable<ObstacleRow["hits"]>, more: Partial<ObstacleRow> = {}): Kind<Row> => {
    return { slot: 1, kind: "obstacles", sensorId: 7, frame: 1, hits, ...more };
  };
  const twice = (hits: NonNullable<ObstacleRow["hits"]>) => [...at(1, scan(hits)), ...at(1.05, scan(hits))];

  for (
    const [name, hits, expected] of [
      ["within 10 m", [{ rangeCm: 1000 }], ["raise obstacle warning a"]],
      ["within 5 m", [{ rangeCm: 500 }], ["raise obstacle critical a"]],
      ["5 s away", [{ rangeCm: 2500, rangeRateCms: -500 }], ["raise obstacle warning a"]],
      ["2.5 s away", [{ rangeCm: 2500, rangeRateCms: -1000 }], ["raise obstacle critical a"]],
      ["farther, and slower", [{ rangeCm: 1100, rangeRateCms: -200 }], []],
      ["near and going away", [{ rangeCm: 1100, rangeRateCms: 900 }], []],
      ["the ground below", [{ rangeCm: 200, elevationCdeg: -9000 }], []],
      ["the worst of several", [{ rangeCm: 3000 }, { rangeCm: 400 }, { rangeCm: 900 }], ["raise obstacle critical a"]],
    ] as const
  ) {
    it(`judges what is ${name}`, () => assertEquals(twice([...hits]), [...expected]));
  }

  it("says nothing of clutter in a single scan", () => {
    assertEquals([...at(1, scan([{ rangeCm: 300 }])), ...at(1.05, scan([])), ...at(1.1, scan([{ rangeCm: 300 }]))], []);
  });

  it("sees closing speed in the ranges of a sensor that does not tell it", () => {
    assertEquals(at(1, scan([{ rangeCm: 2000 }])), []);
    assertEquals(at(1.05, scan([{ rangeCm: 1975 }])), []);
    assertEquals(at(1.1, scan([{ rangeCm: 1950 }])), ["raise obstacle warning a"]);
  });

  it("ends a second after the last hit, with its sensor, or with the landing", () => {
    twice([{ rangeCm: 800 }]);
    assertEquals(at(1.9, scan([])), []);
    assertEquals(at(2.1, scan([])), ["resolve obstacle warning a"]);
    twice([{ rangeCm: 800 }]);
    at(2.2, scan([{ rangeCm: 800 }]), scan([{ rangeCm: 800 }]));
    const heard: string[] = [];
    for (let s = 2.3; s < 6; s += 0.1) heard.push(...at(s, { slot: 1, ...HERE }), ...tick(s + 0.05));
    assertEquals(heard, ["resolve obstacle warning a"]);
    at(6, scan([{ rangeCm: 800 }]), scan([{ rangeCm: 800 }]));
    assertEquals(at(6.1, { slot: 1, kind: "battery", flags: 0 }), ["resolve obstacle warning a"]);
  });

  it("turns a bearing off the nose into one from north, where the heading is known", () => {
    twice([{ rangeCm: 800, bearingCdeg: -10_000 }]);
    assertEquals(pipeline.openAlerts()[0]?.obstacle?.trueBearingCdeg, 35_000);
    pipeline = new Pipeline(PIPELINE_DEFAULTS);
    at(0, { slot: 1, ...HERE });
    twice([{ rangeCm: 800, bearingCdeg: 300 }]);
    assertEquals(pipeline.openAlerts()[0]?.obstacle?.trueBearingCdeg, null);
  });

  it("says whole degrees, and north as 0°", () => {
    twice([{ rangeCm: 800, bearingCdeg: -9041 }]);
    assertEquals(pipeline.openAlerts()[0]!.message, "Obstacle 8.0 m from a, at 0°");
    pipeline = new Pipeline(PIPELINE_DEFAULTS);
    at(0, { slot: 1, ...HERE });
    twice([{ rangeCm: 800, bearingCdeg: 3567 }]);
    assertEquals(pipeline.openAlerts()[0]!.message, "Obstacle 8.0 m from a, 36° off its nose");
  });

  it("is asked for each sensor, and only of drones in the air", () => {
    const raised = [
      ...at(1, scan([{ rangeCm: 800 }]), scan([{ rangeCm: 800 }], { sensorId: 8 })),
      ...at(1.1, scan([{ rangeCm: 800 }]), scan([{ rangeCm: 800 }], { sensorId: 8 })),
    ];
    assertEquals(raised, ["raise obstacle warning a", "raise obstacle warning a"]);
    pipeline = new Pipeline(PIPELINE_DEFAULTS);
    assertEquals([1, 1.05].flatMap((s) => at(s, scan([{ rangeCm: 300 }], { flags: 1 }))), []);
  });
});
