// The edge's process: reads the environment, builds the edge, serves it, and stops it gracefully.
import { setImmediate } from "node:timers";
import { readEdgeConfig } from "./config.ts";
import { createEdge } from "./edge.ts";
import type { Platform } from "./platform.ts";
import { connectPromptly } from "./prompt_socket.ts";

/** Deno Deploy leaves 5 s between SIGINT and the end. */
const STOP_LIMIT_MS = 4000;

const platform: Platform = {
  now: () => performance.timeOrigin + performance.now(),
  clock: () => performance.now(),
  random: () => Math.random(),
  fillRandom: (bytes) => void crypto.getRandomValues(bytes),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  soon: (fn) => void setImmediate(fn),
  every: (ms, fn) => {
    const timer = setInterval(fn, ms);
    return () => clearInterval(timer);
  },
  connect: connectPromptly,
  log: (level, message) => console.error(`edge ${level}: ${message}`),
};

function exit(message: string): never {
  console.error(message);
  Deno.exit(2);
}

function readConfig() {
  try {
    return readEdgeConfig(Deno.env.toObject());
  } catch (error) {
    if (error instanceof TypeError) exit(error.message);
    throw error;
  }
}

const config = readConfig();
const kv = config.kv === undefined ? null : await Deno.openKv(config.kv === "default" ? undefined : config.kv);
const edge = await createEdge(config, platform, kv);

function serve(): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({
      hostname: config.host,
      port: config.port,
      onListen: ({ hostname, port }) => console.log(`listening on http://${hostname}:${port}`),
    }, edge.app.fetch);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    exit(`Cannot listen on ${config.host}:${config.port}: the port is taken; set SLIPSTREAM_EDGE_PORT to another`);
  }
}

const server = serve();
edge.start();

async function stop(): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, stop);
  await edge.stop(STOP_LIMIT_MS);
  await server.shutdown();
  kv?.close();
  Deno.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
