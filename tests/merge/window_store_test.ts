import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { GlobalOutput } from "../../aggregator/merge/global_window.ts";
import { openWindowStore } from "../../aggregator/merge/window_store.ts";
import { Rig } from "./merger_rig.ts";

const QUEUE_ROWS = 100;
const SETTINGS = {
  ...{ sqlitePath: ":memory:", sqliteQueueRowsMax: QUEUE_ROWS },
  ...{ keptUs: Infinity, retentionUs: Infinity, retentionRowsMax: 1_000_000 },
};

/** Windows of some seconds, all different. */
function windows(seconds: number): GlobalOutput[] {
  const rig = new Rig({ regions: ["eu"] });
  for (let second = 0; second < seconds; second++) rig.tell({ region: "eu", second, drones: ["a"] }, 0);
  return rig.tell({ region: "eu", fired: seconds }, 0);
}

describe("the database of windows of all regions", () => {
  it("takes more at once than may wait for it, and drops none", async () => {
    const logged: string[] = [];
    const store = openWindowStore(SETTINGS, {
      after: (_, fn) => {
        const timer = setTimeout(fn, 0);
        return () => clearTimeout(timer);
      },
      log: (_, line) => logged.push(line),
      now: () => Date.now(),
    });
    const outputs = windows(5 * QUEUE_ROWS);
    await store.keep(outputs);
    const { queuedRows, writtenRows, droppedRows } = store.view;
    assertEquals([queuedRows + writtenRows, droppedRows, logged], [outputs.length, 0, []]);
    await store.close();
  });
});
