// The job of flink/ over what is in the topics now, as flink/run.sh runs it: a JobManager and a TaskManager, which can be killed.
import { freePort } from "../e2e/free_port.ts";
import { eventually } from "../chaos/eventually.ts";

const FLINK = new URL("../../flink/", import.meta.url).pathname;
/** It tries again, whatever fails. */
const JOB_MS_MAX = 600_000;
const CHECKPOINT_MS_MAX = 120_000;

/** Whether tests/with/flink.sh has built it. */
export function hasFlink(): boolean {
  try {
    return Deno.statSync(`${FLINK}target/slipstream-flink.jar`).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

export interface FlinkRun {
  /** Wall time and CPU of all of it, planning included. */
  seconds: number;
  /** How often it went on from a checkpoint. */
  restarts: number;
}

/** Ends with the job. @throws {Error} with what the JobManager said last when it fails */
export async function runFlink(
  brokers: string,
  { kill, settings = {} }: { kill: boolean; settings?: Record<string, string> },
): Promise<FlinkRun> {
  const state = await Deno.makeTempDir({ prefix: "slipstream-flink-" });
  const began = performance.now();
  const values = { BROKERS: brokers, BOUNDED: "latest-offset", ...settings };
  const ports = { "jobmanager.rpc.port": freePort(), "rest.port": freePort() };
  const child = new Deno.Command(`${FLINK}run.sh`, {
    args: Object.entries(values).map(([name, value]) => `${name}=${value}`),
    env: {
      FLINK_STATE: state,
      FLINK_SETTINGS: Object.entries(ports).map(([name, port]) => `-D${name}=${port}`).join(" "),
    },
    ...{ stdin: "null", stdout: "null", stderr: "null" },
  }).spawn();
  try {
    const ended = child.status;
    if (kill) await killTaskManager(state);
    const timer = setTimeout(() => end(child), JOB_MS_MAX);
    const { code } = await ended;
    clearTimeout(timer);
    if (code !== 0) throw new Error(`Cannot run the Flink job: exit code ${code}\n${await lastLines(state)}`);
    return { seconds: Math.round(performance.now() - began) / 1000, restarts: await restartsIn(state) };
  } finally {
    end(child);
    await child.status;
    await Deno.remove(state, { recursive: true });
  }
}

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch (error) {
    // It has ended.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Once it has something to go on from. */
async function killTaskManager(state: string): Promise<void> {
  if (!await eventually(() => hasCheckpoint(`${state}/checkpoints`), CHECKPOINT_MS_MAX)) return;
  Deno.kill(Number(await Deno.readTextFile(`${state}/taskmanager.pid`)), "SIGKILL");
}

async function restartsIn(state: string): Promise<number> {
  const log = await Deno.readTextFile(`${state}/jobmanager.log`);
  return [...log.matchAll(/switched from state RUNNING to RESTARTING/g)].length;
}

async function hasCheckpoint(folder: string): Promise<boolean> {
  try {
    for await (const job of Deno.readDir(folder)) {
      for await (const { name } of Deno.readDir(`${folder}/${job.name}`)) {
        if (name.startsWith("chk-") && (await Deno.stat(`${folder}/${job.name}/${name}/_metadata`)).isFile) return true;
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}

async function lastLines(state: string): Promise<string> {
  const log = await Deno.readTextFile(`${state}/jobmanager.log`).catch(() => "");
  const told = log.split("\n").filter((line) => /Exception|ERROR|Caused/.test(line));
  return told.slice(-20).join("\n");
}
