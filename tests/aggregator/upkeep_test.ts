import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { until } from "../e2e/system.ts";
import { platform, withAggregator } from "./rig.ts";

const HOUR_US = 3_600_000_000;

function fill(path: string, rows: number, nowUs: number): void {
  const sink = new SqliteSink({ path, queueRowsMax: rows });
  for (let i = 0; i < rows; i++) {
    sink.take("alerts", ["j", i, "conflict", "raise", nowUs - i * 1000, 1, `"${"x".repeat(5000)}"`, i]);
  }
  sink.close();
}

describe("the aggregator's database", () => {
  it("is kept within its limits and its log short, a little each time, while it runs", async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/results.sqlite`;
    fill(path, 1000, Date.now() * 1000);
    const config = {
      ...readAggregatorConfig({}),
      ...{ port: 0, sqlitePath: path, journalPath: ":memory:", retentionUs: HOUR_US, retentionRowsMax: 300 },
    };
    const real = platform();
    const timers = new Map<number, (() => void)[]>();
    const every = (ms: number, fn: () => void) => {
      timers.set(ms, [...timers.get(ms) ?? [], fn]);
      return () => {};
    };
    const fire = (ms: number) => timers.get(ms)!.forEach((fn) => fn());
    await withAggregator({ config, platform: { ...real, every } }, async () => {
      using db = new DatabaseSync(path);
      const rows = () => Number(db.prepare("SELECT count(*) AS n FROM alerts").get()?.n);
      fire(60_000);
      const steps: number[] = [];
      await until("rows beyond the limit have gone", () => {
        const before = rows();
        fire(100);
        if (rows() < before) steps.push(before - rows());
        return Promise.resolve(rows() === 300);
      });
      assertEquals(steps, [250, 250, 200]);
      // Its pages are free now, and filled again: that is in the log until it is brought into order.
      using writer = new DatabaseSync(path);
      writer.exec("PRAGMA wal_autocheckpoint = 0; CREATE TABLE bulk AS SELECT zeroblob(20000000) AS body");
      assertLess(Deno.statSync(path).size, 20_000_000);
      fire(10_000);
      await until("the log is in order", () => Promise.resolve(Deno.statSync(path).size > 20_000_000));
      assertGreater(rows(), 0);
    });
    const files = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    assertEquals(files, ["results.sqlite"], "all who had it open have closed it");
    await Deno.remove(folder, { recursive: true });
  });
});
