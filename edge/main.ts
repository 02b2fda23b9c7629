// The edge's process: reads the environment, builds the edge, serves it, and stops it gracefully.
import { ownOpenFilesMax } from "../platform/open_files.ts";
import { optionsOf } from "../platform/options.ts";
import { randomKey, readKey } from "../platform/pseudonyms.ts";
import { ENDS_WITH_PARENT, endWithParent } from "../platform/parent.ts";
import { connectPromptly } from "../platform/prompt_socket.ts";
import { hostClock, systemPlatform } from "../platform/system.ts";
import { EDGE_SETTINGS, type EdgeConfig, readEdgeConfig } from "./config.ts";
import { createEdge, type EdgePlatform } from "./edge.ts";
import { readProof } from "./uplink/proof.ts";
import { serveEdge, serveMqtt } from "./ingest/serving.ts";

/** Deno Deploy leaves 5 s between SIGINT and the end. */
const STOP_LIMIT_MS = 4000;

const CLOCK_CHECK_MS = 1000;

optionsOf({
  name: "deno task edge",
  about: "An edge: takes the drones' telemetry, and hands it over to the aggregator.",
  options: {},
  settings: EDGE_SETTINGS,
});

const wallClock = hostClock();

function exit(message: string): never {
  console.error(message);
  Deno.exit(2);
}

function readConfig() {
  try {
    return readEdgeConfig(Deno.env.toObject(), ownOpenFilesMax());
  } catch (error) {
    if (error instanceof TypeError) exit(error.message);
    throw error;
  }
}

function platformOf({ pseudonymKeyPath, uplinkProof }: EdgeConfig): EdgePlatform {
  try {
    const pseudonymKey = pseudonymKeyPath === undefined ? randomKey() : readKey(pseudonymKeyPath);
    const system = systemPlatform("edge", { now: () => wallClock.now(), pseudonymKey });
    return { ...system, connect: (url, subprotocol) => connectPromptly(url, subprotocol, readProof(uplinkProof)) };
  } catch (error) {
    if (error instanceof Error) exit(`Cannot start the edge: ${error.message}; see SLIPSTREAM_PSEUDONYM_KEY`);
    throw error;
  }
}

if (Deno.env.has(ENDS_WITH_PARENT)) endWithParent(Deno.stdin, () => Deno.exit(1));
const config = readConfig();
const platform = platformOf(config);
const kv = config.kv === undefined ? null : await Deno.openKv(config.kv === "default" ? undefined : config.kv);
const edge = await createEdge(config, platform, kv);

async function listen<Listening>(
  serving: Promise<Listening>,
  { port, setting }: { port: number | null; setting: string },
): Promise<Listening> {
  try {
    return await serving;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    exit(`Cannot listen on ${config.host}:${port}: the port is taken; set ${setting} to another`);
  }
}

const serving = { config, platform, tls: edge.tls, refusals: edge.refusals };
const server = await listen(serveEdge(edge.app, serving), { port: config.port, setting: "SLIPSTREAM_EDGE_PORT" });
console.log(`listening on ${server.url}`);
const mqttServer = await listen(serveMqtt(edge.mqtt, serving), {
  port: config.mqttPort,
  setting: "SLIPSTREAM_MQTT_PORT",
});
if (mqttServer) console.log(`MQTT on ${mqttServer.url}`);
if (config.connectionsMax < config.connectionsAsked) {
  platform.log("warn", `takes ${config.connectionsMax} drones at most: no more fit the files it may open`);
}
edge.start();
platform.every(CLOCK_CHECK_MS, () => {
  const stepMs = wallClock.check();
  if (stepMs !== 0) platform.log("warn", `the clock was set by ${(stepMs / 1000).toFixed(3)} s`);
});

async function stop(): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, stop);
  await edge.stop(STOP_LIMIT_MS);
  await Promise.all([server.stop(), mqttServer?.stop()]);
  kv?.close();
  Deno.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
