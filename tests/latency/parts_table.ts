// The parts of a warning's way as a table, several runs side by side.
import { type Part, PARTS, type Quantiles } from "./deliveries.ts";

type Quantile = Exclude<keyof Quantiles, "count">;

const SHOWN: Record<Quantile, string> = { p50: "p50", p99: "p99", p999: "p99.9", max: "max" };

/** Characters of one, at least. */
const CELL = 10;

/** Its lines; `runs`: by what each is called, or "" when there is one. */
export function partsTable(runs: Record<string, Record<Part, Quantiles>>, quantiles: Quantile[]): string[] {
  const heads = Object.keys(runs).flatMap((run) => quantiles.map((of) => `${run} ${SHOWN[of]}`.trim()));
  const width = Math.max(CELL, ...heads.map((head) => head.length + 2));
  const line = (name: string, cells: string[]) =>
    `${name.padEnd(32)}${cells.map((cell) => cell.padStart(width)).join("")}`;
  const rows = PARTS.map((part) =>
    line(part, Object.values(runs).flatMap((parts) => quantiles.map((of) => shown(parts[part][of]))))
  );
  return [line("ms", heads), ...rows];
}

/** Nobody has told it: "–". */
function shown(ms: number): string {
  return Number.isNaN(ms) ? "–" : ms.toFixed(1);
}
