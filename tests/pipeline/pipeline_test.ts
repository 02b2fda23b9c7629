import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeBatch } from "../../aggregator/batch/columns.ts";
import type { AlertEvent, Output } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { type BatteryRow, encodeRows, makeEntry, type Row } from "./build_batch.ts";

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
const IN_AIR = 2;
const d1 = [{ slot: 1, droneId: "d1" }];

function position(seq: number, eventTimeUs: number, flags = IN_AIR): Row {
  return { kind: "position", slot: 1, seq, eventTimeUs, flags, latE7: 470000000, lonE7: 80000000 };
}

function alerts(outputs: Output[]): AlertEvent[] {
  return outputs.flatMap((output) => output.type === "alert" ? [output.alert] : []);
}

function transitions(outputs: Output[]): string[] {
  return alerts(outputs).map(({ kind, transition }) => `${transition} ${kind}`);
}

/** Runs battery readings, one a second unless `times` says otherwise, and returns the alerts' transitions. */
function battery(readings: Partial<BatteryRow>[]): string[] {
  const pipeline = new Pipeline(PIPELINE_DEFAULTS);
  return readings.flatMap((reading, i) => {
    const row: Row = { kind: "battery", slot: 1, seq: i + 1, eventTimeUs: T0 + i * S, ...reading };
    const entry = makeEntry({ rows: [row], slots: d1, ingestionTimeUs: T0 + i * S + 1000 });
    return transitions(pipeline.step(entry).outputs);
  });
}

const repeat = (times: number, reading: Partial<BatteryRow>) => Array.from({ length: times }, () => reading);

describe("Pipeline.step", () => {
  it("counts a record once, whoever sends it again", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const rows = [position(1, T0), position(2, T0 + 1)];
    pipeline.step(makeEntry({ rows, slots: d1, ingestionTimeUs: T0 }));
    const again = [{ slot: 9, droneId: "d1" }];
    const elsewhere = rows.map((row) => ({ ...row, slot: 9 }));
    pipeline.step(makeEntry({ rows: elsewhere, slots: again, ingestionTimeUs: T0 + 1, edgeId: "e2" }));
    const { received, accepted, duplicate, position: counted } = pipeline.fleet().records;
    assertEquals([received, accepted, duplicate, counted], [4, 2, 2, 2]);
  });

  it("fires the windows of a fleet whose clocks were never set, by wall time", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const fired = new Map<string, number>();
    const note = (outputs: Output[]) => {
      for (const output of outputs) {
        if (output.type === "tumbling" && output.window.zone === "*") {
          fired.set(`${output.window.startUs}`, output.window.records.position);
        }
      }
    };
    for (let i = 0; i < 30; i++) {
      const ingestionTimeUs = T0 + i * S;
      note(pipeline.step(makeEntry({ rows: [position(i + 1, 5_000_000 + i)], slots: d1, ingestionTimeUs })).outputs);
      note(pipeline.tick(ingestionTimeUs + 1));
    }
    assertEquals([...fired.values()].reduce((a, b) => a + b, 0), 23);
    note(pipeline.tick(T0 + 60 * S));
    assertEquals([...fired.values()].reduce((a, b) => a + b, 0), 30);
  });

  it("recognises a batch that is sent again by its id", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const entry = makeEntry({ rows: [position(1, T0)], slots: d1, ingestionTimeUs: T0 });
    assertEquals([pipeline.step(entry).verdict, pipeline.step(entry).verdict], ["accepted", "duplicate"]);
    assertEquals(pipeline.fleet().records.received, 1);
  });

  it("asks for the slots it does not know, and takes the batch then", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const batch = { rows: [position(1, T0)], ingestionTimeUs: T0, batchId: 7777 };
    assertEquals(pipeline.step(makeEntry(batch)).verdict, "unknown-slot");
    assertEquals(pipeline.fleet().records.received, 0);
    assertEquals(pipeline.step(makeEntry({ ...batch, slots: d1 })).verdict, "accepted");
    assertEquals(pipeline.sessionKnown("e1", 1n), true);
    assertEquals(pipeline.sessionKnown("e1", 2n), false);
  });

  it("starts sequence numbers again with a new boot", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    pipeline.step(makeEntry({ rows: [position(1, T0)], slots: d1, ingestionTimeUs: T0 }));
    const rebooted = [{ slot: 2, droneId: "d1", bootId: 2 }];
    pipeline.step(makeEntry({ rows: [{ ...position(1, T0 + 1), slot: 2 }], slots: rebooted, ingestionTimeUs: T0 + 1 }));
    assertEquals(pipeline.fleet().records.accepted, 2);
    assertEquals(pipeline.drone("d1")?.bootId, 2);
  });

  it("re-times a record from the future, raises clock-skew, and leaves the watermark alone", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const step = (row: Row, ingestionTimeUs: number) =>
      pipeline.step(makeEntry({ rows: [row], slots: d1, ingestionTimeUs })).outputs;
    step(position(1, T0), T0);
    assertEquals(transitions(step(position(2, T0 + 60 * S), T0 + 1000)), ["raise clock-skew"]);
    assertEquals(pipeline.fleet().watermarkUs, T0 - 100_000);
    assertEquals(pipeline.fleet().records.retimed, 1);
    const good = Array.from({ length: 12 }, (_, i) => {
      step(position(3 + i, T0 + i * S), T0 + i * S + 2000);
      return transitions(pipeline.tick(T0 + i * S + 3000));
    });
    assertEquals(good.flat(), ["resolve clock-skew"]);
  });

  it("shows a drone as it was when it was asked, whatever comes after", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const step = (seq: number) =>
      pipeline.step(makeEntry({ rows: [position(seq, T0 + seq * S)], slots: d1, ingestionTimeUs: T0 + seq * S }));
    step(1);
    const [one, list] = [pipeline.drone("d1"), [...pipeline.drones()]];
    const [before] = structuredClone(list);
    step(2);
    assertEquals([one, ...list], [before, before]);
    assertEquals(pipeline.drone("d1")?.position?.eventTimeUs, T0 + 2 * S);
  });

  it("re-times the records of a clock that was never set", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const { outputs } = pipeline.step(makeEntry({ rows: [position(1, 5 * S)], slots: d1, ingestionTimeUs: T0 }));
    assertEquals(transitions(outputs), ["raise clock-skew"]);
    assertEquals(pipeline.drone("d1")?.position?.eventTimeUs, T0);
  });

  it("sends records behind an expired window to the late sink, and hears them all the same", () => {
    const pipeline = new Pipeline({ ...PIPELINE_DEFAULTS, allowedLatenessUs: 5 * S });
    pipeline.step(makeEntry({ rows: [position(1, T0)], slots: d1, ingestionTimeUs: T0 }));
    pipeline.step(makeEntry({ rows: [position(2, T0 + 20 * S)], slots: d1, ingestionTimeUs: T0 + 20 * S }));
    const { outputs } = pipeline.step(makeEntry({
      rows: [position(3, T0 + S), position(4, T0 + 2 * S)],
      slots: d1,
      ingestionTimeUs: T0 + 21 * S,
    }));
    const late = outputs.flatMap((output) => output.type === "late" ? [output.late] : []);
    assertEquals(late, [{
      edgeId: "e1",
      droneId: "d1",
      records: 2,
      firstEventTimeUs: T0 + S,
      lastEventTimeUs: T0 + 2 * S,
    }]);
    const { accepted, position: counted, late: lateCount } = pipeline.fleet().records;
    assertEquals(accepted, counted + lateCount);
  });
});

describe("the battery rule", () => {
  it("raises once a low charge has held for ten seconds", () =>
    assertEquals(battery(repeat(12, { remainingCpct: 2400 })), ["raise battery-low"]));
  it("says nothing about a dip", () => {
    const dip = [...repeat(5, { remainingCpct: 9000 }), ...repeat(9, { remainingCpct: 500 }), { remainingCpct: 9000 }];
    assertEquals(battery([...dip, ...dip]), []);
  });
  it("escalates the same alert, and resolves it after charging", () =>
    assertEquals(
      battery([
        ...repeat(12, { remainingCpct: 2000 }),
        ...repeat(12, { remainingCpct: 900 }),
        ...repeat(12, { remainingCpct: 9900 }),
      ]),
      ["raise battery-low", "escalate battery-critical", "resolve battery-critical"],
    ));
  it("does not resolve for a reading that is good by chance", () => {
    const chance = [{ remainingCpct: 9900 }, ...repeat(3, { remainingCpct: 2000 })];
    assertEquals(battery([...repeat(12, { remainingCpct: 2000 }), ...chance, ...chance, ...chance, ...chance]), [
      "raise battery-low",
    ]);
  });
  it("does not resolve within the hysteresis", () =>
    assertEquals(battery([...repeat(12, { remainingCpct: 2400 }), ...repeat(30, { remainingCpct: 2600 })]), [
      "raise battery-low",
    ]));
  for (
    const [name, reading] of Object.entries({
      "nothing at all": {},
      "0 V": { voltageMv: 0 },
      "0 V and 0 %": { voltageMv: 0, remainingCpct: 0 },
      "MAVLink's unknown voltage": { voltageMv: 65_535 },
      "a negative percentage": { remainingCpct: 4_294_967_295 },
    })
  ) {
    it(`raises nothing and averages nothing for ${name}`, () => {
      assertEquals(battery(repeat(30, reading)), []);
      const pipeline = new Pipeline(PIPELINE_DEFAULTS);
      const rows: Row[] = [{ kind: "battery", slot: 1, seq: 1, eventTimeUs: T0, ...reading }];
      pipeline.step(makeEntry({ rows, slots: d1, ingestionTimeUs: T0 }));
      const windows = pipeline.tick(T0 + 60 * S).flatMap((o) => o.type === "tumbling" ? [o.window] : []);
      assertEquals(windows[0]?.battery, { averageCpct: null, minCpct: null, lowCount: 0, known: 0 });
    });
  }
});

describe("link loss", () => {
  function silent(flags: number): string[] {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    pipeline.step(makeEntry({ rows: [position(1, T0, flags)], slots: d1, ingestionTimeUs: T0 }));
    const ticks = Array.from({ length: 10 }, (_, i) => transitions(pipeline.tick(T0 + i * S)));
    const back = pipeline.step(
      makeEntry({ rows: [position(2, T0 + 10 * S)], slots: d1, ingestionTimeUs: T0 + 10 * S }),
    );
    return [...ticks.flat(), ...transitions(back.outputs)];
  }
  it("is raised once for a drone that falls silent in the air, and ends when it is heard", () =>
    assertEquals(silent(IN_AIR), ["raise link-loss", "resolve link-loss"]));
  it("is not raised for a drone on the ground", () => assertEquals(silent(0), []));

  it("is not raised for a drone that landed, when a record sent before overtakes on the slower lane", () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const future = T0 + 60 * S; // a fast clock: both are re-timed to their arrival
    pipeline.step(makeEntry({ rows: [position(2, future + 1, 0)], slots: d1, ingestionTimeUs: T0 }));
    pipeline.step(makeEntry({ rows: [position(1, future)], slots: d1, ingestionTimeUs: T0 + 50_000 }));
    assertEquals(transitions(pipeline.tick(T0 + 8 * S)), []);
  });
});

describe("an open alert", () => {
  const low = Array.from({ length: 11 }, (_, i): Row => (
    { kind: "battery", slot: 1, seq: i + 1, eventTimeUs: T0 + i * S, remainingCpct: 2000 }
  ));
  function raised() {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    const { outputs } = pipeline.step(makeEntry({ rows: low, slots: d1, ingestionTimeUs: T0 + 11 * S }));
    return { pipeline, outputs };
  }

  it("is told to the edges, for they must not suppress that drone's fixes", () => {
    const { pipeline, outputs } = raised();
    assertEquals(outputs.filter(({ type }) => type === "alert-open"), [
      { type: "alert-open", droneId: "d1", open: true },
    ]);
    assertEquals(pipeline.openAlertDrones(), ["d1"]);
  });

  it("is acknowledged by somebody, once, and reminded of until then", () => {
    const { pipeline } = raised();
    const now = (s: number) => T0 + (11 + s) * S;
    assertEquals(transitions(pipeline.tick(now(61))), ["remind battery-low"]);
    const seen = { alertId: 1, by: "ada", nowUs: now(62) };
    assertEquals(transitions(pipeline.acknowledgeAlert(seen).outputs), ["acknowledge battery-low"]);
    assertEquals(pipeline.acknowledgeAlert(seen), { found: true, outputs: [] });
    assertEquals(pipeline.acknowledgeAlert({ ...seen, alertId: 99 }).found, false);
    assertEquals(transitions(pipeline.tick(now(200))), []);
    assertEquals(pipeline.openAlerts()[0]?.acknowledgedBy, "ada");
  });

  it("is open anew when it gets worse: who has seen the warning has not seen that", () => {
    const { pipeline } = raised();
    pipeline.acknowledgeAlert({ alertId: 1, by: "ada", nowUs: T0 + 12 * S });
    const critical = low.map((row, i): Row => (
      { ...row, seq: 12 + i, eventTimeUs: T0 + (12 + i) * S, remainingCpct: 900 } as Row
    ));
    const { outputs } = pipeline.step(makeEntry({ rows: critical, slots: d1, ingestionTimeUs: T0 + 23 * S }));
    assertEquals(alerts(outputs).map(({ transition, acknowledgedBy }) => [transition, acknowledgedBy]), [
      ["escalate", null],
    ]);
    assertEquals(transitions(pipeline.tick(T0 + 90 * S)), ["remind battery-critical"]);
    const again = pipeline.acknowledgeAlert({ alertId: 1, by: "bob", nowUs: T0 + 91 * S });
    assertEquals(transitions(again.outputs), ["acknowledge battery-critical"]);
  });

  it("counts in the latency from sensor to alert", () => {
    const { pipeline } = raised();
    assertEquals(pipeline.fleet().sensorToAlertMs?.count, 1);
    assertGreater(pipeline.fleet().sensorToAlertMs!.max, 0);
  });
});

describe("decodeBatch", () => {
  it("refuses bytes that are no TelemetryBatch", () => {
    assertThrows(() => decodeBatch(Uint8Array.of(255, 255, 255)), TypeError, "not a TelemetryBatch");
  });
  it("refuses a column that is longer than its count", () => {
    const bytes = encodeRows([position(1, T0), position(2, T0 + 5)]);
    const count = bytes.indexOf(8, 2); // field 1 of PositionColumns
    bytes[count + 1] = 1;
    assertThrows(() => decodeBatch(bytes), RangeError, "2 values for 1 records");
  });
});
