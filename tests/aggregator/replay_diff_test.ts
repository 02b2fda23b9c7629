import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TumblingWindow } from "../../aggregator/outputs.ts";
import { Diff, type DiffResult } from "../../aggregator/replay/diff.ts";
import { outputRow } from "../../aggregator/sinks/rows.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { TIME_US, tumbling } from "./fake_pipeline.ts";

type Windows = (Partial<TumblingWindow> & { second: number })[];

/** Of windows by their second, in the order in which they were emitted. */
function compare({ live, replayed }: { live: Windows; replayed: Windows }): DiffResult {
  const sqlite = new SqliteSink({ path: ":memory:", queueRowsMax: 100 });
  try {
    const output = ({ second, ...over }: Windows[number]) => tumbling(TIME_US + second * 1e6, over);
    for (const window of live) {
      sqlite.take(...outputRow(output(window), { journalId: "j", index: 1, atUs: TIME_US, ordinal: 0 })!);
    }
    sqlite.drain();
    const diff = new Diff({ journalId: "j", fromUs: 0, toUs: Infinity });
    for (const window of replayed) diff.add(output(window));
    return diff.compare(sqlite.db);
  } finally {
    sqlite.close();
  }
}

const kinds = ({ equal, furtherRevised, differences }: DiffResult) => {
  return { equal, furtherRevised, differences: differences.map(({ type }) => type) };
};

describe("a replay beside what was live", () => {
  it("is compared in windows that are not over, which is all that a short run has", () => {
    const windows = [{ second: 1 }, { second: 2 }, { second: 2, revision: 1 }, { second: 3 }];
    const of = compare({ live: windows, replayed: windows });
    assertEquals(kinds(of), { equal: 3, furtherRevised: 0, differences: [] });
    const other = compare({ live: windows, replayed: [...windows, { second: 3, dronesReporting: 4 }] });
    assertEquals(kinds(other), { equal: 2, furtherRevised: 0, differences: ["changed"] });
  });

  it("may have seen a window further revised, or less far", () => {
    const live = [{ second: 1 }, { second: 2, revision: 1, dronesReporting: 4 }, { second: 3 }];
    const replayed = [{ second: 1 }, { second: 2 }, { second: 3, revision: 2 }];
    assertEquals(kinds(compare({ live, replayed })), { equal: 1, furtherRevised: 2, differences: [] });
  });

  it("has every final window that was live between its first and its last, and no other", () => {
    const finals = (...seconds: number[]) => seconds.map((second) => ({ second, final: true }));
    const live = finals(1, 2, 3, 5);
    assertEquals(kinds(compare({ live, replayed: finals(2, 3) })), { equal: 2, furtherRevised: 0, differences: [] });
    const differences = ["only-replayed", "only-live"];
    assertEquals(kinds(compare({ live, replayed: finals(2, 4, 5) })), { equal: 2, furtherRevised: 0, differences });
  });

  it("differs where only one of both has a window as final", () => {
    const [open, over] = [[{ second: 1 }, { second: 2 }], [{ second: 1 }, { second: 2, final: true }]];
    assertEquals(kinds(compare({ live: open, replayed: over })).differences, ["only-replayed"]);
  });
});
