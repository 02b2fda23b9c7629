// What it costs an edge at saturation to be asked for its metrics each 5 s, as Prometheus does it: the same edge and the same
// connections in windows of 5 s, with one question in the middle of each second one.
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import { acknowledgeEverything, forwardedAll, runLoad, startUnlimitedEdge } from "./loaded_edge.ts";
import { NO_PROOF } from "./load_socket.ts";
import type { ScrapedLoaded, ScrapedOrder } from "./scraped_load.ts";
import type { SocketsLoaded } from "./sockets_load.ts";

const COST_MAX = 0.03;
const CONNECTIONS = 100;
const SERIOUS = { warmUpMs: 3000, windowMs: 5000, rounds: 12 };
const SMOKE = { warmUpMs: 300, windowMs: 400, rounds: 1 };

/** Records/s at saturation, asked and left alone. */
export async function compareMetrics({ smoke }: BenchSettings): Promise<Comparison[]> {
  const { windowMs, ...sizes } = smoke ? SMOKE : SERIOUS;
  const aggregator = acknowledgeEverything();
  try {
    await using edge = await startUnlimitedEdge(aggregator.url);
    const loaded = await runLoad<ScrapedOrder, ScrapedLoaded>({ file: "scraped_load.ts", server: edge }, {
      ...{ ...sizes, windowMs },
      url: `${edge.url}/v1/telemetry`,
      metricsUrl: `${edge.url}/metrics`,
      serverPids: [edge.pid],
      proofs: Array.from({ length: CONNECTIONS }, () => NO_PROOF),
      recordsPerFrame: 1,
    });
    forwardedAll(await (await fetch(`${edge.url}/v1/status`)).json());
    return [comparison(loaded, windowMs)];
  } finally {
    await aggregator.stop();
  }
}

function comparison({ alone, asked, answerMs, answerBytes }: ScrapedLoaded, windowMs: number): Comparison {
  const of = (windows: SocketsLoaded[], what: "recordsPerS" | "cpuUsPerRecord") =>
    median(windows.map((window) => window[what]));
  // Of windows that are neighbours: what else the machine does changes slowly.
  const ratios = (what: "recordsPerS" | "cpuUsPerRecord") => alone.map((window, i) => asked[i]![what] / window[what]);
  const cost = 1 - median(ratios("recordsPerS"));
  const cpu = median(ratios("cpuUsPerRecord")) - 1;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const spread = ratios("recordsPerS").toSorted((a, b) => a - b).map((ratio) => (1 - ratio) * 100);
  return {
    name: `metrics asked for each ${windowMs / 1000} s, ${CONNECTIONS} connections, 1-record frames`,
    unit: "records/s",
    ours: of(asked, "recordsPerS"),
    rival: { name: "left alone", value: of(alone, "recordsPerS") },
    limit: { name: "left alone", value: of(alone, "recordsPerS") },
    budget: { text: `≤ ${percent(COST_MAX)} of the records (${percent(cost)})`, met: cost <= COST_MAX },
    note: `median of ${alone.length} pairs of windows, which were between ${spread.at(-1)!.toFixed(1)} and ` +
      `${spread[0]!.toFixed(1)} %; CPU a record ${cpu < 0 ? "" : "+"}${percent(cpu)}; an answer of ` +
      `${(answerBytes / 1000).toFixed(0)} kB after ${median(answerMs).toFixed(0)} ms`,
  };
}
