// The load of the metrics' benchmark, as a process: an edge at saturation, which is asked for its metrics in each second window and
// left alone in the others. Told a ScrapedOrder in a file, it prints ScrapedLoaded.
import { saturate, type SocketsLoaded, type SocketsOrder } from "./sockets_load.ts";

/** What it is to do. */
export interface ScrapedOrder extends Omit<SocketsOrder, "measureMs"> {
  /** By http:. */
  metricsUrl: string;
  /** Of each window: as often as Prometheus asks. */
  windowMs: number;
  /** Pairs of windows. */
  rounds: number;
}

/** What it found: windows of a pair beside each other. */
export interface ScrapedLoaded {
  alone: SocketsLoaded[];
  asked: SocketsLoaded[];
  /** From a question to the end of its answer, under load. */
  answerMs: number[];
  answerBytes: number;
}

async function run(
  { metricsUrl, windowMs, rounds, warmUpMs, ...order }: ScrapedOrder,
): Promise<ScrapedLoaded> {
  const loaded: ScrapedLoaded = { alone: [], asked: [], answerMs: [], answerBytes: 0 };
  const ask = async () => {
    const fromMs = performance.now();
    const response = await fetch(metricsUrl);
    const text = await response.text();
    if (!response.ok || !text.includes("slipstream_edge_records_total")) {
      throw new Error(`Cannot ask for metrics: ${response.status}`);
    }
    loaded.answerMs.push(performance.now() - fromMs);
    loaded.answerBytes = text.length;
  };
  const saturation = await saturate(order);
  await saturation.pass(warmUpMs);
  // What is loaded with the first question is there from now on.
  await ask();
  loaded.answerMs.length = 0;
  for (let round = 0; round < rounds; round++) {
    // Each kind comes first in every second pair.
    for (const isAsked of round % 2 === 0 ? [false, true] : [true, false]) {
      const question = isAsked ? saturation.pass(windowMs / 2).then(ask) : Promise.resolve();
      const [found] = await Promise.all([saturation.measure(windowMs), question]);
      loaded[isAsked ? "asked" : "alone"].push(found);
    }
  }
  return loaded;
}

console.log(JSON.stringify(await run(JSON.parse(await Deno.readTextFile(Deno.args[0] ?? "")))));
Deno.exit(0);
