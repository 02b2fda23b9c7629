import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { droneRow } from "../../aggregator/sinks/rows.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { drone } from "./fake_pipeline.ts";

describe("a flush of the SqliteSink", () => {
  it("lets everything else have a turn after a hundred rows, however many wait", async () => {
    const sink = new SqliteSink({ path: ":memory:", queueRowsMax: 1000 });
    for (let i = 0; i < 950; i++) sink.take("drones", droneRow(drone(`d${i}`)));
    const written: number[] = [];
    const pause = () => {
      written.push(sink.view.writtenRows);
      return Promise.resolve();
    };
    await sink.flushInTurns({ rowsMax: 250, pause });
    assertEquals(written, [100, 200, 300]);
    // What comes while it writes does not keep it from ending.
    const busy = () => {
      sink.take("drones", droneRow(drone(`late-${written.length}`)));
      return pause();
    };
    await sink.flushDurably({ pause: busy });
    assertEquals([written.slice(3), sink.view.queuedRows], [[400, 500, 600, 700, 800, 900, 956], 1]);
    sink.close();
  });

  it("has the disk keep its rows while somebody reads the database", async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/results.sqlite`;
    const synced: string[] = [];
    const sync = (name: string) => Promise.resolve(void synced.push(name));
    const sink = new SqliteSink({ path, queueRowsMax: 1000, sync });
    using other = new DatabaseSync(path);
    other.exec("BEGIN; SELECT * FROM drones");
    sink.take("drones", droneRow(drone("kept")));
    await sink.flushDurably({ pause: () => Promise.resolve() });
    // All that was written is in it, whatever a checkpoint could have done.
    assertEquals(synced, [`${path}-wal`]);
    other.close();
    sink.close();
    await Deno.remove(folder, { recursive: true });
  });

  it("rejects a flush that the disk did not take", async () => {
    const folder = await Deno.makeTempDir();
    const sync = () => Promise.reject(new Error("No space left on device"));
    const sink = new SqliteSink({ path: `${folder}/results.sqlite`, queueRowsMax: 1000, sync });
    await assertRejects(() => sink.flushDurably({ pause: () => Promise.resolve() }), Error, "No space left");
    sink.close();
    await Deno.remove(folder, { recursive: true });
  });

  it("syncs a log that is there", async () => {
    const folder = await Deno.makeTempDir();
    const sink = new SqliteSink({ path: `${folder}/results.sqlite`, queueRowsMax: 1000 });
    await sink.flushDurably({ pause: () => Promise.resolve() });
    sink.close();
    // Opened again it has written nothing yet.
    const again = new SqliteSink({ path: `${folder}/results.sqlite`, queueRowsMax: 1000 });
    await again.flushDurably({ pause: () => Promise.resolve() });
    again.close();
    await Deno.remove(folder, { recursive: true });
  });
});
