// Whether a warning is as fast while something else goes on: the same fleet through systems with it and without it in turns, so that
// what else the machine does comes to both.
import type { Part, Quantiles } from "../latency/deliveries.ts";
import { BUDGET, measure, type Measuring } from "../latency/measure.ts";
import { partsTable } from "../latency/parts_table.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";

const SERIOUS = { rounds: 3, drones: 500, seconds: 45, warmUpS: 10 };
const SMOKE = { rounds: 1, drones: 20, seconds: 3, warmUpS: 0 };
type Way = "without" | "with";
/** Each is first in every second round. */
const WAYS: readonly Way[] = ["without", "with"];

export interface Beside extends Required<Pick<Measuring, "beside">>, Pick<Measuring, "env"> {
  /** What goes on, in a word. */
  name: string;
  /** What it is without it. */
  without: string;
  /** What has gone on by now, for the note. @throws {Error} when nothing has: then nothing was measured */
  done: () => string;
}

/** ms from the measurement that causes a warning to its acknowledgement by the drone that is warned: p50 and p99. */
export async function compareWarningsBeside(
  { name, without, done, ...beside }: Beside,
  { seed, smoke }: BenchSettings,
): Promise<Comparison[]> {
  const { rounds, ...sizes } = smoke ? SMOKE : SERIOUS;
  const runs: Record<Way, Record<Part, Quantiles>[]> = { without: [], with: [] };
  const run = async (way: Way) => {
    const measuring: Measuring = { ...sizes, seed, way: "plain", overload: 1, ...way === "with" && beside };
    const { parts, unacknowledged } = await measure(measuring);
    if (parts[BUDGET.part].count === 0) throw new Error(`Cannot tell how long a warning takes: none came (${way})`);
    if (unacknowledged > 0) throw new Error(`Cannot trust the run: ${unacknowledged} unacknowledged (${way})`);
    runs[way].push(parts);
  };
  for (let round = 0; round < rounds; round++) {
    const ways = round % 2 === 0 ? WAYS : WAYS.toReversed();
    // Both at once where the numbers mean nothing.
    if (smoke) await Promise.all(ways.map(run));
    else for (const way of ways) await run(way);
  }
  const counts = WAYS.map((way) => `${way} ${runs[way].reduce((sum, parts) => sum + parts[BUDGET.part].count, 0)}`);
  const what = { name: `${name}, a warning, ${BUDGET.part}, ${sizes.drones} drones × 35 records/s`, without };
  return [
    comparison(runs, { ...what, quantile: "p50", note: `warnings: ${counts.join(", ")}; ${done()}` }),
    comparison(runs, {
      ...{ ...what, quantile: "p99" },
      note: ["parts of the rounds in the middle:", ...partsTable(middles(runs), ["p50", "p99"])].join("\n  "),
    }),
  ];
}

function comparison(
  runs: Record<Way, Record<Part, Quantiles>[]>,
  { name, without, quantile, note }: { name: string; without: string; quantile: "p50" | "p99"; note: string },
): Comparison {
  const found = (way: Way) => runs[way].map((parts) => parts[BUDGET.part][quantile]);
  const ours = median(found("with"));
  const visibleMs = Math.max(...found("without"));
  const shown = (way: Way) => `${way} ${found(way).map((ms) => ms.toFixed(1)).join(" ")}`;
  return {
    name: `${name}, ${quantile}`,
    unit: "ms",
    ours,
    rival: { name: without, value: median(found("without")) },
    limit: null,
    budget: {
      text: quantile === "p50"
        ? `≤ ${BUDGET.p50} ms`
        : `nothing to be seen: no more than a round without (${visibleMs.toFixed(1)} ms) and ≤ ${BUDGET.p99} ms`,
      met: ours <= BUDGET[quantile] && (quantile === "p50" || ours <= visibleMs),
    },
    note: `medians of rounds: ${WAYS.map(shown).join(", ")}\n  ${note}`,
  };
}

/** Of each way, the round with the p99 that is in the middle. */
function middles(runs: Record<Way, Record<Part, Quantiles>[]>): Record<Way, Record<Part, Quantiles>> {
  const middle = (way: Way) => {
    const sorted = runs[way].toSorted((a, b) => a[BUDGET.part].p99 - b[BUDGET.part].p99);
    return sorted[sorted.length >> 1]!;
  };
  return { without: middle("without"), with: middle("with") };
}
