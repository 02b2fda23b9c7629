// A cold start as on a platform: from the start of the process to the first verdict, beside an empty Deno.serve; and what it is
// made of. Files are in the kernel's cache, modules in Deno's: each contender has started before.
import { Proofs } from "../../deploy/proofs.ts";
import { type BenchSettings, type Comparison, median } from "../comparison.ts";
import { NO_PROOF } from "../load_socket.ts";
import { firstVerdict, knock, ONE_RECORD_ENV } from "./first_verdict.ts";
import { MARKS, type Marks } from "./marks.ts";

const BUDGET_MS = 50;
const ROOT = new URL("../../../", import.meta.url);
const PROBE = "tests/bench/cold_start/probe.ts";
const DRONE_ID = "cold-1";

/** One start, in ms from the start of the process. */
interface Start {
  totalMs: number;
  marks: Marks | null;
}

/** What is started, and how it is seen that it is there. */
interface Contender {
  args: string[];
  env: (port: number) => Record<string, string>;
  seen: (port: number) => Promise<void>;
}

export async function compareColdStart({ smoke }: BenchSettings): Promise<Comparison[]> {
  const proofs = await Proofs.create("cold");
  const token = await proofs.droneToken(DRONE_ID);
  const env = (port: number) => ({
    ...{ ...proofs.edgeEnv, ...ONE_RECORD_ENV, DENO_DEPLOYMENT_ID: "bench" },
    ...{ DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`, SLIPSTREAM_UPLINK_URL: "ws://127.0.0.1:9/v1/uplink" },
  });
  const seen = (port: number) => firstVerdict(port, { droneId: DRONE_ID, proof: { ...NO_PROOF, token } });
  const contenders = {
    ours: { args: ["run", "-A", "edge/main.ts"], env, seen },
    probed: { args: ["run", "-A", "--preload", PROBE, "edge/main.ts"], env, seen },
    empty: {
      args: ["run", "-A", "tests/bench/cold_start/empty.ts"],
      env: (port: number) => ({ PORT: `${port}` }),
      seen: async (port: number) => void (await (await knockAndAsk(port)).text()),
    },
  } satisfies Record<string, Contender>;
  const starts = { ours: [] as Start[], probed: [] as Start[], empty: [] as Start[] };
  const names = Object.keys(contenders) as (keyof typeof contenders)[];
  for (const name of names) await start(contenders[name]);
  for (let round = 0; round < (smoke ? 1 : 15); round++) {
    for (const name of names) starts[name].push(await start(contenders[name]));
  }
  const of = (name: keyof typeof starts) => median(starts[name].map(({ totalMs }) => totalMs));
  const [ours, empty] = [of("ours"), of("empty")];
  return [{
    name: "cold start, from the start of the process to the first verdict of the hot path",
    unit: "ms",
    ours,
    rival: null,
    limit: { name: "empty Deno.serve, to its first answer", value: empty },
    budget: {
      text: `≤ ${BUDGET_MS} ms (${ours.toFixed(0)} ms in all, ${(ours - empty).toFixed(0)} ms more than the limit)`,
      met: ours <= BUDGET_MS,
    },
    note: `${parts(starts.probed)}\n  imports, each behind those before it: ${await imports()}`,
  }];
}

/** Of the probed starts: what happened between two marks. */
function parts(probed: Start[]): string {
  const part = (name: string, ms: (marks: Marks, totalMs: number) => number) => {
    const values = probed.flatMap(({ marks, totalMs }) => marks === null ? [] : [ms(marks, totalMs)]);
    return `${name} ${median(values).toFixed(1)}`;
  };
  return [
    part("runtime", ({ runtimeMs }) => runtimeMs),
    part("modules", ({ runtimeMs, graphMs }) => graphMs - runtimeMs),
    part("settings and identity", ({ graphMs, wasmMs }) => wasmMs - graphMs),
    part("WebAssembly", ({ compileMs }) => compileMs),
    part("assembly and listening", ({ wasmMs, compileMs, listenMs }) => listenMs - wasmMs - compileMs),
    part("connection, proof, first verdict", ({ listenMs }, totalMs) => totalMs - listenMs),
  ].join(", ") + " ms (under a probe)";
}

async function imports(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    ...{ args: ["run", "-A", "--quiet", "tests/bench/cold_start/imports.ts"], cwd: ROOT, stderr: "null" },
  }).output();
  const costs: [specifier: string, ms: number][] = JSON.parse(new TextDecoder().decode(stdout));
  return costs.map(([specifier, ms]) => `${specifier} ${ms.toFixed(1)}`).join(", ") + " ms";
}

async function knockAndAsk(port: number): Promise<Response> {
  (await knock(port)).close();
  return await fetch(`http://127.0.0.1:${port}/`);
}

/** Starts it, waits until it is seen, and ends it. */
async function start({ args, env, seen }: Contender): Promise<Start> {
  const port = freePort();
  const beganMs = performance.timeOrigin + performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    ...{ args, cwd: ROOT, env: { ...env(port), NO_COLOR: "1" }, stdin: "null", stdout: "piped", stderr: "null" },
  }).spawn();
  const said = new Response(child.stdout).text();
  try {
    await seen(port);
    const totalMs = performance.timeOrigin + performance.now() - beganMs;
    child.kill("SIGKILL");
    const told = (await said).split("\n").find((line) => line.startsWith(MARKS));
    return { totalMs, marks: told === undefined ? null : sinceStart(JSON.parse(told.slice(MARKS.length)), beganMs) };
  } finally {
    await child.status;
  }
}

function sinceStart({ runtimeMs, graphMs, wasmMs, compileMs, listenMs }: Marks, beganMs: number): Marks {
  const [runtime, graph, wasm, listen] = [runtimeMs, graphMs, wasmMs, listenMs].map((ms) => ms - beganMs);
  return { runtimeMs: runtime!, graphMs: graph!, wasmMs: wasm!, compileMs, listenMs: listen! };
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
