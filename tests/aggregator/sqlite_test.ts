import { DatabaseSync } from "node:sqlite";
import { create } from "@bufbuild/protobuf";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { AlertEvent, Output, TumblingWindow } from "../../aggregator/outputs.ts";
import type { LossView } from "../../aggregator/batch/losses.ts";
import { answer, type QuarantinedView, type Question } from "../../aggregator/sinks/history.ts";
import { droneRow, lossRow, outputRow } from "../../aggregator/sinks/rows.ts";
import { SqliteSink, type SqliteSinkSettings } from "../../aggregator/sinks/sqlite.ts";
import { Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { LossSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { alert, drone, TIME_US, tumbling } from "./fake_pipeline.ts";

const S = 1_000_000;
const late = { edgeId: "edge-1", droneId: "d", records: 2, firstEventTimeUs: TIME_US, lastEventTimeUs: TIME_US + 5 };

function withSink(over: Partial<SqliteSinkSettings>, test: (sink: SqliteSink) => void): void {
  const sink = new SqliteSink({ path: ":memory:", queueRowsMax: 1000, ...over });
  try {
    test(sink);
  } finally {
    sink.close();
  }
}

/** What the history answers. */
function ask<T>(sink: SqliteSink, question: Question): T {
  const answered = answer(sink.db, question);
  if ("error" in answered) throw new Error(answered.error);
  return JSON.parse(new TextDecoder().decode(answered.json));
}

function windows(sink: SqliteSink, query: Partial<Extract<Question, { what: "windows" }>> = {}): TumblingWindow[] {
  return ask(sink, { what: "windows", kind: "tumbling", limit: 100, ...query });
}

function deliver(sink: SqliteSink, outputs: Output[], atUs = TIME_US): void {
  for (const [ordinal, output] of outputs.entries()) {
    const row = outputRow(output, { journalId: "j1", index: atUs, atUs, ordinal });
    if (row) sink.take(...row);
  }
}

function count(sink: SqliteSink, table: string): number {
  return Number(sink.db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
}

describe("SqliteSink", () => {
  it("goes on with a database that an earlier version wrote", () => {
    const path = Deno.makeTempFileSync({ suffix: ".sqlite" });
    try {
      using before = new DatabaseSync(path);
      before.exec(`
        CREATE TABLE alerts (journal TEXT NOT NULL, alert_id INTEGER NOT NULL, kind TEXT NOT NULL, transition TEXT NOT NULL,
          changed_us INTEGER NOT NULL, written_us INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (journal, alert_id));
        CREATE TABLE late (journal TEXT NOT NULL, at_us INTEGER NOT NULL, ordinal INTEGER NOT NULL, edge_id TEXT NOT NULL,
          drone_id TEXT NOT NULL, records INTEGER NOT NULL, first_event_us INTEGER NOT NULL, last_event_us INTEGER NOT NULL,
          PRIMARY KEY (journal, at_us, ordinal));
        CREATE INDEX late_by_time ON late (at_us);
        CREATE INDEX alerts_by_time ON alerts (changed_us);
        CREATE TABLE quarantine (journal TEXT NOT NULL, entry INTEGER NOT NULL, ordinal INTEGER NOT NULL, at_us INTEGER NOT NULL,
          what TEXT NOT NULL, edge_id TEXT NOT NULL, batch_id TEXT NOT NULL, records INTEGER NOT NULL, error TEXT NOT NULL,
          PRIMARY KEY (journal, entry, ordinal));
        CREATE INDEX quarantine_by_time ON quarantine (at_us);
        INSERT INTO alerts VALUES ('j1', 1, 'battery-low', 'raise', ${TIME_US}, ${TIME_US + 3600 * S}, '{}');
        INSERT INTO late VALUES ('j1', ${TIME_US}, 0, 'edge-1', 'd', 2, 1, 2);`);
      before.close();
      for (let opened = 0; opened < 2; opened++) {
        withSink({ path }, (sink) => {
          deliver(sink, [{ type: "alert", alert: alert(1, { transition: "resolve" }) }, { type: "late", late }], 7);
          sink.flush();
          const { transition } = sink.db.prepare("SELECT transition FROM alerts").get() ?? {};
          assertEquals([transition, count(sink, "late"), count(sink, "late_before_entries")], ["resolve", 1, 1]);
          const useless = "SELECT name FROM sqlite_master WHERE name IN ('alerts_by_time', 'quarantine_by_time')";
          assertEquals(sink.db.prepare(useless).all(), [], "indexes that others stand for");
        });
      }
    } finally {
      Deno.removeSync(path);
    }
  });

  it("keeps alerts in the order of the journal's entries, whatever its host's clock does", () => {
    withSink({}, (sink) => {
      for (const [index, transition] of [[1, "raise"], [2, "escalate"], [3, "resolve"], [2, "escalate"]] as const) {
        const place = { journalId: "j1", index, atUs: TIME_US - index * S, ordinal: 0 };
        sink.take(...outputRow({ type: "alert", alert: alert(1, { transition }) }, place)!);
      }
      sink.flush();
      assertEquals(sink.db.prepare("SELECT transition FROM alerts").get()?.transition, "resolve");
    });
  });

  it("keeps what was quarantined, each entry once", () => {
    withSink({}, (sink) => {
      const told = { edgeId: "edge-1", batchId: "ab", records: 3, error: "Cannot read it" };
      for (let again = 0; again < 2; again++) {
        deliver(sink, [{ type: "quarantine", quarantine: { what: "batch", ...told } }], 9);
      }
      sink.flush();
      assertEquals(ask<QuarantinedView[]>(sink, { what: "quarantined", limit: 10 }), [{
        entry: 9,
        atUs: 9,
        what: "batch",
        ...told,
      }]);
    });
  });

  it("is the same after a second delivery of everything", () => {
    withSink({}, (sink) => {
      const loss = create(LossSchema, {
        timeUs: BigInt(TIME_US),
        droneId: "d",
        bootId: 4,
        range: { firstSeq: 5, lastSeq: 9 },
        lane: Lane.BULK,
        reason: RefusalReason.NODE_RATE,
        records: 5,
      });
      const once = () => {
        deliver(sink, [tumbling(TIME_US), { type: "late", late }, { type: "late", late }]);
        deliver(sink, [{ type: "alert", alert: alert(1) }], TIME_US + 1);
        sink.take("losses", lossRow(loss, { edgeId: "edge-1", session: 0xffff_ffff_ffff_ffffn }));
        sink.take("drones", droneRow(drone("d")));
        sink.flush();
        const tables = ["windows", "alerts", "drones", "losses", "late"];
        return tables.map((table) => sink.db.prepare(`SELECT * FROM ${table}`).all());
      };
      const first = once();
      assertEquals(first.map((rows) => rows.length), [1, 1, 1, 1, 2]);
      assertEquals(once(), first);
      const [view] = ask<LossView[]>(sink, { what: "losses", limit: 10 });
      assertEquals([view?.lane, view?.reason], ["bulk", "node-rate"]);
      assertEquals(view?.session, `${2n ** 64n - 1n}`);
      assertEquals(ask(sink, { what: "drone", droneId: "d" }), drone("d"));
    });
  });

  it("keeps a loss whatever time it is said to be of, at one that can be told", () => {
    withSink({}, (sink) => {
      for (const timeUs of [2n ** 60n, -(2n ** 63n), 2n ** 63n - 1n]) {
        const loss = create(LossSchema, {
          timeUs,
          droneId: `d${timeUs}`,
          bootId: 4,
          range: { firstSeq: 5, lastSeq: 9 },
        });
        sink.take("losses", lossRow(loss, { edgeId: "edge-1", session: 5n }));
      }
      sink.flush();
      const times = ask<LossView[]>(sink, { what: "losses", limit: 10 }).map(({ timeUs }) => timeUs);
      assertEquals(times, [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 0]);
    });
  });

  it("keeps the latest revision of a window, in whatever order they arrive", () => {
    withSink({}, (sink) => {
      deliver(sink, [
        tumbling(TIME_US, { revision: 1, dronesReporting: 7 }),
        tumbling(TIME_US, { revision: 1, dronesReporting: 7, final: true }),
        tumbling(TIME_US, { revision: 0, dronesReporting: 3 }),
        tumbling(TIME_US, { revision: 1, dronesReporting: 7 }),
      ]);
      sink.flush();
      assertEquals(windows(sink).map(({ revision, final }) => [revision, final]), [[1, true]]);
    });
  });

  it("finds windows by kind, fleet, zone and time, newest first", () => {
    withSink({}, (sink) => {
      for (let s = 0; s < 5; s++) {
        deliver(sink, [tumbling(TIME_US + s * S), tumbling(TIME_US + s * S, { zone: "north" })]);
        deliver(sink, [tumbling(TIME_US + s * S, { fleet: "other" })]);
      }
      sink.flush();
      const query = {
        kind: "tumbling",
        fleet: "fleet",
        zone: "*",
        fromUs: TIME_US + S,
        toUs: TIME_US + 4 * S,
      } as const;
      const starts = windows(sink, { ...query, limit: 2 }).map(({ startUs }) => startUs);
      assertEquals(starts, [TIME_US + 3 * S, TIME_US + 2 * S]);
      assertEquals(windows(sink).length, 15);
      assertEquals(windows(sink, { kind: "sliding" }), []);
    });
  });

  it("keeps an alert's latest state, and does not mix up the alerts of two journals", () => {
    withSink({}, (sink) => {
      deliver(sink, [{ type: "alert", alert: alert(1) }], TIME_US);
      deliver(sink, [{ type: "alert", alert: alert(1, { transition: "resolve" }) }], TIME_US + 2);
      deliver(sink, [{ type: "alert", alert: alert(1) }], TIME_US);
      sink.take(
        ...outputRow({ type: "alert", alert: alert(1) }, { journalId: "j2", index: 1, atUs: TIME_US, ordinal: 0 })!,
      );
      sink.flush();
      assertEquals(ask<AlertEvent[]>(sink, { what: "alerts", limit: 10 }).map(({ transition }) => transition).sort(), [
        "raise",
        "resolve",
      ]);
    });
  });

  it("counts the rows it drops when the queue is full", () => {
    withSink({ queueRowsMax: 3 }, (sink) => {
      const taken = Array.from({ length: 5 }, (_, i) => sink.take("drones", droneRow(drone(`d${i}`))));
      assertEquals(taken, [true, true, true, false, false]);
      assertEquals([sink.view.queuedRows, sink.view.droppedRows], [3, 2]);
      sink.flush();
      assertEquals([sink.view.writtenRows, count(sink, "drones")], [3, 3]);
    });
  });

  it("keeps its rows while the database is locked, and writes them afterwards", async () => {
    const folder = await Deno.makeTempDir();
    try {
      withSink({ path: `${folder}/results.sqlite` }, (sink) => {
        using other = new DatabaseSync(`${folder}/results.sqlite`);
        other.exec("BEGIN EXCLUSIVE");
        sink.take("drones", droneRow(drone("kept")));
        assertThrows(() => sink.flush(), Error, "they wait");
        assertEquals([sink.view.queuedRows, sink.view.droppedRows], [1, 0]);
        other.exec("ROLLBACK");
        sink.drain();
        assertEquals([sink.view.queuedRows, count(sink, "drones")], [0, 1]);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  it("drops and counts the rows of a flush that no later one could write, and goes on", () => {
    withSink({}, (sink) => {
      sink.take("drones", droneRow(drone("good")));
      sink.take("drones", ["too few values"]);
      assertThrows(() => sink.flush(), Error, "Cannot write 2 rows");
      sink.take("drones", droneRow(drone("next")));
      sink.flush();
      assertEquals([sink.view.droppedRows, sink.view.writtenRows, sink.view.failures], [2, 1, 1]);
    });
  });
});
