// Everything at once: an aggregator, an edge and a fleet as processes of their own, and a line a second about them. Here is
// nothing that could be too busy to hear that it is to end.
import { join, resolve } from "node:path";
import { port, text } from "../platform/kinds.ts";
import { flag, optionsOf, UsageError } from "../platform/options.ts";
import { systemPlatform } from "../platform/system.ts";
import { alertsIn } from "./alert_table.ts";
import { DemoIdentity } from "./demo_identity.ts";
import { zoneOf } from "./fleet.ts";
import { FLEET_READY, type FleetOrder, type Flight, readWord } from "./fleet_words.ts";
import type { SimIdentity } from "./sim_identity.ts";
import { isUsed, keptFiles, replayCommand } from "./keeping.ts";
import { ANYBODY, observe, type Urls } from "./observer.ts";
import { loadPlan, TRAFFIC } from "./options.ts";
import { partArgs } from "./part.ts";
import { Parts } from "./parts.ts";
import { takenPorts } from "./ports.ts";
import { Relay } from "./relay.ts";
import { StatusPrinter } from "./status_printer.ts";
import { summarize, summaryText } from "./summary.ts";

const options = optionsOf({
  ...TRAFFIC,
  name: "deno task demo",
  about: "Everything at once: an aggregator, an edge, a fleet, and a line a second about them. Ctrl-C ends all of it.",
  options: {
    "port": port({ fallback: 8788, about: "console and API; 0: one that is free" }),
    "edge-port": port({ fallback: 8787, about: "the edge, for drones; 0: one that is free" }),
    "tls": flag("everybody proves who they are: mutual TLS with a PKI of its own, tokens for people"),
    "keep": text({
      ...{ fallback: null, placeholder: "DIR", shown: "nothing is left of it" },
      about: "leaves journal and database in this folder, for deno task replay",
    }),
    ...TRAFFIC.options,
  },
});
const SETTLE_MS = 1300;
/** A fleet that sends later than this at its end is more than the machine can do: nobody waits for the rest. */
const LATE_MS_MAX = 1000;
/** The edge's default, in records a second. */
const DRONE_RATE = 100;
const READY_POLL_MS = 50;
const READY_MS_MAX = 15_000;
/** As a shell has it for what a signal ended. */
const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

const platform = systemPlatform("demo");
const pause = (ms: number) => new Promise<void>((resolve) => void platform.after(ms, resolve));

async function main(): Promise<number> {
  const kept = options.keep === null ? null : resolve(options.keep);
  if (kept !== null && await isUsed(kept)) {
    throw new UsageError(`Cannot start the demo: ${kept} is not an empty folder; --keep needs one of its own`);
  }
  const taken = takenPorts({ "--port": options.port, "--edge-port": options["edge-port"] });
  if (taken.length > 0) throw new UsageError(`Cannot start the demo:\n  ${taken.join("\n  ")}`);
  const stop = new AbortController();
  const stopped = new Promise<"stopped">((resolve) => stop.signal.addEventListener("abort", () => resolve("stopped")));
  let failure: Error | null = null;
  const parts = new Parts((error) => {
    failure ??= error;
    stop.abort();
  });
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => {
      if (!stop.signal.aborted) return stop.abort();
      parts.kill();
      Deno.exit(SIGNAL_CODES[name]);
    });
  }
  const passing = await Deno.makeTempDir({ prefix: "slipstream-demo-" });
  await using relays = new AsyncDisposableStack();
  try {
    const flying = fly({ folder: kept ?? passing, passing, parts, relays, signal: stop.signal });
    const end = await Promise.race([flying, stopped]);
    if (failure) throw failure;
    await (end === "in order" ? parts.endInOrder() : parts.endTogether());
    return 0;
  } finally {
    stop.abort();
    await parts.endTogether();
    await Deno.remove(passing, { recursive: true });
    // With --json stdout has the summary and nothing else.
    if (kept !== null) (options.json ? console.error : console.log)(`kept in ${kept}: ${replayCommand(kept)}`);
  }
}

/** How the demo is to end. */
type End = "in order" | "at once" | "stopped";

async function fly({ folder, passing, parts, relays, signal }: {
  /** Where the aggregator keeps what it knows, and where the rest is. */
  folder: string;
  passing: string;
  parts: Parts;
  relays: AsyncDisposableStack;
  signal: AbortSignal;
}): Promise<End> {
  const plan = await loadPlan(options, Math.floor(platform.now() / 1000));
  const { journal, sqlite } = keptFiles(folder);
  const zonesFile = join(passing, "zones.kv");
  await writeZones(zonesFile, options.replay.length === 0 ? plan.drones : []);
  const onLine = (line: string) => console.error(line);
  const identity = options.tls ? await DemoIdentity.create(join(passing, "pki"), platform) : null;
  relays.defer(() => identity?.close());
  const aggregatorUrl = await parts.start({
    name: "aggregator",
    args: partArgs("aggregator"),
    env: {
      SLIPSTREAM_AGGREGATOR_HOST: "127.0.0.1",
      SLIPSTREAM_AGGREGATOR_PORT: `${options.port}`,
      SLIPSTREAM_SQLITE: sqlite,
      SLIPSTREAM_JOURNAL: journal,
      ...identity?.aggregatorEnv,
    },
    onLine,
  });
  const relay = plan.cut ? relays.use(new Relay(Number(new URL(aggregatorUrl).port))) : null;
  const reached = relay ? aggregatorUrl.replace(/:\d+$/, `:${relay.port}`) : aggregatorUrl;
  const edgeUrl = await parts.start({
    name: "edge",
    args: partArgs("edge"),
    env: {
      SLIPSTREAM_EDGE_HOST: "127.0.0.1",
      SLIPSTREAM_EDGE_PORT: `${options["edge-port"]}`,
      SLIPSTREAM_UPLINK_URL: `${reached.replace("http", "ws")}/v1/uplink`,
      SLIPSTREAM_KV: zonesFile,
      ...ratesAt(options.speed),
      ...identity?.edgeEnv,
    },
    onLine,
  });
  const urls = { edgeUrl, aggregatorUrl, asker: identity ?? ANYBODY };
  await untilReady(urls, signal);
  if (identity && !options.json) console.log(`sign in at the console with this token: ${await identity.token()}`);
  if (!options.json) console.log(`console: ${aggregatorUrl}  edge: ${edgeUrl}  Ctrl-C ends all of it`);
  let simulatorLagMs = 0;
  const ended = Promise.withResolvers<Flight>();
  const order: FleetOrder = { options, url: telemetryUrl(edgeUrl), pki: identity?.folder ?? null };
  await parts.start({
    name: "fleet",
    args: ["run", "-A", "--quiet", "sim/fleet_main.ts", JSON.stringify(order)],
    readyWhen: FLEET_READY,
    onLine,
    onOutput: (line) => {
      const word = readWord(line);
      if (word.type === "cut") relay?.cut(word.isCut);
      else if (word.type === "lag") simulatorLagMs = word.lagMs;
      else ended.resolve(word.flight);
    },
  });
  const print = options.json ? () => {} : console.log;
  const printer = new StatusPrinter({ urls, platform, print, simulatorLagMs: () => simulatorLagMs, signal });
  printer.start();
  const flight = await ended.promise;
  const isLate = flight.lagMs > LATE_MS_MAX;
  const printed = printer.stop();
  // The last windows fire and reach the database.
  if (!isLate) await Promise.all([printed, pause(SETTLE_MS)]);
  const summary = summarize({ flight, seen: { ...await observe(urls), alerts: alertsIn(sqlite) }, seed: options.seed });
  if (!signal.aborted) console.log(options.json ? JSON.stringify(summary) : summaryText(summary));
  return isLate ? "at once" : "in order";
}

function telemetryUrl(edgeUrl: string): string {
  return `${edgeUrl.replace("http", "ws")}/v1/telemetry`;
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
async function writeZones(file: string, drones: SimIdentity[]): Promise<void> {
  const kv = await Deno.openKv(file);
  for (const [i, { droneId }] of drones.entries()) {
    await kv.set(["slipstream", "zones", droneId], { zone: zoneOf(i, drones.length) });
  }
  kv.close();
}

async function untilReady({ edgeUrl, asker }: Urls, signal: AbortSignal): Promise<void> {
  const untilMs = platform.now() + READY_MS_MAX;
  while (!signal.aborted && platform.now() < untilMs) {
    const response = await asker.ask(`${edgeUrl}/readyz`);
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
