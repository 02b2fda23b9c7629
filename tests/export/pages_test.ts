import { assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type After, type Format, pageOf, statementOf, type Wanted } from "../../aggregator/export/pages.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { outputRow } from "../../aggregator/sinks/rows.ts";
import { alert, TIME_US, tumbling } from "../aggregator/fake_pipeline.ts";
import { parseCsv } from "./parse_csv.ts";

const S = 1_000_000;
const PAGES_MAX = 100;
const WINDOWS = { of: "windows", kind: "tumbling", fromUs: TIME_US, toUs: TIME_US + 10 * S } as const;
const ALERTS = { of: "alerts", fromUs: TIME_US, toUs: TIME_US + 10 * S } as const;

let sink: SqliteSink;

function put(output: Parameters<typeof outputRow>[0], journalId = "j"): void {
  sink.take(...outputRow(output, { journalId, index: 1, atUs: TIME_US, ordinal: 0 })!);
}

function all(wanted: Wanted, { format = "csv" as Format, rowsMax = 2 } = {}): { text: string; pages: number } {
  let [text, pages, after]: [string, number, After | null] = ["", 0, null];
  do {
    const page = pageOf(sink.db, { wanted, format, after, rowsMax });
    text += page.text;
    after = page.after;
    pages++;
  } while (after && pages < PAGES_MAX);
  assertEquals(after, null, "it has no end");
  return { text, pages };
}

const column = (text: string, name: string) => {
  const [head, ...rows] = parseCsv(text);
  return rows.map((row) => row[head!.indexOf(name)]);
};

describe("an export of the history", () => {
  beforeEach(() => {
    sink = new SqliteSink({ path: ":memory:", queueRowsMax: 100_000 });
    for (let second = -1; second <= 10; second++) {
      for (const zone of ["*", "a", 'b"'] as const) put(tumbling(TIME_US + second * S, { zone }));
    }
    sink.drain();
  });
  afterEach(() => sink.close());

  it("has each window of the range once, oldest first, however its pages fall", () => {
    for (const rowsMax of [1, 2, 3, 7, 1000]) {
      const { text } = all(WINDOWS, { rowsMax });
      const expected = Array.from(
        { length: 10 },
        (_, i) => ["*", "a", 'b"'].map((zone) => `${TIME_US + i * S} ${zone}`),
      );
      const zones = column(text, "zone");
      assertEquals(column(text, "startUs").map((start, i) => `${start} ${zones[i]}`), expected.flat());
    }
  });

  it("has those of one fleet or zone", () => {
    assertEquals(column(all({ ...WINDOWS, zone: "a" }).text, "zone"), Array(10).fill("a"));
    assertEquals(column(all({ ...WINDOWS, fleet: "another" }).text, "zone"), []);
    assertEquals(column(all({ ...WINDOWS, kind: "sliding" }).text, "zone"), []);
  });

  it("is one collection of features, however its pages fall", () => {
    for (const rowsMax of [1, 4, 1000]) {
      const { type, features } = JSON.parse(all(WINDOWS, { format: "geojson", rowsMax }).text);
      assertEquals([type, features.length, features[0].type], ["FeatureCollection", 30, "Feature"]);
      assertEquals(features[3].properties.startUs, TIME_US + S);
    }
    assertEquals(JSON.parse(all({ ...WINDOWS, fromUs: 0, toUs: 1 }, { format: "geojson" }).text).features, []);
  });

  it("has alerts that changed at one time, of several journals, once each", () => {
    for (const journal of ["one", "two"]) {
      for (let id = 1; id <= 3; id++) put({ type: "alert", alert: alert(id, { changedTimeUs: TIME_US + 5 }) }, journal);
    }
    put({ type: "alert", alert: alert(9, { changedTimeUs: TIME_US + 10 * S }) });
    sink.drain();
    for (const rowsMax of [1, 2, 1000]) {
      assertEquals(column(all(ALERTS, { rowsMax }).text, "alertId"), ["1", "1", "2", "2", "3", "3"]);
    }
  });

  it("has places of crowds, and of no other alert", () => {
    const crowd = { drones: 9, latE7: 474_000_000, lonE7: 85_000_000, radiusCm: 100 };
    put({ type: "alert", alert: alert(1, { changedTimeUs: TIME_US + 1, crowd }) });
    put({ type: "alert", alert: alert(2, { changedTimeUs: TIME_US + 2 }) });
    sink.drain();
    const { features } = JSON.parse(all(ALERTS, { format: "geojson" }).text);
    assertEquals(features.map(({ geometry }: { geometry: unknown }) => geometry), [
      { type: "Point", coordinates: [8.5, 47.4] },
      null,
    ]);
  });

  it("makes no page longer than it may be, whatever rows have", () => {
    const message = "x".repeat(100_000);
    for (let id = 1; id <= 20; id++) put({ type: "alert", alert: alert(id, { message, changedTimeUs: TIME_US + id }) });
    sink.drain();
    const { text, after } = pageOf(sink.db, { wanted: ALERTS, format: "csv", after: null, rowsMax: 1000 });
    assertLess(text.length, 500_000);
    assertGreater(after!.length, 0);
    assertEquals(column(all(ALERTS, { rowsMax: 1000 }).text, "alertId").length, 20);
  });

  it("begins each page by an index, however many rows are in front of it", () => {
    const wanted: [Wanted, After][] = [
      [WINDOWS, [TIME_US, "f", "z"]],
      [{ ...WINDOWS, fleet: "f" }, [TIME_US, "f", "z"]],
      [{ ...WINDOWS, zone: "z" }, [TIME_US, "f", "z"]],
      [{ ...WINDOWS, fleet: "f", zone: "z" }, [TIME_US, "f", "z"]],
      [ALERTS, [TIME_US, 1, 1]],
    ];
    for (const [of, last] of wanted) {
      for (const after of [null, last]) {
        const { sql, values } = statementOf(of, after);
        const [first] = sink.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values, 5).map(({ detail }) => `${detail}`);
        assertMatch(first!, /^SEARCH \w+ USING INDEX \w+ \(.*(start_us|changed_us)>\? AND \1<\?\)$/);
      }
    }
  });
});
