import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Ask, askHere } from "../../aggregator/sinks/history.ts";
import { Retention, type RetentionSettings } from "../../aggregator/sinks/retention.ts";
import { droneRow, outputRow } from "../../aggregator/sinks/rows.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { drone, TIME_US, tumbling } from "./fake_pipeline.ts";

const S = 1_000_000;
const LIMITS = { retentionUs: 3600 * S, retentionRowsMax: 1000, keptUs: 1e16 };

interface Rig {
  sink: SqliteSink;
  retention: Retention;
  /** Seconds after TIME_US of the windows that are left. */
  windows: () => number[];
}

async function withWindows(
  { count, path = ":memory:", ask, ...limits }:
    & { count: number; path?: string; ask?: Ask }
    & Partial<RetentionSettings>,
  test: (rig: Rig) => void | Promise<void>,
): Promise<void> {
  const sink = new SqliteSink({ path, queueRowsMax: 10_000 });
  for (let s = 0; s < count; s++) {
    sink.take(...outputRow(tumbling(TIME_US + s * S), { journalId: "j", index: s, atUs: TIME_US, ordinal: 0 })!);
  }
  sink.drain();
  const retention = new Retention({ ...LIMITS, ...limits }, { db: sink.db, ask: ask ?? askHere(sink.db) });
  const windows = () =>
    sink.db.prepare("SELECT start_us FROM windows ORDER BY start_us").all()
      .map(({ start_us }) => (Number(start_us) - TIME_US) / S);
  try {
    await test({ sink, retention, windows });
  } finally {
    sink.close();
  }
}

function sliding(startUs: number) {
  const drift = { drones: 1, maxHorizontalMm: 1, maxVerticalMm: 1, worstDroneId: "drone-1" };
  return ["sliding", "f", "z", startUs, startUs + S, 0, 1, JSON.stringify({ drift })];
}

function tumblingRow(startUs: number) {
  return ["tumbling", "f", "z", startUs, startUs + S, 0, 1, JSON.stringify({ records: {} })];
}

describe("the retention", () => {
  it("deletes what is older, of each table in turn", async () => {
    await withWindows({ count: 12, retentionUs: 10 * S }, ({ sink, retention, windows }) => {
      sink.take("drones", droneRow(drone("old", { lastIngestionTimeUs: TIME_US - 11 * S })));
      sink.take("drones", droneRow(drone("new", { lastIngestionTimeUs: TIME_US + 4 * S })));
      sink.flush();
      const deleted = [retention.expireSome(TIME_US + 14 * S), retention.expireSome(TIME_US + 14 * S)];
      assertEquals(deleted, [4, 1]);
      assertEquals(windows(), [4, 5, 6, 7, 8, 9, 10, 11]);
      assertEquals(sink.db.prepare("SELECT drone_id FROM drones").all().map(({ drone_id }) => drone_id), ["new"]);
      assertEquals(retention.expireSome(TIME_US + 14 * S), 0);
    });
  });

  it("keeps what names a drone for no longer than that may be, and windows without its name", async () => {
    const worstOf = (sink: SqliteSink) =>
      sink.db.prepare("SELECT json_extract(body, '$.drift.worstDroneId') AS id FROM windows ORDER BY start_us").all()
        .map(({ id }) => id);
    await withWindows({ count: 0, keptUs: 10 * S }, ({ sink, retention }) => {
      for (let s = 0; s < 600; s++) sink.take("windows", sliding(TIME_US + s * S));
      sink.take("windows", tumblingRow(TIME_US));
      sink.take("drones", droneRow(drone("old", { lastIngestionTimeUs: TIME_US - 11 * S })));
      sink.drain();
      assertEquals(retention.expireSome(TIME_US), 1, "the drone");
      const nowUs = TIME_US + 590 * S;
      for (let turn = 0; turn < 4; turn++) assertEquals(retention.expireSome(nowUs), 0, "windows stay");
      const worst = worstOf(sink);
      assertEquals(worst.filter((id) => id === "").length, 580);
      assertEquals(worst.slice(-20), Array(20).fill("drone-1"));
    });
  });

  it("deletes the oldest beyond so many rows, once it was measured", async () => {
    await withWindows({ count: 12, retentionRowsMax: 4 }, async ({ retention, windows }) => {
      assertEquals(retention.expireSome(TIME_US), 0);
      await retention.measure();
      assertEquals(retention.expireSome(TIME_US), 8);
      assertEquals(windows(), [8, 9, 10, 11]);
      await retention.measure();
      assertEquals(retention.expireSome(TIME_US), 0);
    });
  });

  it("keeps what it has when the history does not answer", async () => {
    const ask: Ask = () => Promise.resolve({ status: 503, error: "Cannot look it up" });
    await withWindows({ count: 12, retentionRowsMax: 4, ask }, async ({ retention, windows }) => {
      await retention.measure();
      assertEquals([retention.expireSome(TIME_US), windows().length], [0, 12]);
    });
  });

  it("holds up nobody for more than a few rows, and gets through all of them", async () => {
    await withWindows({ count: 600, retentionUs: S }, ({ retention, windows }) => {
      const steps = Array.from({ length: 4 }, () => retention.expireSome(TIME_US + 10_000 * S));
      assertEquals([steps, windows()], [[250, 250, 100, 0], []]);
    });
  });

  it("does not wait for a locked database ten times a second", async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/results.sqlite`;
    await withWindows({ count: 5, path, retentionUs: S }, async ({ retention }) => {
      using other = new DatabaseSync(path);
      other.exec("BEGIN EXCLUSIVE");
      assertThrows(() => retention.expireSome(TIME_US + 10_000 * S), Error, "locked");
      assertEquals(retention.expireSome(TIME_US + 10_000 * S), 0, "nothing was tried");
      other.exec("ROLLBACK");
      await retention.measure();
      assertEquals(retention.expireSome(TIME_US + 10_000 * S), 5);
    });
    await Deno.remove(folder, { recursive: true });
  });
});
