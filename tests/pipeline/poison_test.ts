import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { AlertEvent, Output } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { encodeDroneAlerts } from "../../aggregator/warnings/drone_alert.ts";
import { EdgeDownlinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { makeEntry, type Row } from "./build_batch.ts";
import { FLYING, S, Scene, straight, T0 } from "./scene.ts";

const U32 = 4_294_967_295;
const S32 = 2_147_483_647;

/** As a drone would get it. Throws where an alert cannot be sent. */
function sent(alerts: readonly AlertEvent[]) {
  const warnings = alerts.flatMap((alert) => {
    return alert.droneIds.map((droneId) => ({ droneId, named: droneId, alert, raisedUs: T0 + 0.5, ttlMs: 2000 }));
  });
  const { body } = fromBinary(EdgeDownlinkSchema, encodeDroneAlerts(warnings));
  assert(body.case === "alerts");
  return body.value.alerts.map(({ alert }) => alert!);
}

function alertsOf(outputs: Output[]): AlertEvent[] {
  return outputs.flatMap((output) => output.type === "alert" ? [output.alert] : []);
}

const slots = [1, 2, 3].map((slot) => ({ slot, droneId: `d${slot}` }));
const extreme = (max: number, min = 0) => fc.constantFrom(min, max, 0, 1, Math.floor(max / 2), min + 1);
const u32 = extreme(U32);
const s32 = extreme(S32, -S32 - 1);
const near = fc.integer({ min: 0, max: 2000 });

const base = {
  slot: fc.integer({ min: 1, max: 3 }),
  flags: fc.constantFrom(3, 3, 3, 131, 0, U32),
  aheadUs: fc.constantFrom(0, 0, 0, 1_999_999, -300 * S, -T0, 2_500_000_000_000_000),
};
const row = fc.oneof(
  fc.record({
    ...base,
    kind: fc.constant("position" as const),
    latE7: fc.oneof(near.map((n) => 474_000_000 + n), s32),
    lonE7: fc.oneof(near.map((n) => 85_000_000 + n), s32),
    altMslMm: fc.option(s32, { nil: undefined }),
    altHomeMm: fc.option(s32, { nil: undefined }),
    vnCms: fc.oneof(s32, fc.constantFrom(0, 1, 100, -100, 10_000)),
    veCms: fc.oneof(s32, fc.constantFrom(0, 1, 100, -100, 10_000)),
    vdCms: fc.oneof(s32, fc.constantFrom(0, 1, -1)),
    headingCdeg: fc.option(u32, { nil: undefined }),
    hAccMm: fc.option(u32, { nil: undefined }),
    vAccMm: fc.option(u32, { nil: undefined }),
    fixType: fc.constantFrom(3, 3, 3, 0, U32),
  }),
  fc.record({
    ...base,
    kind: fc.constant("battery" as const),
    id: u32,
    voltageMv: fc.option(u32, { nil: undefined }),
    remainingCpct: fc.option(fc.oneof(u32, fc.constantFrom(10_000, 500, 2000)), { nil: undefined }),
    chargeState: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, U32),
  }),
  fc.record({
    ...base,
    kind: fc.constant("obstacles" as const),
    sensorId: fc.constantFrom(0, 1, U32),
    frame: fc.constantFrom(0, 1, U32),
    hits: fc.array(
      fc.record({
        bearingCdeg: s32,
        elevationCdeg: s32,
        rangeCm: fc.oneof(u32, fc.constantFrom(100, 900)),
        rangeRateCms: fc.option(s32, { nil: undefined }),
      }),
      { maxLength: 3 },
    ),
  }),
);

describe("two drones that fly abreast", () => {
  it("are warned of what is now: their closest approach, weeks ahead, is nobody's business", () => {
    // 1 cm/s apart in 5,876,127 s: what a show of drones with equal velocities tells.
    const scene = new Scene([
      { droneId: "a", slot: 1, at: straight({ vnMps: 1 }) },
      { droneId: "b", slot: 2, at: straight({ eastM: 20, vnMps: 1 }) },
    ]);
    scene.flyTo(10);
    const alerts = scene.alerts.filter(({ kind }) => kind === "conflict");
    assert(alerts.length > 0);
    for (const { what } of sent(alerts)) {
      assert(what.case === "conflict");
      assert(what.value.timeToClosestMs <= 60_000 && what.value.timeToEntryMs <= 60_000);
      assert(Math.abs(what.value.closestHorizontalCm - 2000) < 20);
    }
  });
});

describe("whatever drones send", () => {
  it("each alert that comes of it can be sent to a drone, and nothing of it is quarantined", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(row, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 }),
        (batches) => {
          const pipeline = new Pipeline(PIPELINE_DEFAULTS);
          let [seq, nowUs] = [0, T0];
          for (const rows of batches) {
            nowUs += 120_000;
            const placed = rows.map(({ aheadUs, ...rest }) => {
              return { ...rest, seq: ++seq, eventTimeUs: nowUs - 3000 + aheadUs } as Row;
            });
            const entry = makeEntry({ rows: placed, slots, ingestionTimeUs: nowUs });
            entry.sealed.firstIngestionTimeUs = 2n ** 64n - 1n;
            entry.sealed.sealedTimeUs = seq % 2 === 0 ? 0n : 2n ** 64n - 1n;
            const outputs = [...pipeline.step(entry).outputs, ...pipeline.tick(nowUs + 1000)];
            sent(alertsOf(outputs));
            sent(pipeline.openAlerts());
            assertEquals(outputs.filter(({ type }) => type === "quarantine"), []);
            JSON.stringify([pipeline.fleet(), [...pipeline.drones()]]);
          }
          const late = pipeline.tick(nowUs + 20 * S);
          sent(alertsOf(late));
          assertEquals(late.filter(({ type }) => type === "quarantine"), []);
        },
      ),
      { numRuns: 1500 },
    );
  });
});

describe("an entry that makes the pipeline throw", () => {
  /** A batch in which a record cannot be counted: its columns lie about themselves. */
  function poison(atUs: number) {
    const bad: Row = {
      kind: "obstacles",
      slot: 1,
      seq: 50,
      eventTimeUs: atUs,
      flags: FLYING,
      hits: [{ rangeCm: 300 }],
    };
    const entry = makeEntry({ rows: [bad], slots, ingestionTimeUs: atUs });
    Object.defineProperty(entry.columns.obstacles, "flags", {
      get: () => {
        throw new TypeError("Cannot read the flags");
      },
    });
    return entry;
  }

  it("is told, with its batch and why, and is accepted, as the journal has it", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const { verdict, outputs } = pipeline.step(poison(T0));
    assertEquals(verdict, "accepted");
    const [told] = outputs.flatMap((of) => of.type === "quarantine" ? [of.quarantine] : []);
    assertEquals([told?.what, told?.edgeId, told?.records, told?.error], ["batch", "e1", 1, "Cannot read the flags"]);
    assertEquals(told?.batchId.length, 32);
    assertEquals(pipeline.fleet().batches.quarantined, 1);
  });

  it("stops nothing behind it, nor the other records in it, nor the next tick", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    pipeline.step(poison(T0));
    const fix = { latE7: 474_000_000, lonE7: 85_000_000, altMslMm: 1, flags: FLYING };
    const rows: Row[] = [1, 2].map((slot) => ({ kind: "position", slot, seq: 51, eventTimeUs: T0, ...fix }));
    const { outputs } = pipeline.step(makeEntry({ rows, slots, ingestionTimeUs: T0 + 1000 }));
    assertEquals(alertsOf(outputs).map(({ kind }) => kind), ["conflict"]);
    const later = Array.from({ length: 8 }, (_, i) => pipeline.tick(T0 + (i + 1) * 0.5 * S)).flat();
    assertEquals(alertsOf(later).map(({ kind }) => kind).filter((kind) => kind === "link-loss").length, 2);
  });
});
