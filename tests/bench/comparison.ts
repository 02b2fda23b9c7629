// What every benchmark is given and answers with: ours, a rival and the limit, measured in one run, and the budget.

/** Of everything that is measured. */
export const SEED = 20_251_124;

/** What every section needs to know. */
export interface BenchSettings {
  seed: number;
  /** A few seconds in all. */
  smoke: boolean;
}

/** One line of the report. */
export interface Comparison {
  /** What was measured, on what. */
  name: string;
  /** Of ours, rival and limit. */
  unit: string;
  /** Medians over interleaved rounds. */
  ours: number;
  /** Null: there is none. */
  rival: Contender | null;
  limit: Contender | null;
  /** The number that the budget speaks of, ready to read, and whether it is met; null without a budget. */
  budget: { text: string; met: boolean } | null;
  /** What a reader must know to judge the numbers; empty when nothing. */
  note: string;
}

export interface Contender {
  name: string;
  value: number;
}

/** The middle of the values; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Runs contenders in turns, so that a disturbance of the machine hits them all, and takes each one's median.
 * @param contenders each returns one measured value
 */
export function interleave<K extends string>(rounds: number, contenders: Record<K, () => number>): Record<K, number> {
  const names = Object.keys(contenders) as K[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) values[name].push(contenders[name]());
  }
  return Object.fromEntries(names.map((name) => [name, median(values[name])])) as Record<K, number>;
}

/** The comparison as lines of text. */
export function formatComparison({ name, unit, ours, rival, limit, budget, note }: Comparison): string {
  const row = (label: string, value: number) =>
    `  ${label.padEnd(46)}${formatNumber(value).padStart(14)} ${unit}  ${
      (value / ours).toFixed(2).padStart(7)
    } of ours`;
  const lines = [name, row("ours", ours)];
  if (rival) lines.push(row(rival.name, rival.value));
  if (limit) lines.push(row(`limit: ${limit.name}`, limit.value));
  if (budget) lines.push(`  budget: ${budget.text}: ${budget.met ? "met" : "NOT met"}`);
  if (note) lines.push(`  ${note}`);
  return lines.join("\n");
}

function formatNumber(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-GB");
  return value.toFixed(value >= 100 ? 0 : value >= 1 ? 1 : 3);
}
