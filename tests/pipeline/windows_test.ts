import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { latLngToCell } from "h3-js";
import type { Output, SlidingWindow, TumblingWindow } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { type BatteryRow, makeEntry, type PositionRow, type Row } from "./build_batch.ts";

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;

const slots = [
  { slot: 1, droneId: "a", zone: "north" },
  { slot: 2, droneId: "b", zone: "south" },
  { slot: 3, droneId: "c", zone: "north" },
];

/** Rows of three drones over some seconds; seqs by drone in order of event time. */
const rowsArbitrary = fc.array(
  fc.record({
    slot: fc.integer({ min: 1, max: 3 }),
    offsetUs: fc.nat({ max: 8 * S }),
    kind: fc.constantFrom("position", "battery", "obstacles", "nearDuplicate" as const),
    latE7: fc.integer({ min: 470000000, max: 470100000 }),
    vnCms: fc.integer({ min: -2000, max: 2000 }),
    remainingCpct: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
    delayUs: fc.nat({ max: 100_000 }),
  }),
  { minLength: 1, maxLength: 60 },
).map((rows) => {
  const seqs = [0, 0, 0, 0];
  return rows.toSorted((a, b) => a.offsetUs - b.offsetUs).map(({ offsetUs, delayUs, ...row }) => ({
    row: { ...row, seq: ++seqs[row.slot]!, eventTimeUs: T0 + offsetUs, lonE7: 80000000 } as Row,
    arrivalUs: T0 + offsetUs + delayUs,
  }));
});

/** How much is done in one go: so little that records come while a window is half done, and as much as usual. */
const windowUnits = fc.constantFrom(1, 4, 20, PIPELINE_DEFAULTS.windowUnits);

/** What the windows say in the end: the last output of each, all of them final. */
function run(
  arrivals: { row: Row; arrivalUs: number }[],
  windowUnits = PIPELINE_DEFAULTS.windowUnits,
): { tumbling: TumblingWindow[]; sliding: SlidingWindow[]; late: number } {
  const pipeline = new Pipeline({ ...PIPELINE_DEFAULTS, windowUnits });
  const outputs: Output[] = [];
  for (const { row, arrivalUs } of arrivals.toSorted((a, b) => a.arrivalUs - b.arrivalUs)) {
    outputs.push(...pipeline.step(makeEntry({ rows: [row], slots, ingestionTimeUs: arrivalUs })).outputs);
  }
  outputs.push(...pipeline.tick(T0 + 3000 * S));
  const final = <W extends { final: boolean }>(windows: W[]) => windows.filter((window) => window.final);
  return {
    tumbling: final(outputs.flatMap((o) => o.type === "tumbling" ? [o.window] : [])),
    sliding: final(outputs.flatMap((o) => o.type === "sliding" ? [o.window] : [])),
    late: pipeline.fleet().records.late,
  };
}

/** The naive way: for each window and scope, filter all rows. */
function naiveTumbling(rows: Row[]) {
  const zoneOf = (slot: number) => slots.find((s) => s.slot === slot)!.zone;
  const result: Record<string, unknown> = {};
  for (const second of new Set(rows.map((row) => Math.floor(row.eventTimeUs / S)))) {
    for (const zone of ["*", "north", "south"]) {
      const inside = rows.filter((row) =>
        Math.floor(row.eventTimeUs / S) === second && (zone === "*" || zoneOf(row.slot) === zone)
      );
      if (inside.length === 0) continue;
      const count = (...kinds: string[]) => inside.filter((row) => kinds.includes(row.kind)).length;
      const known = inside.filter((row): row is BatteryRow =>
        row.kind === "battery" && row.remainingCpct !== undefined
      );
      const latest = [1, 2, 3].flatMap((slot) => known.filter((row) => row.slot === slot).slice(-1));
      const cpcts = latest.map((row) => row.remainingCpct!);
      result[`${second} ${zone}`] = {
        dronesReporting: new Set(inside.map((row) => row.slot)).size,
        records: {
          position: count("position", "nearDuplicate"),
          battery: count("battery"),
          obstacles: count("obstacles"),
          nearDuplicate: count("nearDuplicate"),
        },
        battery: {
          averageCpct: cpcts.length === 0 ? null : cpcts.reduce((a, b) => a + b, 0) / cpcts.length,
          minCpct: cpcts.length === 0 ? null : Math.min(...cpcts),
          lowCount: cpcts.filter((cpct) => cpct <= 2500).length,
          known: cpcts.length,
        },
      };
    }
  }
  return result;
}

function naiveSpeed(rows: Row[], { startUs, endUs, zone }: SlidingWindow): number | null {
  const zoneOf = (slot: number) => slots.find((s) => s.slot === slot)!.zone;
  const inside = rows.filter((row): row is PositionRow =>
    row.kind === "position" && row.eventTimeUs >= startUs && row.eventTimeUs < endUs &&
    (zone === "*" || zoneOf(row.slot) === zone)
  );
  if (inside.length === 0) return null;
  return inside.map((row) => Math.abs(row.vnCms!)).reduce((a, b) => a + b, 0) / inside.length;
}

describe("windows", () => {
  it("equal a naive reference for any arrival order within the out-of-orderness", () => {
    fc.assert(
      fc.property(rowsArbitrary, windowUnits, (arrivals, units) => {
        const { tumbling, sliding, late } = run(arrivals, units);
        const rows = arrivals.map(({ row }) => row);
        assertEquals(late, 0);
        const got = Object.fromEntries(
          tumbling.map(({ startUs, zone, dronesReporting, records, battery }) => [
            `${startUs / S} ${zone}`,
            { dronesReporting, records, battery },
          ]),
        );
        assertEquals(got, naiveTumbling(rows));
        assertEquals(sliding.length >= tumbling.length, true);
        for (const window of sliding) assertEquals(window.speedAverageCms, naiveSpeed(rows, window));
        assertEquals(
          sliding.filter(({ zone }) => zone === "*").length,
          new Set(sliding.map(({ endUs }) => endUs)).size,
        );
      }),
      { numRuns: 200 },
    );
  });

  it("do not depend, in any figure, on the order of arrival, nor on how much is done in one go", () => {
    fc.assert(
      fc.property(rowsArbitrary, windowUnits, (arrivals, units) => {
        const inOrder = arrivals.map(({ row }) => ({ row, arrivalUs: row.eventTimeUs }));
        const content = ({ tumbling, sliding }: ReturnType<typeof run>) => {
          const key = (w: { endUs: number; zone: string }) => `${w.endUs} ${w.zone}`;
          return [...tumbling, ...sliding]
            .map((window) => ({ ...window, revision: 0 }))
            .sort((a, b) => key(a) < key(b) ? -1 : 1);
        };
        assertEquals(content(run(arrivals, units)), content(run(inOrder)));
      }),
      { numRuns: 100 },
    );
  });

  it("are the same, bit for bit, when the same entries come again", () => {
    fc.assert(
      fc.property(
        rowsArbitrary,
        (arrivals) => assertEquals(JSON.stringify(run(arrivals)), JSON.stringify(run(arrivals))),
      ),
      { numRuns: 30 },
    );
  });

  const at = (seq: number, seconds: number, slot = 1): Row => (
    { kind: "position", slot, seq, eventTimeUs: T0 + seconds * S, latE7: 470000000, lonE7: 80000000 }
  );
  function tumblings(pipeline: Pipeline, row: Row, seconds: number) {
    const entry = makeEntry({ rows: [row], slots, ingestionTimeUs: T0 + seconds * S });
    return pipeline.step(entry).outputs.flatMap((o) =>
      o.type === "tumbling" && o.window.zone === "*" ? [o.window] : []
    );
  }

  it("fire when the watermark passes their end, are revised within the lateness, then expire", () => {
    const pipeline = new Pipeline({ ...PIPELINE_DEFAULTS, allowedLatenessUs: 5 * S });
    const seen = (row: Row, seconds: number) =>
      tumblings(pipeline, row, seconds)
        .filter(({ startUs }) => startUs === T0)
        .map(({ revision, final, records }) => [revision, final, records.position]);
    assertEquals(seen(at(1, 0.5), 0.5), []);
    assertEquals(seen(at(2, 1.05), 1.05), []);
    assertEquals(seen(at(3, 1.1), 1.1), [[0, false, 1]]);
    assertEquals(seen(at(4, 0.9), 3), [[1, false, 2]]);
    assertEquals(seen(at(5, 6.1), 6.1), [[1, true, 2]]);
    assertEquals(seen(at(6, 0.95), 6.2), []);
    assertEquals(pipeline.fleet().records.late, 1);
  });

  it("wait for the slowest edge, but not for an idle one", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const step = (edgeId: string, seq: number, seconds: number) => {
      const rows = [{ ...at(seq, seconds), slot: edgeId === "e1" ? 1 : 2 }];
      pipeline.step(makeEntry({ rows, slots, edgeId, ingestionTimeUs: T0 + seconds * S }));
      return pipeline.fleet().watermarkUs! - T0;
    };
    assertEquals(step("e1", 1, 1), 900_000);
    step("e2", 1, 1);
    assertEquals(step("e1", 2, 4), 900_000);
    assertEquals(step("e1", 3, 6.5), 6_400_000);
    assertEquals(step("e2", 2, 6.6), 6_400_000);
  });

  it("of a large fleet are emitted over several arrivals, and hold what was on time until then", () => {
    const drones = Array.from({ length: 200 }, (_, i) => ({ slot: i + 1, droneId: `d${i}`, zone: "north" }));
    const pipeline = new Pipeline({ ...PIPELINE_DEFAULTS, windowUnits: 300 });
    const enter = (rows: Row[], seconds: number) =>
      pipeline.step(makeEntry({ rows, slots: drones, ingestionTimeUs: T0 + seconds * S })).outputs.flatMap((o) =>
        o.type === "tumbling" && o.window.zone === "*" && o.window.startUs === T0 ? [o.window] : []
      );
    enter(drones.map(({ slot }) => at(1, 0.5, slot)), 0.6);
    const steps = Array.from({ length: 10 }, (_, i) => enter([at(2 + i, 1.11 + i / 100)], 1.12 + i / 100).length);
    // 200 panes of five units each.
    assertEquals(steps, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    const late = enter([at(20, 0.9, 3)], 2.5);
    assertEquals(late.map(({ revision, records }) => [revision, records.position]), []);
    const revised = Array.from({ length: 10 }, (_, i) => enter([at(30 + i, 2.51 + i / 100)], 2.52 + i / 100));
    assertEquals(revised.flat().map(({ revision, records }) => [revision, records.position]), [[1, 201]]);
  });

  it("of a silent fleet are closed by wall time", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    tumblings(pipeline, at(1, 0.5), 0.5);
    const fired = pipeline.tick(T0 + 7 * S).flatMap((o) => o.type === "tumbling" ? [o.window.startUs] : []);
    assertEquals(fired, [T0, T0]);
  });

  it("count a drone's density where it was last, not where it came from, in whatever order it tells", () => {
    for (const order of [[1, 2], [2, 1]]) {
      const pipeline = new Pipeline(PIPELINE_DEFAULTS);
      const rows = order.map((n) => ({ ...at(n, 0.3 * n), latE7: 470_000_000 + n * 10_000_000 }) as Row);
      for (const row of rows) pipeline.step(makeEntry({ rows: [row], slots, ingestionTimeUs: T0 + 0.9 * S }));
      const windows = pipeline.tick(T0 + 7 * S).flatMap((o) => o.type === "tumbling" ? [o.window] : []);
      const cells = windows.filter(({ zone }) => zone === "*").flatMap(({ density }) =>
        density.map(({ cell }) => cell)
      );
      assertEquals(cells, [latLngToCell(49, 8, PIPELINE_DEFAULTS.h3Resolution)], `${order}`);
    }
  });

  it("count density by the latest position of each drone", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const rows = [at(1, 0.1), at(2, 0.2), at(1, 0.3, 2), { ...at(3, 0.4), latE7: 480000000 } as Row];
    pipeline.step(makeEntry({ rows, slots, ingestionTimeUs: T0 + 0.5 * S }));
    const [window] = pipeline.tick(T0 + 7 * S).flatMap((o) =>
      o.type === "tumbling" && o.window.zone === "*" ? [o.window] : []
    );
    assertEquals(window?.density.map(({ drones }) => drones), [1, 1]);
    assertEquals(window!.density.every(({ dronesPerKm2 }) => dronesPerKm2 > 5 && dronesPerKm2 < 15), true);
  });
});
