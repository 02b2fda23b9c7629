// Both sides' windows, row for row: integers equal, averages as near as sums of doubles in another order are.
import { DENSITY_CELLS_MAX } from "../../aggregator/pipeline/windows/tumbling.ts";
import type { Window, WindowTable } from "./windows.ts";

const AVERAGES = ["averageCpct", "speedAverageCms"];
const NEAR = 1e-9;
const CELL = /^in /;

/** One that is not the same on both sides; null: it is not there. */
export interface Difference {
  key: string;
  own: Window | null;
  flink: Window | null;
}

export interface Comparison {
  /** Windows of both kinds that are the same. */
  equal: number;
  /** Values in them, of which each was compared. */
  values: number;
  /** Cells that only Flink tells, because a window of the aggregator names the densest of them only. */
  cellsBeyond: number;
  differences: Difference[];
}

export function compare(own: WindowTable, flink: WindowTable): Comparison {
  const comparison: Comparison = { equal: 0, values: 0, cellsBeyond: 0, differences: [] };
  for (const key of new Set([...own.keys(), ...flink.keys()])) {
    const sides = { own: own.get(key) ?? null, flink: flink.get(key) ?? null };
    const beyond = sides.own && sides.flink ? cellsBeyond(sides.own, sides.flink) : [];
    const isSame = sides.own && sides.flink && isEqual(sides.own, without(sides.flink, beyond));
    if (!isSame) {
      comparison.differences.push({ key, ...sides });
      continue;
    }
    comparison.equal++;
    comparison.values += Object.keys(sides.own!).length;
    comparison.cellsBeyond += beyond.length;
  }
  return comparison;
}

function cellsBeyond(own: Window, flink: Window): string[] {
  if (Object.keys(own).filter((name) => CELL.test(name)).length < DENSITY_CELLS_MAX) return [];
  return Object.keys(flink).filter((name) => CELL.test(name) && !(name in own));
}

function without(window: Window, names: readonly string[]): Window {
  return Object.fromEntries(Object.entries(window).filter(([name]) => !names.includes(name)));
}

function isEqual(a: Window, b: Window): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => {
    const [one, other] = [a[name], b[name]];
    if (one === undefined || other === undefined) return false;
    if (one === null || other === null || !AVERAGES.includes(name)) return one === other;
    return Math.abs(one - other) <= NEAR * Math.max(1, Math.abs(one));
  });
}
