import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DatabaseSync } from "node:sqlite";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { eraseHere, eraseInThread, Erasures } from "../../aggregator/sinks/erasures.ts";
import { eraseRows } from "../../aggregator/sinks/erasing.ts";
import { type Answer, answer, type Question } from "../../aggregator/sinks/history.ts";
import { openSinks } from "../../aggregator/sinks/sinks.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import type { AlertEvent, Erased, Output } from "../../aggregator/outputs.ts";
import { systemPlatform } from "../../platform/system.ts";
import { alert, drone, TIME_US } from "./fake_pipeline.ts";

const ERASED: Erased = { droneIds: ["gone-7", "gone-7~2"], name: "drone:0123456789" };

const partner = (id: string) => {
  const unknown = { altMslMm: null, trackCdeg: null, speedCms: null, climbCms: null };
  return { ...{ id, crewed: false, latE7: 1, lonE7: 1, ageMs: 0 }, ...unknown };
};

function conflict(alertId: number, [a, b]: [string, string]): AlertEvent {
  const conflict = {
    ...{ timeToClosestMs: 1, closestHorizontalCm: 1, closestVerticalCm: null, horizontalCm: 1, verticalCm: null },
    ...{ timeToEntryMs: 0, assumed: [`${a} without velocity: whatever its course`, `${b} without velocity`] },
    partners: [partner(a), partner(b)],
  };
  const path = { droneId: a, eventTimeUs: 1, edgeInUs: 1, edgeOutUs: 1, aggregatorInUs: 1 };
  const message = `${a} and ${b} are 5 m apart`;
  return { ...alert(alertId), kind: "conflict", droneIds: [a, b], message, path, conflict, obstacle: null };
}

const sliding = (fleet: string, startUs: number, worstDroneId: string): Output => {
  const bounds = { startUs, endUs: startUs + 1, revision: 0, final: false, missingEdges: [], complete: true };
  const drift = { drones: 1, maxHorizontalMm: 1, maxVerticalMm: 1, worstDroneId };
  const content = { speedAverageCms: 1, batteryDrainCpctPerMin: null, drift };
  return { type: "sliding", window: { fleet, zone: "*", ...bounds, ...content } };
};

/** Everything that a database can say of a drone, and of one whose id begins alike. */
function fill(sink: SqliteSink, fleet = "fleet"): void {
  sink.deliver([
    { type: "alert", alert: { ...alert(1), droneIds: ["gone-7"], message: "gone-7 is low" } },
    { type: "alert", alert: conflict(2, ["gone-7", "gone-71"]) },
    { type: "alert", alert: conflict(3, ["gone-7~2", "other"]) },
    { type: "alert", alert: { ...alert(4), droneIds: ["gone-71"], message: "gone-71 is low" } },
    { type: "late", late: { edgeId: "e", droneId: "gone-7", records: 1, firstEventTimeUs: 1, lastEventTimeUs: 1 } },
    { type: "late", late: { edgeId: "e", droneId: "gone-71", records: 1, firstEventTimeUs: 1, lastEventTimeUs: 1 } },
    {
      type: "quarantine",
      quarantine: { what: "batch", edgeId: "e", batchId: "1", records: 1, error: "Cannot: gone-7 is" },
    },
    sliding(fleet, 1, "gone-7"),
    sliding(fleet, 2, "gone-71"),
  ], { journalId: "j", index: 1, atUs: TIME_US });
  sink.keepDrones(["gone-7", "gone-7~2", "gone-71"].map((id) => drone(id)), 0);
  for (const id of ["gone-7", "gone-71"]) {
    sink.take("losses", ["e", "1", 1, id, 1, 1, 1, "bulk", "shed", 1]);
    sink.take("deliveries", ["j", 2, 1, id, 1, "acknowledged", JSON.stringify({ droneId: id })]);
  }
  sink.drain();
}

const bodies = (db: DatabaseSync, sql: string) => db.prepare(sql).all().map(({ body }) => JSON.parse(String(body)));
const ids = (db: DatabaseSync, table: string) =>
  db.prepare(`SELECT drone_id FROM ${table} ORDER BY drone_id`).all().map(({ drone_id }) => drone_id);

describe("eraseRows", () => {
  it("leaves no row of the drone, and of others those about both, with a name in its place", () => {
    const sink = new SqliteSink({ path: ":memory:", queueRowsMax: 100 });
    fill(sink, "gone-7");
    eraseRows(sink.db, ERASED);
    for (const table of ["drones", "losses", "late", "deliveries"]) {
      assertEquals(ids(sink.db, table), ["gone-71"], table);
    }
    const alerts: AlertEvent[] = bodies(sink.db, "SELECT body FROM alerts ORDER BY alert_id");
    const { name } = ERASED;
    assertEquals(alerts.map(({ alertId, droneIds, message }) => [alertId, droneIds, message]), [
      [2, [name, "gone-71"], `${name} and gone-71 are 5 m apart`],
      [3, [name, "other"], `${name} and other are 5 m apart`],
      [4, ["gone-71"], "gone-71 is low"],
    ]);
    assertEquals(alerts[0]?.path?.droneId, name);
    assertEquals(alerts[0]?.conflict?.assumed, [
      `${name} without velocity: whatever its course`,
      "gone-71 without velocity",
    ]);
    assertEquals(alerts[0]?.conflict?.partners.map(({ id }) => id), ["gone-71"]);
    const windows = bodies(sink.db, "SELECT body FROM windows ORDER BY start_us");
    assertEquals(windows.map(({ fleet, drift }) => [fleet, drift.worstDroneId]), [["gone-7", name], [
      "gone-7",
      "gone-71",
    ]]);
    assertEquals(sink.db.prepare("SELECT error FROM quarantine").get()?.error, `Cannot: ${name} is`);
    sink.close();
  });

  it("knows ids with characters that JSON writes otherwise", () => {
    const sink = new SqliteSink({ path: ":memory:", queueRowsMax: 100 });
    const id = 'a"b\\c\u0007é';
    sink.deliver([{ type: "alert", alert: conflict(1, [id, "other"]) }], { journalId: "j", index: 1, atUs: 1 });
    sink.keepDrones([drone(id)], 0);
    sink.drain();
    eraseRows(sink.db, { droneIds: [id], name: "drone:1" });
    assertEquals(ids(sink.db, "drones"), []);
    assertEquals(bodies(sink.db, "SELECT body FROM alerts")[0].droneIds, ["drone:1", "other"]);
    sink.close();
  });
});

describe("the history", () => {
  const QUESTIONS: Question[] = [
    { what: "windows", kind: "sliding", limit: 100 },
    { what: "alerts", limit: 100 },
    { what: "deliveries", limit: 100 },
    { what: "losses", limit: 100 },
    { what: "quarantined", limit: 100 },
    { what: "drone", droneId: "gone-7" },
    { what: "drone", droneId: "gone-71" },
  ];
  const told = (answer: Answer) => "json" in answer ? JSON.parse(new TextDecoder().decode(answer.json)) : answer;

  it("says of who is erased what it says once the database has done that", () => {
    const sink = new SqliteSink({ path: ":memory:", queueRowsMax: 100 });
    fill(sink, "gone-7");
    // About nobody, and about a drone of which nothing is known.
    sink.deliver(
      [{ type: "alert", alert: { ...alert(5), kind: "degraded", droneIds: [], message: "gone-71 fails" } }],
      {
        ...{ journalId: "j", index: 2, atUs: TIME_US },
      },
    );
    sink.drain();
    const before = QUESTIONS.map((question) => told(answer(sink.db, question)));
    const without = QUESTIONS.map((question) => told(answer(sink.db, { ...question, without: [ERASED] })));
    eraseRows(sink.db, ERASED);
    const after = QUESTIONS.map((question) => told(answer(sink.db, question)));
    assertEquals(without, after);
    assertEquals(before.map((told, i) => JSON.stringify(told) === JSON.stringify(after[i])), [
      ...[false, false, false, false, false, false, true],
    ]);
    sink.close();
  });

  it("is asked again where a drone was erased while it was asked", async () => {
    const erasures = new Erasures(() => Promise.resolve());
    const asked: (readonly Erased[] | undefined)[] = [];
    const ask = erasures.askDiscreetly(({ without }) => {
      asked.push(without);
      if (asked.length === 1) erasures.deliver([{ type: "erased", erased: ERASED }]);
      return Promise.resolve({ status: 404, error: `${asked.length}` });
    });
    assertEquals(await ask({ what: "drone", droneId: "gone-7" }), { status: 404, error: "2" });
    assertEquals(asked, [undefined, [ERASED]]);
    await erasures.run();
    await ask({ what: "drone", droneId: "gone-7" });
    assertEquals(asked.length, 3);
    assertEquals(asked[2], undefined);
  });

  it("of an aggregator's sinks says nothing of who is erased, while the database still has it", async () => {
    const folder = await Deno.makeTempDir();
    const config = readAggregatorConfig({ SLIPSTREAM_SQLITE: `${folder}/s.sqlite`, SLIPSTREAM_JOURNAL: ":memory:" });
    const sinks = openSinks(config, { ...systemPlatform("aggregator"), nowUs: () => TIME_US });
    try {
      const place = { journalId: "j", index: 1, atUs: TIME_US };
      sinks.deliver([{ type: "alert", alert: { ...alert(1), droneIds: ["gone-7"] } }], place);
      await sinks.flush();
      const alerts = async () => told(await sinks.askHistory({ what: "alerts", limit: 10 })).length;
      assertEquals(await alerts(), 1);
      sinks.deliver([{ type: "erased", erased: ERASED }], place);
      assertEquals([await alerts(), sinks.owesErasure()], [0, true]);
    } finally {
      await sinks.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
});

describe("the files of a database", () => {
  it("hold nothing of an erased drone: not in free pages, nor in SQLite's log", async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/s.sqlite`;
    const sink = new SqliteSink({ path, queueRowsMax: 100_000 });
    try {
      fill(sink);
      // Rows that were there before, in pages that are free by now.
      for (let i = 0; i < 5000; i++) sink.take("losses", ["e", "2", i, "gone-7", 1, i, i, "bulk", "shed", 1]);
      sink.drain();
      sink.db.exec("PRAGMA secure_delete = OFF; DELETE FROM losses WHERE session = '2'");
      const text = () =>
        [...Deno.readDirSync(folder)].map(({ name }) => Deno.readFileSync(`${folder}/${name}`))
          .map((bytes) => new TextDecoder("latin1").decode(bytes).replaceAll("gone-71", "")).join();
      assertStringIncludes(text(), "gone-7");
      await eraseInThread(path)([ERASED]);
      assertEquals(text().match(/.{20}gone-7.{20}/g)?.slice(0, 3) ?? [], []);
    } finally {
      sink.close();
      await Deno.remove(folder, { recursive: true });
    }
  });

  it("are erased from another time when somebody holds them", async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/s.sqlite`;
    const sink = new SqliteSink({ path, queueRowsMax: 100 });
    try {
      fill(sink);
      const erasures = new Erasures(eraseInThread(path));
      erasures.deliver([{ type: "erased", erased: ERASED }]);
      sink.db.exec("BEGIN IMMEDIATE");
      await assertRejects(() => erasures.run(), Error, "Cannot erase 1 drones from");
      assertEquals(erasures.isOwed, true);
      sink.db.exec("ROLLBACK");
      await erasures.run();
      assertEquals(ids(sink.db, "drones"), ["gone-71"]);
    } finally {
      sink.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
});

describe("Erasures", () => {
  it("tell while they are under way, and are done once", async () => {
    const sink = new SqliteSink({ path: ":memory:", queueRowsMax: 100 });
    let runs = 0;
    const here = eraseHere(sink.db);
    const erasures = new Erasures((erased) => {
      runs++;
      return here(erased);
    });
    erasures.deliver([{ type: "erased", erased: ERASED }, { type: "alert-open", droneId: "x", open: true }]);
    assertEquals([erasures.isUnder, erasures.isOwed], [false, true]);
    const run = Promise.all([erasures.run(), erasures.run()]);
    await Promise.resolve();
    assertEquals([erasures.isUnder, erasures.isOwed], [true, true]);
    await run;
    await erasures.run();
    assertEquals([erasures.isUnder, erasures.isOwed, runs], [false, false, 1]);
    sink.close();
  });
});
