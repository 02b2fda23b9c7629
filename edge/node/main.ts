// deno task edge: one edge a core, behind one port; on one core, or where edges cannot share a port, the edge itself.
import { optionsOf } from "../../platform/options.ts";
import { logSettings } from "../../platform/log.ts";
import { loadLibrary } from "../../platform/metrics.ts";
import { ownOpenFilesMax } from "../../platform/open_files.ts";
import { openKv } from "../../platform/kv.ts";
import { ENDS_WITH_PARENT, endWithParent, MEMBER_OF_NODE } from "../../platform/parent.ts";
import { noticesBrokenSockets } from "../../platform/runtime.ts";
import { randomKey } from "../../platform/pseudonyms.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Watchdog } from "../../platform/watchdog.ts";
import { EDGE_SETTINGS, type EdgeConfig, readEdgeConfig } from "../config.ts";
import { adopt } from "./leftovers.ts";
import { Node } from "./node.ts";
import { EdgeProcess } from "./process.ts";

/** Each edge has 4 s and a moment to close. */
const STOP_LIMIT_MS = 6000;
/** Where nothing is said. */
const EDGES_MAX = 16;
/** Elsewhere a kernel gives all connections to one process, or lets nobody share a port; an older Deno cannot ask for it. */
const CAN_SHARE = Deno.build.os === "linux" && noticesBrokenSockets();

function exit(message: string, code: number): never {
  console.error(message);
  Deno.exit(code);
}

/** What it asks for cannot be had: nothing is started. */
function refuse(error: unknown): never {
  if (error instanceof TypeError) exit(error.message, 2);
  throw error;
}

function readConfig(): EdgeConfig {
  try {
    return readEdgeConfig(Deno.env.toObject(), ownOpenFilesMax());
  } catch (error) {
    return refuse(error);
  }
}

/** A port, found free; nobody has listened there who would have shared it. */
function findPort(host: string, { port, setting }: { port: number; setting: string }): number {
  try {
    using listener = Deno.listen({ hostname: host, port });
    return listener.addr.port;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    exit(`Cannot listen on ${host}:${port}: the port is taken; set ${setting} to another`, 2);
  }
}

/** As this process was started. */
function ownCommand(): string[] {
  const [, ...args] = Deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(0, -1);
  return [Deno.execPath(), ...args];
}

async function run(config: EdgeConfig, edges: number): Promise<void> {
  const log = logSettings(config, { isTerminal: Deno.stderr.isTerminal() });
  const platform = systemPlatform("edge", { log });
  if (Deno.env.has(ENDS_WITH_PARENT)) endWithParent(Deno.stdin, () => Deno.exit(1));
  const { host, mqttPort } = config;
  // Its edges write where it does, and cannot see where that is.
  const [command, env] = [ownCommand(), { ...Deno.env.toObject(), SLIPSTREAM_LOG: log.format }];
  const watchdog = new Watchdog({ ...platform, env: Deno.env });
  const node = new Node({
    ...platform,
    edges,
    edgeId: config.edgeId,
    port: findPort(host, { port: config.port, setting: "SLIPSTREAM_EDGE_PORT" }),
    mqttPort: mqttPort === null ? null : findPort(host, { port: mqttPort, setting: "SLIPSTREAM_MQTT_PORT" }),
    ratePerS: config.nodeRatePerS,
    pseudonymKey: config.pseudonymKeyPath === undefined ? randomKey() : null,
    start: (onMessage) => new EdgeProcess({ command, env, onMessage, onLine: (line) => console.log(line) }),
    onHopeless: (error) => {
      platform.log("error", error.message);
      end(1);
    },
  });
  const end = async (code: number) => {
    watchdog.stopping();
    await node.stop(STOP_LIMIT_MS);
    watchdog.close();
    Deno.exit(code);
  };
  const stop = () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, stop);
    end(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
  platform.announce(`listening on ${await node.start()}`);
  watchdog.ready();
  platform.log("info", `${edges} edges share the port`);
}

if (Deno.env.has(MEMBER_OF_NODE)) {
  await loadLibrary();
  await import("../main.ts");
} else {
  optionsOf({
    name: "deno task edge",
    about: "Edges, one a core: take the drones' telemetry, and hand it over to the aggregator.",
    options: {},
    settings: EDGE_SETTINGS,
  });
  const config = readConfig();
  const cores = CAN_SHARE && !config.hosted ? navigator.hardwareConcurrency : 1;
  const edges = config.processes ?? Math.min(cores, EDGES_MAX);
  if (edges > 1 && !CAN_SHARE) exit("Cannot run several edges: to share a port takes Linux, and Deno 2.6 or newer", 2);
  const { edgeId, kv } = config;
  if (kv !== undefined && config.replayInKv) await adopt({ edgeId, kv, edges }, openKv).catch(refuse);
  await loadLibrary();
  if (edges === 1) await import("../main.ts");
  else await run(config, edges);
}
