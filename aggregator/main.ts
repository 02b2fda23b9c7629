// The aggregator's process: reads the environment, starts the aggregator (aggregator.ts, in the order in which data
// flows) and stops it cleanly.
import { dirname } from "node:path";
import { ownCpuMs } from "../platform/cpu_use.ts";
import { keptKey, randomKey } from "../platform/pseudonyms.ts";
import { logSettings } from "../platform/log.ts";
import { ownOpenFilesMax } from "../platform/open_files.ts";
import { flag, optionsOf } from "../platform/options.ts";
import { Watchdog } from "../platform/watchdog.ts";
import { hostClock, systemPlatform } from "../platform/system.ts";
import { startAggregator } from "./aggregator.ts";
import { Traces } from "./tracing/traces.ts";
import { AGGREGATOR_SETTINGS, type AggregatorConfig, readAggregatorConfig } from "./config.ts";
import { isTraced, openTracer } from "../platform/tracing.ts";
import { ENDS_WITH_PARENT, endWithParent } from "../platform/parent.ts";

const CLOCK_CHECK_MS = 1000;
const MERGE = "merge";

const wallClock = hostClock();

/** What is wrong before anything has started is one message, not a stack. */
function exit(message: string): never {
  console.error(message);
  Deno.exit(2);
}

function readConfig(): AggregatorConfig {
  try {
    return readAggregatorConfig(Deno.env.toObject(), ownOpenFilesMax());
  } catch (error) {
    if (error instanceof TypeError) exit(error.message);
    throw error;
  }
}

function platformOf({ pseudonymKeyPath, ...config }: AggregatorConfig) {
  if (pseudonymKeyPath !== null) Deno.mkdirSync(dirname(pseudonymKeyPath), { recursive: true });
  const pseudonymKey = pseudonymKeyPath === null ? randomKey() : keptKey(pseudonymKeyPath);
  const log = logSettings(config, { isTerminal: Deno.stderr.isTerminal() });
  const system = systemPlatform("aggregator", { now: () => wallClock.now(), pseudonymKey, log });
  return { ...system, nowUs: () => system.now() * 1000, cpuMs: ownCpuMs };
}

async function start(config: AggregatorConfig) {
  const { host, port, sqlitePath } = config;
  try {
    const tracer = isTraced(Deno.env)
      ? await openTracer("aggregator", config.region === null ? {} : { region: config.region })
      : null;
    const own = platformOf(config);
    const platform = { ...own, traces: tracer && new Traces({ ...own, tracer }) };
    platform.every(CLOCK_CHECK_MS, () => wallClock.check());
    if (sqlitePath !== ":memory:") await Deno.mkdir(dirname(sqlitePath), { recursive: true });
    return { platform, aggregator: await startAggregator({ config, platform }) };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      exit(`Cannot listen on ${host}:${port}: the port is taken; set SLIPSTREAM_AGGREGATOR_PORT to another`);
    }
    if (!(error instanceof Error)) throw error;
    exit(
      `Cannot start the aggregator: ${error.message}; SLIPSTREAM_SQLITE is ${sqlitePath}, SLIPSTREAM_JOURNAL is ${config.journalPath}`,
    );
  }
}

async function run(): Promise<void> {
  optionsOf({
    name: "deno task aggregator",
    about: "The aggregator: journals what the edges hand over, and makes windows, alerts and warnings of it.",
    options: { [MERGE]: flag("adds up windows of several regions instead; with --help it tells of that") },
    settings: AGGREGATOR_SETTINGS,
  });
  if (Deno.env.has(ENDS_WITH_PARENT)) endWithParent(Deno.stdin, () => Deno.exit(1));
  const { platform, aggregator } = await start(readConfig());
  const watchdog = new Watchdog({ ...platform, env: Deno.env });
  platform.announce(`listening on ${aggregator.url}`);
  if (aggregator.adminToken) {
    platform.announce(
      `sign in within an hour by this token, as SLIPSTREAM_TOKEN_KEYS names none: ${aggregator.adminToken}`,
    );
  }
  watchdog.ready();

  const stop = async () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, stop);
    watchdog.stopping();
    await aggregator.stop();
    watchdog.close();
    Deno.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
}

// That is a process of its own, with settings of its own.
if (Deno.args.includes(`--${MERGE}`)) await import("./merge/main.ts");
else await run();
