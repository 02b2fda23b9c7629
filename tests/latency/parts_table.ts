// The parts of a warning's way as a table, several runs side by side.
import { type Part, PARTS, type Quantiles } from "./deliveries.ts";

type Quantile = Exclude<keyof Quantiles, "count">;

const SHOWN: Record<Quantile, string> = { p50: "p50", p99: "p99", p999: "p99.9", max: "max" };

/** Its lines; `runs`: by what each is called, or "" when there is one. */
export function partsTable(runs: Record<string, Record<Part, Quantiles>>, quantiles: Quantile[]): string[] {
  const line = (name: string, cells: string[]) =>
    `${name.padEnd(32)}${cells.map((cell) => cell.padStart(10)).join("")}`;
  const heads = Object.keys(runs).flatMap((run) => quantiles.map((of) => `${run} ${SHOWN[of]}`.trim()));
  const rows = PARTS.map((part) =>
    line(part, Object.values(runs).flatMap((parts) => quantiles.map((of) => parts[part][of].toFixed(1))))
  );
  return [line("ms", heads), ...rows];
}
