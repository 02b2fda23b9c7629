// The aggregator's process: reads the environment, starts the aggregator (aggregator.ts, in the order in which data
// flows) and stops it cleanly. The only file here that touches the clock and timers.
import { dirname } from "node:path";
import { startAggregator } from "./aggregator.ts";
import { type AggregatorConfig, readAggregatorConfig } from "./config.ts";
import { ENDS_WITH_PARENT, endWithParent } from "../platform/parent.ts";
import { WallClock } from "../platform/wall_clock.ts";
import type { Platform } from "./platform.ts";

const WALL_CHECK_MS = 1000;

const wall = new WallClock({ wallMs: () => Date.now(), monotonicMs: () => performance.now() });
setInterval(() => wall.check(), WALL_CHECK_MS);

const platform: Platform = {
  nowUs: () => wall.now() * 1000,
  clock: () => performance.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  every: (ms, fn) => {
    const timer = setInterval(fn, ms);
    return () => clearInterval(timer);
  },
  log: (level, message) => console.error(`aggregator ${level}: ${message}`),
};

/** What is wrong before anything has started is one message, not a stack. */
function exit(message: string): never {
  console.error(message);
  Deno.exit(2);
}

function readConfig(): AggregatorConfig {
  try {
    return readAggregatorConfig(Deno.env.toObject());
  } catch (error) {
    if (error instanceof TypeError) exit(error.message);
    throw error;
  }
}

async function start(config: AggregatorConfig) {
  const { host, port, sqlitePath } = config;
  try {
    if (sqlitePath !== ":memory:") await Deno.mkdir(dirname(sqlitePath), { recursive: true });
    return await startAggregator({ config, platform });
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

if (Deno.env.has(ENDS_WITH_PARENT)) endWithParent(Deno.stdin, () => Deno.exit(1));
const aggregator = await start(readConfig());
console.log(`listening on ${aggregator.url}`);

async function stop(): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, stop);
  await aggregator.stop();
  Deno.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
