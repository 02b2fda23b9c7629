import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { AlertEvent, Output } from "../../aggregator/outputs.ts";
import { AlertChanges } from "../../aggregator/sinks/alert_changes.ts";
import { eraseRows } from "../../aggregator/sinks/erasing.ts";
import { endOf, openAlerts } from "../../aggregator/sinks/orphans.ts";
import { outputRow } from "../../aggregator/sinks/rows.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { changesIn } from "../../aggregator/webhooks/changes.ts";
import { alert, TIME_US, tumbling } from "../aggregator/fake_pipeline.ts";

const PLACE = { journalId: "j", index: 1, atUs: TIME_US };

function withSink(test: (sink: SqliteSink, kept: () => string[]) => void, queueRowsMax = 100): void {
  const sink = new SqliteSink({ path: ":memory:", queueRowsMax });
  const kept = () => {
    sink.drain();
    return changesIn(sink.db).after(0, 100).map(({ id, alertId, revision }) => `${id}: ${alertId}_${revision}`);
  };
  try {
    test(sink, kept);
  } finally {
    sink.close();
  }
}

const told = (alertId: number, over: Partial<AlertEvent> = {}): Output => ({
  type: "alert",
  alert: alert(alertId, over),
});

describe("AlertChanges", () => {
  it("keeps each transition once, in the order in which they came, without a gap between", () => {
    withSink((sqlite, kept) => {
      const changes = new AlertChanges({ sqlite, askers: () => [{ reminders: false }] });
      const outputs = [told(1), told(1, { revision: 2, transition: "escalate" }), told(2)];
      changes.deliver(outputs, PLACE);
      assertEquals(kept(), ["1: 1_1", "2: 1_2", "3: 2_1"]);
      // Recovery delivers them again.
      changes.deliver([...outputs, told(2, { revision: 2, transition: "resolve" })], PLACE);
      assertEquals(kept(), ["1: 1_1", "2: 1_2", "3: 2_1", "4: 2_2"]);
      changes.deliver([told(1)], { ...PLACE, journalId: "another" });
      assertEquals(kept().length, 5);
    });
  });

  it("keeps reminders where somebody wants them, and nothing where nobody asks", () => {
    withSink((sqlite, kept) => {
      const remind = told(1, { revision: 2, transition: "remind" });
      new AlertChanges({ sqlite, askers: () => [{ reminders: false }] }).deliver([remind], PLACE);
      new AlertChanges({ sqlite, askers: () => [] }).deliver([remind], PLACE);
      assertEquals(kept(), []);
      new AlertChanges({ sqlite, askers: () => [{ reminders: false }, { reminders: true }] }).deliver([remind], PLACE);
      assertEquals(kept(), ["1: 1_2"]);
    });
  });

  it("has room where nothing else has any", () => {
    withSink((sqlite, kept) => {
      const changes = new AlertChanges({ sqlite, askers: () => [{ reminders: false }] });
      for (let i = 0; i < 5; i++) sqlite.take(...outputRow(tumbling(TIME_US + i), { ...PLACE, ordinal: i })!);
      changes.deliver([1, 2, 3, 4, 5].map((alertId) => told(alertId)), PLACE);
      assertEquals(sqlite.view.droppedRows, 1 + 1);
      assertEquals(kept(), ["1: 1_1", "2: 2_1", "3: 3_1", "4: 4_1"]);
    }, 4);
  });

  it("forgets a drone that is erased, and names the other of two only", () => {
    withSink((sqlite, kept) => {
      const changes = new AlertChanges({ sqlite, askers: () => [{ reminders: false }] });
      changes.deliver([told(1, { droneIds: ["a"] }), told(2, { droneIds: ["a", "b"], message: "a meets b" })], PLACE);
      kept();
      eraseRows(sqlite.db, { droneIds: ["a"], name: "drone:1" });
      assertEquals(kept(), ["2: 2_1"]);
      const [left] = changesIn(sqlite.db).after(0, 1);
      assertEquals([left?.alert.droneIds, left?.alert.message], [["drone:1", "b"], "drone:1 meets b"]);
    });
  });
});

describe("alerts that nobody can end any more", () => {
  it("are those that were open before, and end the same however often it is said", () => {
    withSink((sqlite) => {
      for (const [journalId, output] of [["j", told(1)], ["operations", told(9)], ["j", told(2)]] as const) {
        sqlite.deliver([output], { ...PLACE, journalId });
      }
      sqlite.deliver([told(2, { transition: "resolve", revision: 2 })], { ...PLACE, index: 2 });
      // Somebody else has written into it.
      sqlite.take("alerts", ["j", 3, "conflict", "raise", 1, 1, "no JSON", 1]);
      sqlite.drain();
      const before = openAlerts(sqlite.db);
      assertEquals(before.map(({ journalId, alert }) => [journalId, alert.alertId]), [["j", 1], ["operations", 9]]);
      for (const orphan of before) {
        sqlite.deliver([endOf(orphan, { atUs: TIME_US + 5 })], { ...orphan, atUs: TIME_US + 5 });
      }
      sqlite.drain();
      assertEquals(openAlerts(sqlite.db), []);
      const rows = sqlite.db.prepare("SELECT json_extract(body, '$.revision') AS n FROM alerts WHERE alert_id = 9")
        .all();
      assertEquals(rows.map(({ n }) => n), [2]);
    });
  });
});
