// Whether a warning is as fast where everybody proves who he is: the same fleet through three systems in turns, and the parts
// of a warning's way side by side.
import type { Part, Quantiles } from "../latency/deliveries.ts";
import { BUDGET, measure } from "../latency/measure.ts";
import { partsTable } from "../latency/parts_table.ts";
import { type Way, WAYS } from "../e2e/ways.ts";
import type { BenchSettings, Comparison } from "./comparison.ts";

const SERIOUS = { drones: 500, seconds: 20, warmUpS: 5 };
const SMOKE = { drones: 20, seconds: 5, warmUpS: 0 };

/** ms from the measurement that causes a warning to its acknowledgement by the drone that is warned: p50 and p99. */
export async function compareWarnings({ seed, smoke }: BenchSettings): Promise<Comparison[]> {
  const sizes = smoke ? SMOKE : SERIOUS;
  const runs = {} as Record<Way, Record<Part, Quantiles>>;
  const edgeCores = {} as Record<Way, number>;
  for (const way of WAYS) {
    const { parts, unacknowledged, edgeCores: cores } = await measure({ ...sizes, seed, way, overload: 1 });
    if (parts[BUDGET.part].count === 0) throw new Error(`Cannot tell how long a warning takes: none came (${way})`);
    if (unacknowledged > 0) throw new Error(`Cannot trust the run: ${unacknowledged} records unacknowledged (${way})`);
    runs[way] = parts;
    edgeCores[way] = cores;
  }
  const counts = WAYS.map((way) => `${way} ${runs[way][BUDGET.part].count}`).join(", ");
  const cpu = WAYS.map((way) => `${way} ${(edgeCores[way] * 100).toFixed(0)} %`).join(", ");
  return (["p50", "p99"] as const).map((quantile) => {
    const of = (way: Way) => runs[way][BUDGET.part][quantile];
    return {
      name: `identity, a warning, ${BUDGET.part}, ${quantile}, ${sizes.drones} drones × 35 records/s`,
      unit: "ms",
      ours: of("mTLS"),
      rival: { name: "token over TLS", value: of("token") },
      limit: { name: "plain, nobody proves anything", value: of("plain") },
      budget: { text: `≤ ${BUDGET[quantile]} ms`, met: of("mTLS") <= BUDGET[quantile] },
      note: quantile === "p50"
        ? `warnings: ${counts}; of a core the edge took ${cpu}`
        : ["its parts:", ...partsTable(runs, ["p50", "p99"])].join("\n  "),
    };
  });
}
