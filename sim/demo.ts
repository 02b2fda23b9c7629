// Everything at once: an aggregator and an edge as processes of their own, a fleet, and a line a second about them.
import { join, resolve } from "node:path";
import { port, text } from "../platform/kinds.ts";
import { optionsOf, UsageError } from "../platform/options.ts";
import { systemPlatform } from "../platform/system.ts";
import { zoneOf } from "./fleet.ts";
import { alertsIn } from "./alert_table.ts";
import { observe } from "./observer.ts";
import { isUsed, keptFiles, replayCommand } from "./keeping.ts";
import { loadPlan, TRAFFIC } from "./options.ts";
import { Part } from "./part.ts";
import { takenPorts } from "./ports.ts";
import { Relay } from "./relay.ts";
import { Run } from "./run.ts";
import { StatusPrinter } from "./status_printer.ts";
import { summarize, summaryText } from "./summary.ts";
import type { DroneIdentity } from "./frame.ts";

const options = optionsOf({
  ...TRAFFIC,
  name: "deno task demo",
  about: "Everything at once: an aggregator, an edge, a fleet, and a line a second about them. Ctrl-C ends all of it.",
  options: {
    "port": port({ fallback: 8788, about: "console and API; 0: one that is free" }),
    "edge-port": port({ fallback: 8787, about: "the edge, for drones; 0: one that is free" }),
    "keep": text({
      ...{ fallback: null, placeholder: "DIR", shown: "nothing is left of it" },
      about: "leaves journal and database in this folder, for deno task replay",
    }),
    ...TRAFFIC.options,
  },
});
const SETTLE_MS = 1300;
/** The edge's default, in records a second. */
const DRONE_RATE = 100;
const READY_POLL_MS = 50;
const READY_MS_MAX = 15_000;

const platform = systemPlatform("demo");
const pause = (ms: number) => new Promise<void>((resolve) => void platform.after(ms, resolve));

async function main(): Promise<number> {
  const kept = options.keep === null ? null : resolve(options.keep);
  if (kept !== null && await isUsed(kept)) {
    throw new UsageError(`Cannot start the demo: ${kept} is not an empty folder; --keep needs one of its own`);
  }
  const plan = await loadPlan(options, Math.floor(platform.now() / 1000));
  const taken = takenPorts({ "--port": options.port, "--edge-port": options["edge-port"] });
  if (taken.length > 0) throw new UsageError(`Cannot start the demo:\n  ${taken.join("\n  ")}`);

  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, onSignal);
  const passing = await Deno.makeTempDir({ prefix: "slipstream-demo-" });
  const parts: Part[] = [];
  let relay: Relay | null = null;
  try {
    const { journal, sqlite } = keptFiles(kept ?? passing);
    const zonesFile = join(passing, "zones.kv");
    await writeZones(zonesFile, options.replay.length === 0 ? plan.drones : []);
    const onLine = (line: string) => console.error(line);
    const aggregator = await Part.start({
      name: "aggregator",
      env: {
        SLIPSTREAM_AGGREGATOR_HOST: "127.0.0.1",
        SLIPSTREAM_AGGREGATOR_PORT: `${options.port}`,
        SLIPSTREAM_SQLITE: sqlite,
        SLIPSTREAM_JOURNAL: journal,
      },
      onLine,
    });
    parts.unshift(aggregator);
    relay = plan.cut ? new Relay(Number(new URL(aggregator.url).port)) : null;
    const uplinkUrl = relay ? `ws://127.0.0.1:${relay.port}` : aggregator.url.replace("http", "ws");
    const edge = await Part.start({
      name: "edge",
      env: {
        SLIPSTREAM_EDGE_HOST: "127.0.0.1",
        SLIPSTREAM_EDGE_PORT: `${options["edge-port"]}`,
        SLIPSTREAM_UPLINK_URL: `${uplinkUrl}/v1/uplink`,
        SLIPSTREAM_KV: zonesFile,
        ...ratesAt(options.speed),
      },
      onLine,
    });
    parts.unshift(edge);
    let failure: Error | null = null;
    for (const part of parts) {
      part.ended.then(({ code }) => {
        if (stop.signal.aborted) return;
        failure = new Error(`Cannot go on: the ${part.name} ended with exit code ${code}`);
        stop.abort();
      });
    }
    await untilReady(edge.url, stop.signal);
    const run = new Run({
      url: `${edge.url.replace("http", "ws")}/v1/telemetry`,
      plan,
      seconds: options.seconds,
      signal: stop.signal,
      platform,
      onCut: (isCut) => relay?.cut(isCut),
    });
    const urls = { edgeUrl: edge.url, aggregatorUrl: aggregator.url };
    if (!options.json) console.log(`console: ${aggregator.url}  edge: ${edge.url}  Ctrl-C ends all of it`);
    await run.connect();
    const printer = new StatusPrinter({
      urls,
      platform,
      print: options.json ? () => {} : console.log,
      signal: stop.signal,
    });
    printer.start();
    await run.send();
    await printer.stop();
    if (failure) throw failure;
    // The last windows fire and reach the database.
    if (!stop.signal.aborted) {
      await pause(SETTLE_MS);
      const seen = { ...await observe(urls), alerts: alertsIn(sqlite) };
      const summary = summarize({ run, seen, seed: options.seed });
      console.log(options.json ? JSON.stringify(summary) : summaryText(summary));
    }
    await run.close();
    if (failure) throw failure;
    return 0;
  } finally {
    stop.abort();
    // The edge first: it hands over what it has.
    for (const part of parts) await part.stop();
    await relay?.[Symbol.asyncDispose]();
    await Deno.remove(passing, { recursive: true });
    // With --json stdout has the summary and nothing else.
    if (kept !== null) (options.json ? console.error : console.log)(`kept in ${kept}: ${replayCommand(kept)}`);
  }
}

// A recording at twice the speed has twice the rate.
function ratesAt(speed: number): Record<string, string> {
  if (speed <= 1) return {};
  return {
    SLIPSTREAM_DRONE_RATE: String(Math.ceil(DRONE_RATE * speed)),
    SLIPSTREAM_DRONE_BURST: String(Math.ceil(2 * DRONE_RATE * speed)),
  };
}

// A simulated fleet has a zone in each quarter of its grid.
async function writeZones(file: string, drones: DroneIdentity[]): Promise<void> {
  const kv = await Deno.openKv(file);
  for (const [i, { droneId }] of drones.entries()) {
    await kv.set(["slipstream", "zones", droneId], { zone: zoneOf(i, drones.length) });
  }
  kv.close();
}

async function untilReady(edgeUrl: string, signal: AbortSignal): Promise<void> {
  const untilMs = platform.now() + READY_MS_MAX;
  while (!signal.aborted && platform.now() < untilMs) {
    const response = await fetch(`${edgeUrl}/readyz`);
    await response.body?.cancel();
    if (response.ok) return;
    await pause(READY_POLL_MS);
  }
  if (!signal.aborted) throw new Error("Cannot start the demo: the edge does not reach the aggregator");
}

try {
  Deno.exit(await main());
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
  Deno.exit(error instanceof UsageError ? 2 : 1);
}
