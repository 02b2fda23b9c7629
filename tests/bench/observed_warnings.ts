// Whether a warning is as fast where edge and aggregator tell their traces and are asked for their metrics: the same fleet
// through systems of both kinds in turns, so that what else the machine does comes to both.
import type { Part, Quantiles } from "../latency/deliveries.ts";
import { BUDGET, measure } from "../latency/measure.ts";
import { partsTable } from "../latency/parts_table.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import { discardTraces } from "./discarded_traces.ts";

const SERIOUS = { rounds: 3, drones: 500, seconds: 45, warmUpS: 10, scrapeMs: 5000 };
const SMOKE = { rounds: 1, drones: 20, seconds: 3, warmUpS: 0, scrapeMs: 1000 };
/** Traces off and nobody asks; both on. Each is first in every second round. */
const WAYS = ["unobserved", "observed"] as const;
type Way = typeof WAYS[number];

/** ms from the measurement that causes a warning to its acknowledgement by the drone that is warned: p50 and p99. */
export async function compareObservedWarnings({ seed, smoke }: BenchSettings): Promise<Comparison[]> {
  const { rounds, scrapeMs, ...sizes } = smoke ? SMOKE : SERIOUS;
  const runs: Record<Way, Record<Part, Quantiles>[]> = { unobserved: [], observed: [] };
  const collector = discardTraces({ delayMs: 1000 });
  let scrapes = 0;
  const scrape = async (urls: readonly string[], signal: AbortSignal) => {
    while (!signal.aborted) {
      for (const url of urls) await askForMetrics(url);
      scrapes++;
      await pause(scrapeMs, signal);
    }
  };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
        const observed = way === "observed" ? { env: collector.env, beside: scrape } : {};
        const { parts, unacknowledged } = await measure({ ...sizes, seed, way: "plain", overload: 1, ...observed });
        if (parts[BUDGET.part].count === 0) throw new Error(`Cannot tell how long a warning takes: none came (${way})`);
        if (unacknowledged > 0) throw new Error(`Cannot trust the run: ${unacknowledged} unacknowledged (${way})`);
        runs[way].push(parts);
      }
    }
    const told = `traces told ${collector.exports()} times, metrics asked for ${scrapes} times of each`;
    const name = `observed, a warning, ${BUDGET.part}, ${sizes.drones} drones × 35 records/s`;
    return (["p50", "p99"] as const).map((quantile) => comparison(runs, { name, quantile, told }));
  } finally {
    await collector.stop();
  }
}

function comparison(
  runs: Record<Way, Record<Part, Quantiles>[]>,
  { name, quantile, told }: { name: string; quantile: "p50" | "p99"; told: string },
): Comparison {
  const found = (way: Way) => runs[way].map((parts) => parts[BUDGET.part][quantile]);
  const [ours, without] = [median(found("observed")), median(found("unobserved"))];
  const visibleMs = Math.max(...found("unobserved"));
  const shown = (way: Way) => `${way} ${found(way).map((ms) => ms.toFixed(1)).join(" ")}`;
  const counts = WAYS.map((way) => `${way} ${runs[way].reduce((sum, parts) => sum + parts[BUDGET.part].count, 0)}`);
  return {
    name: `${name}, ${quantile}`,
    unit: "ms",
    ours,
    rival: { name: "without traces, nobody asks for metrics", value: without },
    limit: null,
    budget: {
      text: quantile === "p50"
        ? `≤ ${BUDGET.p50} ms`
        : `nothing to be seen: no more than a round without (${visibleMs.toFixed(1)} ms) and ≤ ${BUDGET.p99} ms`,
      met: ours <= BUDGET[quantile] && (quantile === "p50" || ours <= visibleMs),
    },
    note: [
      `medians of rounds: ${WAYS.map(shown).join(", ")}`,
      ...quantile === "p50"
        ? [`warnings: ${counts.join(", ")}; ${told}`]
        : ["parts of the rounds in the middle:", ...partsTable(middles(runs), ["p50", "p99"])],
    ].join("\n  "),
  };
}

/** Of each way, the round with the p99 that is in the middle. */
function middles(runs: Record<Way, Record<Part, Quantiles>[]>): Record<Way, Record<Part, Quantiles>> {
  const middle = (way: Way) => {
    const sorted = runs[way].toSorted((a, b) => a[BUDGET.part].p99 - b[BUDGET.part].p99);
    return sorted[sorted.length >> 1]!;
  };
  return { unobserved: middle("unobserved"), observed: middle("observed") };
}

async function askForMetrics(url: string): Promise<void> {
  const response = await fetch(`${url}/metrics`);
  await response.bytes();
  if (!response.ok) throw new Error(`Cannot ask for metrics of ${url}: ${response.status}`);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
