// Whether a warning is as fast where edge and aggregator tell their traces and are asked for their metrics each 5 s.
import type { BenchSettings, Comparison } from "./comparison.ts";
import { discardTraces } from "./discarded_traces.ts";
import { pauseUnless } from "./pause.ts";
import { compareWarningsBeside } from "./warnings_beside.ts";

const SCRAPE_MS = { serious: 5000, smoke: 1000 };

/** Traces at default sampling, told to who throws them away, and metrics of both that nobody reads. */
export async function compareObservedWarnings(settings: BenchSettings): Promise<Comparison[]> {
  const collector = discardTraces({ delayMs: 1000 });
  const scrapeMs = settings.smoke ? SCRAPE_MS.smoke : SCRAPE_MS.serious;
  let scrapes = 0;
  const beside = async (urls: readonly string[], signal: AbortSignal) => {
    for (; !signal.aborted; await pauseUnless(signal, scrapeMs)) {
      for (const url of urls) await askForMetrics(url);
      scrapes++;
    }
  };
  try {
    return await compareWarningsBeside({
      ...{ name: "traces and metrics", without: "without traces, nobody asks for metrics" },
      ...{ env: collector.env, beside },
      done: () => `traces told ${collector.exports()} times, metrics asked for ${scrapes} times of each`,
    }, settings);
  } finally {
    await collector.stop();
  }
}

async function askForMetrics(url: string): Promise<void> {
  const response = await fetch(`${url}/metrics`);
  await response.bytes();
  if (!response.ok) throw new Error(`Cannot ask for metrics of ${url}: ${response.status}`);
}
