import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compare } from "./compare.ts";
import { type FlinkRow, flinkWindows, type OwnRow, ownWindows } from "./windows.ts";

const BOUNDS = { fleet: "survey", zone: "*", startUs: 1e15, endUs: 1e15 + 1e6, missingEdges: [], complete: true };
const CELL = "891f8d7a003ffff";

function own(revision: number, { final = false, averageCpct = 5000, drones = 2 } = {}): OwnRow {
  const battery = { averageCpct, minCpct: 4000, lowCount: 0, known: 3 };
  const records = { position: 5, battery: 3, obstacles: 1, nearDuplicate: 2 };
  const density = [{ cell: CELL, drones, dronesPerKm2: 20 }];
  return { kind: "tumbling", ...BOUNDS, revision, final, dronesReporting: drones, records, battery, density };
}

function flink(changes: Partial<FlinkRow> = {}): FlinkRow[] {
  const counts = { drones: 2, positions: 5, batteries: 3, obstacles: 1, near_duplicates: 2 };
  const charges = { average_cpct: 5000, min_cpct: 4000, low_count: 0, known: 3 };
  const place = { kind: "tumbling", fleet: "survey", zone: "*", start_us: 1e15, end_us: 1e15 + 1e6 } as const;
  const row = { ...place, ...counts, ...charges, speed_average_cms: null, cell: null };
  return [{ ...row, ...changes }, { ...row, kind: "density", cell: CELL }];
}

function differing(rows: OwnRow[], theirs: FlinkRow[]): number {
  return compare(ownWindows(rows).windows, flinkWindows(theirs).windows).differences.length;
}

describe("the comparison of windows", () => {
  it("takes the last revision of a window, and what is equal for equal", () => {
    const { windows, revisions } = ownWindows([own(0, { drones: 1 }), own(1), own(1, { final: true })]);
    assertEquals(revisions, 1);
    const { equal, values, differences } = compare(windows, flinkWindows(flink()).windows);
    assertEquals({ equal, values, differences }, { equal: 1, values: 10, differences: [] });
  });

  it("lets averages differ by no more than the order of a sum makes of them, and integers not at all", () => {
    assertEquals(differing([own(0)], flink({ average_cpct: 5000 + 1e-6 })), 0);
    assertEquals(differing([own(0)], flink({ average_cpct: 5000.001 })), 1);
    assertEquals(differing([own(0)], flink({ min_cpct: 4001 })), 1);
    assertEquals(differing([own(0)], flink({ average_cpct: null })), 1);
  });

  it("misses a window, a cell or a drone on either side", () => {
    assertEquals(differing([own(0)], []), 1);
    assertEquals(differing([], flink()), 1);
    assertEquals(differing([own(0)], flink().slice(0, 1)), 1);
    assertEquals(differing([own(0)], [...flink(), { ...flink()[1]!, cell: "891f8d7a007ffff" }]), 1);
    assertEquals(differing([own(0, { drones: 3 })], flink()), 1);
  });

  it("counts cells that only Flink tells apart, if a window of ours has no room for them", () => {
    const cells = Array.from({ length: 65 }, (_, i) => `cell-${i}`);
    const row = own(0) as Extract<OwnRow, { kind: "tumbling" }>;
    const density = cells.slice(0, 64).map((cell) => ({ cell, drones: 2, dronesPerKm2: 20 }));
    const theirs = [flink()[0]!, ...cells.map((cell): FlinkRow => ({ ...flink()[1]!, cell }))];
    const { cellsBeyond, differences } = compare(
      ownWindows([{ ...row, density }]).windows,
      flinkWindows(theirs).windows,
    );
    assertEquals({ cellsBeyond, differences }, { cellsBeyond: 1, differences: [] });
  });

  it("knows rows that Flink tells twice", () => {
    assertEquals(flinkWindows([...flink(), ...flink()]).doubled, 2);
  });
});
