// What it costs an edge at saturation to be asked for its metrics each 5 s, as Prometheus does it: the same edge and the same
// connections in windows of 5 s, with one question in the middle of each second one. Judged by the edge's CPU: load and uplink's
// peer share its cores.
import { cpuUs } from "../e2e/proc.ts";
import type { Process } from "../e2e/process.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import { acknowledgeEverything, forwardedAll, runLoad, startUnlimitedEdge } from "./loaded_edge.ts";
import { NO_PROOF } from "./load_socket.ts";
import type { ScrapedLoaded, ScrapedOrder } from "./scraped_load.ts";
import type { SocketsLoaded } from "./sockets_load.ts";

const COST_MAX = 0.03;
const CONNECTIONS = 100;
const QUESTIONS = 100;
const SERIOUS = { warmUpMs: 3000, windowMs: 5000, rounds: 12 };
const SMOKE = { warmUpMs: 300, windowMs: 400, rounds: 1 };

/** Records/s that a core could take in, by the edge's CPU, asked and left alone. */
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
    return [comparison(loaded, { windowMs, questionMs: await cpuMsOfQuestion(edge) })];
  } finally {
    await aggregator.stop();
  }
}

/** Of the edge, once its load has gone: one question is too small to be seen beside that. */
async function cpuMsOfQuestion({ pid, url }: Process): Promise<number> {
  const fromUs = await cpuUs(pid);
  for (let i = 0; i < QUESTIONS; i++) await (await fetch(`${url}/metrics`)).text();
  return (await cpuUs(pid) - fromUs) / QUESTIONS / 1000;
}

function comparison(
  { alone, asked, answerMs, answerBytes }: ScrapedLoaded,
  { windowMs, questionMs }: { windowMs: number; questionMs: number },
): Comparison {
  // Of windows that are neighbours: what else the machine does changes slowly.
  const costs = (of: (window: SocketsLoaded) => number) => alone.map((window, i) => 1 - of(asked[i]!) / of(window));
  const byCpu = ({ cpuUsPerRecord }: SocketsLoaded) => 1e6 / cpuUsPerRecord;
  const byClock = ({ recordsPerS }: SocketsLoaded) => recordsPerS;
  const cost = median(costs(byCpu));
  const percent = (shares: readonly number[]) => shares.map((share) => (share * 100).toFixed(1)).join(" and ") + " %";
  const between = (shares: readonly number[]) => percent([Math.min(...shares), Math.max(...shares)]);
  const contender = { name: "left alone", value: median(alone.map(byCpu)) };
  return {
    name: `metrics asked for each ${windowMs / 1000} s, ${CONNECTIONS} connections, 1-record frames`,
    unit: "records/s by the edge's CPU",
    ours: median(asked.map(byCpu)),
    rival: contender,
    limit: contender,
    budget: { text: `≤ ${percent([COST_MAX])} of the records (${percent([cost])})`, met: cost <= COST_MAX },
    note: [
      `median of ${alone.length} pairs of windows, which were between ${between(costs(byCpu))}`,
      `by the clock, which tells what load and edge left each other, ${percent([median(costs(byClock))])}, between ` +
      between(costs(byClock)),
      `a question without load takes ${questionMs.toFixed(1)} ms of CPU, ${
        percent([questionMs / windowMs])
      } of a window`,
      `an answer of ${(answerBytes / 1000).toFixed(0)} kB came after ${median(answerMs).toFixed(0)} ms`,
    ].join("; "),
  };
}
