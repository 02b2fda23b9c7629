// The fleet alone, against an edge that runs already: `deno task sim`.
import { loadPlan, readOptions, UsageError } from "./options.ts";
import { systemPlatform } from "./platform.ts";
import { Run } from "./run.ts";

async function main(args: string[]): Promise<number> {
  const options = readOptions(args, {
    command: "deno task sim",
    extra: {
      url: {
        fallback: "ws://127.0.0.1:8787/v1/telemetry",
        placeholder: "URL",
        about: "the edge's telemetry socket",
        problem: (url) => /^wss?:$/.test(URL.parse(url)?.protocol ?? "") ? null : "must be a ws:// or wss:// URL",
      },
    },
  });
  const platform = systemPlatform();
  const plan = await loadPlan(options, Math.floor(platform.now() / 1000));
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, onSignal);
  const { seconds, prompt, extra: { url } } = options;
  const run = new Run({ url, plan, seconds, signal: stop.signal, prompt, platform });
  try {
    await run.connect();
    if (!options.json) console.log(`${plan.drones.length} drones connected to ${options.extra.url}`);
    const timer = setInterval(() => {
      const { sent, acknowledged, unacknowledged } = run.summary();
      if (!options.json) {
        console.log(`${sent.records} records, ${acknowledged} acknowledged, ${unacknowledged} not yet`);
      }
    }, 1000);
    await run.send();
    clearInterval(timer);
    const summary = run.summary();
    await run.close();
    console.log(options.json ? JSON.stringify(summary) : JSON.stringify(summary, null, 2));
    return summary.unacknowledged === 0 ? 0 : 1;
  } finally {
    for (const name of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(name, onSignal);
  }
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
  Deno.exit(error instanceof UsageError ? 2 : 1);
}
