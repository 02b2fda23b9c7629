// The process that adds up windows of several regions: `deno task aggregator --merge` ends up here. Reads the environment, starts what
// merging.ts puts together, and stops it cleanly.
import { dirname } from "node:path";
import { logSettings } from "../../platform/log.ts";
import { ownOpenFilesMax } from "../../platform/open_files.ts";
import { flag, optionsOf } from "../../platform/options.ts";
import { ENDS_WITH_PARENT, endWithParent } from "../../platform/parent.ts";
import { hostClock, systemPlatform } from "../../platform/system.ts";
import { Watchdog } from "../../platform/watchdog.ts";
import { MERGER_SETTINGS, type MergerConfig, readMergerConfig } from "./config.ts";
import { startMerging } from "./merging.ts";

const CLOCK_CHECK_MS = 1000;

optionsOf({
  name: "deno task aggregator",
  about: "With --merge: adds up the windows that the aggregators of several regions publish to Kafka.",
  options: { merge: flag("this, instead of an aggregator") },
  settings: MERGER_SETTINGS,
});

const wallClock = hostClock();

/** What is wrong before anything has started is one message, not a stack. */
function exit(message: string): never {
  console.error(message);
  Deno.exit(2);
}

function readConfig(): MergerConfig {
  try {
    return readMergerConfig(Deno.env.toObject(), ownOpenFilesMax());
  } catch (error) {
    if (error instanceof TypeError) exit(error.message);
    throw error;
  }
}

async function start(config: MergerConfig) {
  const { host, port, sqlitePath } = config;
  try {
    const log = logSettings(config, { isTerminal: Deno.stderr.isTerminal() });
    const platform = systemPlatform("merger", { now: () => wallClock.now(), log });
    platform.every(CLOCK_CHECK_MS, () => wallClock.check());
    if (sqlitePath !== ":memory:") await Deno.mkdir(dirname(sqlitePath), { recursive: true });
    return { platform, merging: await startMerging({ config, platform }) };
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      exit(`Cannot listen on ${host}:${port}: the port is taken; set SLIPSTREAM_MERGER_PORT to another`);
    }
    if (!(error instanceof Error)) throw error;
    exit(`Cannot start the merger: ${error.message}; SLIPSTREAM_MERGER_SQLITE is ${sqlitePath}`);
  }
}

if (Deno.env.has(ENDS_WITH_PARENT)) endWithParent(Deno.stdin, () => Deno.exit(1));
const { platform, merging } = await start(readConfig());
const watchdog = new Watchdog({ ...platform, env: Deno.env });
platform.announce(`listening on ${merging.url}`);
if (merging.adminToken) {
  platform.announce(`sign in within an hour by this token, as SLIPSTREAM_TOKEN_KEYS names none: ${merging.adminToken}`);
}
watchdog.ready();

async function stop(): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, stop);
  watchdog.stopping();
  await merging.stop();
  watchdog.close();
  Deno.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
