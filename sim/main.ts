// The fleet alone, against an edge that runs already: `deno task sim`.
import { webSocketUrl } from "../platform/kinds.ts";
import { optionsOf, UsageError } from "../platform/options.ts";
import { systemPlatform } from "../platform/system.ts";
import { loadPlan, TRAFFIC } from "./options.ts";
import { protocolOption } from "./protocols.ts";
import { Run } from "./run.ts";

const options = optionsOf({
  ...TRAFFIC,
  name: "deno task sim",
  about: "A simulated or recorded fleet, against an edge that runs already.",
  options: {
    url: webSocketUrl({ fallback: "ws://127.0.0.1:8787/v1/telemetry", about: "the edge's telemetry socket" }),
    protocol: protocolOption("the drones"),
    ...TRAFFIC.options,
  },
});

async function main(): Promise<number> {
  const platform = systemPlatform("sim");
  const plan = await loadPlan(options, Math.floor(platform.now() / 1000));
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, onSignal);
  const { url, protocol, seconds, prompt } = options;
  const run = new Run({ url, protocol, plan, seconds, signal: stop.signal, prompt, platform });
  try {
    await run.connect();
    if (!options.json) console.log(`${plan.drones.length} drones connected to ${url}`);
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
  Deno.exit(await main());
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
  Deno.exit(error instanceof UsageError ? 2 : 1);
}
