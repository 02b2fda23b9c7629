// Everything at once: an aggregator and an edge as processes of their own, a fleet, and a line a second about them.
import { join } from "node:path";
import { zoneOf } from "./fleet.ts";
import { alertsIn } from "./alert_table.ts";
import { observe } from "./observer.ts";
import { type ExtraOption, loadPlan, readOptions, UsageError } from "./options.ts";
import { Part } from "./part.ts";
import { systemPlatform } from "./platform.ts";
import { takenPorts } from "./ports.ts";
import { Relay } from "./relay.ts";
import { Run } from "./run.ts";
import { StatusPrinter } from "./status_printer.ts";
import { summarize, summaryText } from "./summary.ts";
import type { DroneIdentity } from "./frame.ts";

const port = (fallback: string, about: string): ExtraOption => ({
  fallback,
  placeholder: "PORT",
  about,
  problem: (text) => /^\d+$/.test(text) && Number(text) <= 65_535 ? null : "must be a port, 0 for any free one",
});
const SETTLE_MS = 1300;
/** The edge's default, in records a second. */
const DRONE_RATE = 100;
const READY_POLL_MS = 50;
const READY_MS_MAX = 15_000;

const platform = systemPlatform();
const pause = (ms: number) => new Promise<void>((resolve) => void platform.after(ms, resolve));

async function main(args: string[]): Promise<number> {
  const options = readOptions(args, {
    command: "deno task demo",
    extra: { "port": port("8788", "console and API"), "edge-port": port("8787", "the edge, for drones") },
  });
  const plan = await loadPlan(options, Math.floor(platform.now() / 1000));
  const taken = takenPorts({ "--port": options.extra.port, "--edge-port": options.extra["edge-port"] });
  if (taken.length > 0) throw new UsageError(`Cannot start the demo:\n  ${taken.join("\n  ")}`);

  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, onSignal);
  const folder = await Deno.makeTempDir({ prefix: "slipstream-demo-" });
  const parts: Part[] = [];
  let relay: Relay | null = null;
  try {
    const sqlite = join(folder, "slipstream.sqlite");
    const zonesFile = join(folder, "zones.kv");
    await writeZones(zonesFile, options.replay.length === 0 ? plan.drones : []);
    const onLine = (line: string) => console.error(line);
    const aggregator = await Part.start({
      name: "aggregator",
      env: {
        SLIPSTREAM_AGGREGATOR_HOST: "127.0.0.1",
        SLIPSTREAM_AGGREGATOR_PORT: options.extra.port,
        SLIPSTREAM_SQLITE: sqlite,
        SLIPSTREAM_JOURNAL: join(folder, "journal"),
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
        SLIPSTREAM_EDGE_PORT: options.extra["edge-port"],
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
    await Deno.remove(folder, { recursive: true });
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
  Deno.exit(await main(Deno.args));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
  Deno.exit(error instanceof UsageError ? 2 : 1);
}
