import { create, toBinary } from "@bufbuild/protobuf";
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FleetRecordKind, FleetRecordSchema, WindowPartialSchema } from "../../proto/gen/slipstream/v1/fleet_pb.ts";
import { linesOf } from "../../aggregator/tail/lines.ts";

const T_US = 1_790_000_000_250_000;
const encoder = new TextEncoder();
const json = (value: object) => encoder.encode(JSON.stringify(value));

function messageOf(value: Uint8Array | null) {
  const headers = new Map([["journal", "journal-1"], ["position", "7/0"], ["other", "x"]]);
  return { partition: 2, offset: 5n, timeMs: T_US / 1000, key: encoder.encode("k"), value, headers };
}

function record(kind: FleetRecordKind, more: object): Uint8Array {
  const whose = { fleet: "north", zone: "harbour", droneId: "d1", eventTimeUs: BigInt(T_US), seq: 3n };
  return toBinary(FleetRecordSchema, create(FleetRecordSchema, { ...whose, kind, ...more }));
}

function partial(more: object): Uint8Array {
  const window = { region: "eu", startUs: BigInt(T_US), ...more };
  return toBinary(WindowPartialSchema, create(WindowPartialSchema, window));
}

const BOUNDS = { fleet: "north", zone: "*", startUs: T_US, endUs: T_US + 1, complete: true };

describe("a message as a line", () => {
  for (
    const [topic, value, line] of [
      [
        "fleet-telemetry",
        record(FleetRecordKind.POSITION, {
          latE7: 474_000_000,
          lonE7: -85_000_000,
          vnCms: 300,
          veCms: 400,
          late: true,
        }),
        "north/harbour d1 position 47.4000000 -8.5000000 5.0 m/s late",
      ],
      [
        "fleet-telemetry",
        record(FleetRecordKind.POSITION, { latE7: 0, lonE7: 0, altMslMm: 0, vnCms: 0, veCms: 0 }),
        "north/harbour d1 position 0.0000000 0.0000000 0.0 m 0.0 m/s",
      ],
      [
        "fleet-telemetry",
        record(FleetRecordKind.BATTERY, { remainingCpct: 2550, voltageMv: 15_200 }),
        "north/harbour d1 battery 25.5 % 15.20 V",
      ],
      ["fleet-telemetry", record(FleetRecordKind.NEAR_DUPLICATE, {}), "north/harbour d1 near-duplicate"],
      ["fleet-telemetry", record(FleetRecordKind.OBSTACLES, { rangeCm: 305 }), "north/harbour d1 obstacles 3.05 m"],
      [
        "fleet-metrics",
        json({
          ...{ kind: "tumbling", ...BOUNDS, revision: 0, final: false, missingEdges: ["e1"], dronesReporting: 3 },
          ...{ records: { position: 9 }, battery: { averageCpct: 5000 } },
        }),
        "tumbling north/* 3 drones 9 positions 50.0 % revision 0 without e1",
      ],
      [
        "site-metrics",
        json({ kind: "sliding", ...BOUNDS, revision: 4, final: true, missingEdges: [], speedAverageCms: 510 }),
        "sliding north/* 5.1 m/s revision 4, final",
      ],
      [
        "fleet-alerts",
        json({
          ...{ changedTimeUs: T_US, alertId: 12, transition: "raise", severity: "warning", kind: "conflict" },
          ...{ droneIds: ["d1", "d2"], message: "closest 20 m" },
        }),
        "raise warning conflict 12 d1, d2: closest 20 m",
      ],
      [
        "fleet-losses",
        json({ timeUs: T_US, droneId: "d1", records: 4, reason: "rate", edgeId: "e1" }),
        "d1 4 records rate at e1",
      ],
      [
        "fleet-losses",
        json({ lastEventTimeUs: T_US, droneId: "d1", records: 4, reason: "late", edgeId: "e1" }),
        "d1 4 records late at e1",
      ],
      [
        "fleet-metrics-partial",
        partial({ fleet: "north", zone: "harbour", revision: 2, part: 1, parts: 3, drones: [{ droneId: "d1" }] }),
        "eu north/harbour 1 drones part 2 of 3 revision 2",
      ],
      [
        "fleet-metrics-partial",
        partial({ finalBeforeUs: BigInt(T_US) }),
        "eu: all windows before are final",
      ],
      ["others", null, "k is deleted"],
    ] as [string, Uint8Array | null, string][]
  ) {
    it(`of ${topic} says ${line}`, () => {
      assertEquals(linesOf(topic, { json: false })(messageOf(value)), `2026-09-21T14:13:20.250Z ${line}`);
    });
  }

  it("of anything else is what it is, as is what has no place in a topic", () => {
    for (const topic of ["others", "fleet-alerts", "fleet-telemetry"]) {
      assertEquals(linesOf(topic, { json: false })(messageOf(encoder.encode("plain"))), "plain");
    }
  });

  it("does nothing to a terminal, whatever a drone calls itself", () => {
    const value = record(FleetRecordKind.OBSTACLES, { droneId: "d\x1b[2J\n\u202e\x9b" });
    const hostile = { ...messageOf(value), key: encoder.encode("\x9b") };
    assertMatch(linesOf("fleet-telemetry", { json: false })(hostile), / d\\u\{1b\}\[2J\\u\{a\}\\u\{202e\}\\u\{9b\} /);
    const json = linesOf("fleet-telemetry", { json: true })(hostile);
    assertEquals(/[\p{Cc}\p{Cf}]/u.test(json), false);
    assertEquals(JSON.parse(json).value.droneId, "d\x1b[2J\n\u202e\x9b");
    assertEquals(linesOf("others", { json: false })(messageOf(encoder.encode("a\nb\x1b"))), "a\\u{a}b\\u{1b}");
  });

  it("for programs has all of it, and where it is", () => {
    const read = (topic: string, value: Uint8Array | null) =>
      JSON.parse(linesOf(topic, { json: true })(messageOf(value)));
    const place = { partition: 2, offset: "5", timeMs: T_US / 1000, key: "k", journal: "journal-1", position: "7/0" };
    assertEquals(read("fleet-telemetry", record(FleetRecordKind.BATTERY, { remainingCpct: 2550 })), {
      ...{ topic: "fleet-telemetry", ...place },
      value: {
        ...{ fleet: "north", zone: "harbour", droneId: "d1", seq: "3", eventTimeUs: `${T_US}` },
        ...{ kind: "FLEET_RECORD_KIND_BATTERY", remainingCpct: 2550 },
      },
    });
    assertEquals(read("fleet-alerts", json({ alertId: 1 })), {
      topic: "fleet-alerts",
      ...place,
      value: { alertId: 1 },
    });
    assertEquals(read("others", encoder.encode("plain")).value, "plain");
    assertEquals(read("others", null).value, null);
  });
});
