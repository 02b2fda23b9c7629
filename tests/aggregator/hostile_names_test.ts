// Names that are made to be taken for others, through everything that keeps something under a name.
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { listWindows } from "../../aggregator/api/operations/windows.ts";
import type { TumblingWindow } from "../../aggregator/outputs.ts";
import type { DroneView } from "../../aggregator/views.ts";
import { scopeKey, scopeOf } from "../../aggregator/pipeline/drones/scope.ts";
import { answer, type Question } from "../../aggregator/sinks/history.ts";
import { PositionChanges, type PositionRow } from "../../aggregator/sinks/positions.ts";
import { droneRow, outputRow } from "../../aggregator/sinks/rows.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { Diff } from "../../aggregator/replay/diff.ts";
import { Warnings } from "../../aggregator/warnings/warnings.ts";
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { AlertOutcome } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { subjectOf } from "../../sim/truth.ts";
import type { Row } from "../pipeline/build_batch.ts";
import { FLYING, S, Scene, T0 } from "../pipeline/scene.ts";
import { alert, drone, TIME_US, tumbling } from "./fake_pipeline.ts";

/** Each of them is a different one. */
export const NAMES = [
  ...[
    "a",
    "a|b",
    "b|c",
    "c",
    "a/b",
    "1/a",
    "0/a",
    "a~2",
    "~",
    " a",
    "a ",
    "a b",
    "a\nb",
    "a\tb",
    'a"b',
    "a'b",
    "a\\b",
    "[a]",
  ],
  ...["\uFEFFa", "a\uFEFF", "\uFEFF", "é", "e\u0301", "😀", "*", "%", "a%", "A", "null", "__proto__", "constructor"],
  ...['["a","b"]', "edge/a", "link/a", "a@b", "'; DROP TABLE drones; --", "\u0000a"],
];

/** Pairs of a fleet and a zone, of which no two are the same. */
const PLACES = NAMES.flatMap((fleet) => ["", ...NAMES].map((zone) => ({ fleet, zone })));

describe("names of any characters", () => {
  it("of fleets and zones are a scope each, and come back from it", () => {
    assertEquals(new Set(PLACES.map(({ fleet, zone }) => scopeKey(fleet, zone))).size, PLACES.length);
    for (const place of PLACES) assertEquals(scopeOf(scopeKey(place.fleet, place.zone)), place);
  });

  it("of drones are one drone each, with alerts of its own that end with its own", () => {
    const scene = new Scene();
    const slots = NAMES.map((droneId, i) => ({
      slot: i + 1,
      droneId,
      fleet: droneId,
      zone: i % 2 === 0 ? "" : droneId,
    }));
    const send = (of: (slot: number) => boolean, seq: number, remainingCpct: number) => {
      for (const { slot, ...names } of slots.filter(({ slot }) => of(slot))) {
        const row: Row = { kind: "battery", slot, seq, eventTimeUs: scene.nowUs, flags: FLYING, remainingCpct };
        // Each through an edge that goes by its name.
        scene.send([row], { slots: [{ slot, ...names }], edgeId: names.droneId });
      }
    };
    for (let seq = 1; seq <= 130; seq++) {
      send(() => true, seq, 500);
      scene.flyTo(scene.nowS + 0.1);
    }
    const open = (kind: string) => {
      const alerts = scene.pipeline.openAlerts().filter((alert) => alert.kind === kind);
      return alerts.map(({ droneIds }) => droneIds.join()).sort();
    };
    assertEquals(open("battery-critical"), NAMES.toSorted());
    assertEquals(scene.pipeline.openAlertDrones().sort(), NAMES.toSorted());
    scene.flyTo(scene.nowS + 4);
    assertEquals(open("link-loss"), NAMES.toSorted());
    send((slot) => slot % 2 === 0, 1000, 9000);
    assertEquals(open("link-loss"), NAMES.filter((_, i) => i % 2 === 0).sort());
    const windows = scene.outputs.flatMap((of) =>
      of.type === "tumbling" && of.window.startUs === T0 + S ? [of.window] : []
    );
    for (const [i, fleet] of NAMES.entries()) {
      const zones = windows.filter((window) => window.fleet === fleet).map(({ zone }) => zone);
      assertEquals(new Set(zones), new Set(["*", i % 2 === 0 ? "" : fleet]), JSON.stringify(fleet));
    }
  });

  it("of edges are one edge each, whose loss is its own", () => {
    const scene = new Scene();
    for (const [i, edgeId] of NAMES.entries()) {
      const row: Row = { kind: "battery", slot: 1, seq: 1, eventTimeUs: scene.nowUs, flags: FLYING };
      scene.send([row], { slots: [{ slot: 1, droneId: `d${i}` }], edgeId });
    }
    const lost = NAMES.filter((_, i) => i % 3 === 0);
    for (const edgeId of lost) scene.pipeline.edgeChanged({ edgeId, presence: EdgePresence.LOST });
    scene.flyTo(5);
    const told = scene.pipeline.openAlerts().filter(({ kind }) => kind === "edge-lost");
    assertEquals(told.map(({ detail }) => detail).sort(), lost.map((edgeId) => `edge/${edgeId}`).sort());
    assertEquals(told.flatMap(({ droneIds }) => droneIds), NAMES.flatMap((_, i) => i % 3 === 0 ? [`d${i}`] : []));
    const silent = scene.pipeline.openAlerts().filter(({ kind }) => kind === "link-loss");
    assertEquals(silent.length, NAMES.length - lost.length);
  });

  it("are rows of their own in SQLite, and found by exactly that name", () => {
    const sqlite = new SqliteSink({ path: ":memory:", queueRowsMax: 5000 });
    try {
      for (const droneId of NAMES) sqlite.take("drones", droneRow({ ...drone("x"), droneId } satisfies DroneView));
      for (const place of PLACES) {
        sqlite.take(...outputRow(tumbling(TIME_US, place), { journalId: "j", index: 1, atUs: TIME_US, ordinal: 0 })!);
      }
      sqlite.drain();
      const ask = (question: Question) => {
        const told = answer(sqlite.db, question);
        if ("error" in told) throw new Error(told.error);
        return JSON.parse(new TextDecoder().decode(told.json));
      };
      for (const droneId of NAMES) assertEquals(ask({ what: "drone", droneId }).droneId, droneId);
      for (const { fleet, zone } of PLACES) {
        const { from: fromUs, to: toUs, ...rest } = listWindows.query.parse({ fleet, zone });
        const found: TumblingWindow[] = ask({ what: "windows", ...rest, fromUs, toUs });
        assertEquals(found.map((window) => [window.fleet, window.zone]), [[fleet, zone]]);
      }
    } finally {
      sqlite.close();
    }
  });

  it("are windows of their own where a replay is compared with what was live", () => {
    const sqlite = new SqliteSink({ path: ":memory:", queueRowsMax: 5000 });
    try {
      const diff = new Diff({ journalId: "j", fromUs: 0, toUs: Infinity });
      for (const place of PLACES) {
        const output = tumbling(TIME_US, { ...place, final: true });
        diff.add(output);
        sqlite.take(...outputRow(output, { journalId: "j", index: 1, atUs: TIME_US, ordinal: 0 })!);
      }
      sqlite.drain();
      assertEquals(diff.compare(sqlite.db), { equal: PLACES.length, furtherRevised: 0, differences: [] });
    } finally {
      sqlite.close();
    }
  });

  it("are warned each by a warning of its own, and their answers are theirs", () => {
    const ended: string[] = [];
    const warnings = new Warnings({
      nowUs: () => TIME_US,
      clock: () => 0,
      usedId: (droneId) => droneId,
      edgeOf: () => "e1",
      edges: () => ["e1"],
      send: () => {},
      openAlerts: () => [],
      onReport: ({ droneId }) => ended.push(droneId),
    });
    warnings.take([{ ...alert(1), kind: "conflict", droneIds: NAMES }]);
    for (const droneId of NAMES) {
      warnings.receipts("e1", [{
        $typeName: "slipstream.v1.AlertReceipt",
        ...{ droneId, alertId: 1n, revision: 1, outcome: AlertOutcome.ACKNOWLEDGED },
        ...{ edgeSentUs: 0n, edgeAcknowledgedUs: 0n, droneReceivedUs: 0n, trace: new Uint8Array() },
      }]);
      assertEquals(ended.at(-1), droneId);
    }
    assertEquals(ended, NAMES);
  });

  it("are drones of their own on a map, and subjects of their own in the ground truth", () => {
    const changes = new PositionChanges();
    const rows = NAMES.map((droneId): PositionRow => [droneId, 1, 2, null, null, 1, null, null, null, null]);
    assertEquals(changes.take(rows).changed.map(([droneId]) => droneId), NAMES);
    assertEquals(changes.take(rows.slice(1)), { changed: [], gone: [NAMES[0]!] });
    const pairs = NAMES.flatMap((a) => NAMES.filter((b) => a < b).map((b) => [a, b]));
    const subjects = [...NAMES.map((name) => [name]), ...pairs].map(subjectOf);
    assertEquals(new Set(subjects).size, subjects.length);
  });
});
