// The edge's process: reads the environment, builds the edge, serves it, and stops it gracefully.
import { ownCpuMs } from "../platform/cpu_use.ts";
import { ownOpenFilesMax } from "../platform/open_files.ts";
import { openKv } from "../platform/kv.ts";
import { randomKey, readKey } from "../platform/pseudonyms.ts";
import { LateSockets } from "../platform/late_sockets.ts";
import { logSettings } from "../platform/log.ts";
import { ENDS_WITH_PARENT, endWithParent, MEMBER_OF_NODE } from "../platform/parent.ts";
import { Watchdog } from "../platform/watchdog.ts";
import { hostClock, type ProcessPlatform, systemPlatform } from "../platform/system.ts";
import { isTraced, openTracer } from "../platform/tracing.ts";
import { EDGE_SETTINGS, type EdgeConfig, readEdgeConfig } from "./config.ts";
import { createEdge, type EdgePlatform } from "./edge.ts";
import { serveMavlinkTcp, serveMavlinkUdp } from "./ingest/mavlink_serving.ts";
import { serveEdge, serveMqtt } from "./ingest/serving.ts";
import { Member } from "./member/member.ts";
import { memberConfig } from "./member/settings.ts";
import { isolateId } from "./ids/isolate_id.ts";
import { EdgeTraces } from "./tracing/edge_traces.ts";
import { readProof } from "./uplink/proof.ts";

/** Deno Deploy leaves 5 s between SIGINT and the end. */
const STOP_LIMIT_MS = 4000;

const CLOCK_CHECK_MS = 1000;
const HEARD_FIRST_MS = 50;

// It has no options: whoever gives one wants help, or needs it.
if (Deno.args.length > 0) {
  const { optionsOf } = await import("../platform/options.ts");
  optionsOf({
    name: "deno task edge",
    about: "An edge: takes the drones' telemetry, and hands it over to the aggregator.",
    options: {},
    settings: EDGE_SETTINGS,
  });
}

const wallClock = hostClock();
const sockets = new LateSockets();

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

function platformOf(
  { pseudonymKeyPath, uplinkProof, ...config }: EdgeConfig,
  member: Member | null,
): EdgePlatform & ProcessPlatform {
  const { number, pseudonymKey: ofNode = null } = member?.welcome ?? {};
  try {
    const pseudonymKey = ofNode ?? (pseudonymKeyPath === undefined ? randomKey() : readKey(pseudonymKeyPath));
    const name = number === undefined ? "edge" : `edge ${number}`;
    const log = logSettings(config, { isTerminal: Deno.stderr.isTerminal() });
    const own = systemPlatform(name, { now: () => wallClock.now(), pseudonymKey, log });
    const system = { ...own, cpuMs: ownCpuMs, ...member && { member } };
    const proof = () => readProof(uplinkProof, system.now());
    return { ...system, connect: (url, subprotocol) => sockets.connect(url, subprotocol, proof()) };
  } catch (error) {
    if (error instanceof Error) exit(`Cannot start the edge: ${error.message}; see SLIPSTREAM_PSEUDONYM_KEY`);
    throw error;
  }
}

const kvOf = (path: string) => openKv(path).catch((error: TypeError) => exit(error.message));
const onOrphaned = () => Deno.exit(1);

if (Deno.env.has(ENDS_WITH_PARENT)) endWithParent(Deno.stdin, onOrphaned);
const member = Deno.env.has(MEMBER_OF_NODE)
  ? await Member.open({ stdin: Deno.stdin.readable, stdout: Deno.stdout.writable, onOrphaned })
  : null;
const settings = member ? memberConfig(readConfig(), member.welcome) : readConfig();
const platform = platformOf(settings, member);
const { hosted, edgeName } = settings;
const config = hosted ? { ...settings, edgeId: isolateId(edgeName, platform.fillRandom) } : settings;
const kv = config.kv === undefined ? null : await kvOf(config.kv);
const ownKv = config.backlogKv === undefined || config.backlogKv === config.kv ? null : await kvOf(config.backlogKv);
const tracer = isTraced(Deno.env) ? await openTracer("edge", { edge: config.edgeId, region: config.region }) : null;
const traces = tracer && new EdgeTraces({ tracer, oneIn: config.traceOneIn, platform });
// What it reads to start, such as keys, may be missing or wrong.
const edge = await createEdge(config, { ...platform, traces, backlogKv: ownKv }, kv).catch((error: Error) =>
  exit(`Cannot start the edge: ${error.message}`)
);

async function listen<Listening>(
  serving: Promise<Listening>,
  { host = config.host, port, setting }: { host?: string; port: number | null; setting: string },
): Promise<Listening> {
  try {
    return await serving;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isTaken = error instanceof Deno.errors.AddrInUse;
    const why = isTaken ? `the port is taken; set ${setting} to another` : `${error.message}; see ${setting}`;
    exit(`Cannot listen on ${host}:${port}: ${why}`);
  }
}

const serving = { config, platform, tls: edge.tls, refusals: edge.refusals };
const server = await listen(serveEdge(edge.app, serving), { port: config.port, setting: "SLIPSTREAM_EDGE_PORT" });
const mqttServer = await listen(serveMqtt(edge.mqtt, serving), {
  port: config.mqttPort,
  setting: "SLIPSTREAM_MQTT_PORT",
});
const { host, udpPort, tcpPort } = config.mavlink;
const mavlinkServers = [
  await listen(serveMavlinkUdp(edge.mavlink, serving), { host, port: udpPort, setting: "SLIPSTREAM_MAVLINK_UDP_PORT" }),
  await listen(serveMavlinkTcp(edge.mavlink, serving), { host, port: tcpPort, setting: "SLIPSTREAM_MAVLINK_TCP_PORT" }),
].filter((server) => server !== null);
const watchdog = new Watchdog({ ...platform, env: Deno.env });
// Before anybody hears that it is there.
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
member?.onStop(stop);
if (member) member.listening(server.url);
else platform.announce(`listening on ${server.url}`);
// Of several edges with one port, one says so.
if (mqttServer && (member?.welcome.number ?? 1) === 1) platform.announce(`MQTT on ${mqttServer.url}`);
for (const { url } of mavlinkServers) platform.announce(`MAVLink on ${url}`);
if (config.connectionsMax < config.connectionsAsked) {
  platform.log("warn", `takes ${config.connectionsMax} drones at most: no more fit the files it may open`);
}
platform.every(CLOCK_CHECK_MS, () => {
  const stepMs = wallClock.check();
  if (stepMs !== 0) platform.log("warn", `the clock was set by ${(stepMs / 1000).toFixed(3)} s`);
});

let isStopping = false;

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, stop);
  watchdog.stopping();
  await edge.stop(STOP_LIMIT_MS);
  await Promise.all([server.stop(), mqttServer?.stop(), ...mavlinkServers.map((server) => server.stop())]);
  watchdog.close();
  kv?.close();
  ownKv?.close();
  Deno.exit(0);
}
// Who waits already is heard first: what connects takes as long to load as all the rest to start.
platform.after(hosted ? HEARD_FIRST_MS : 0, async () => {
  await sockets.load();
  edge.start();
  watchdog.ready();
});
