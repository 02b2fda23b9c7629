// Flink as flink/run.sh starts it: a JobManager and a TaskManager, for one job or for whatever its REST API is handed.
import { freePort } from "../e2e/free_port.ts";
import { eventually } from "../chaos/eventually.ts";
import { Command } from "../e2e/command.ts";

export const FLINK = new URL("../../flink/", import.meta.url).pathname;
const READY_MS_MAX = 120_000;
const JOB_MS_MAX = 600_000;

/** A job, or none. */
export interface ClusterSettings {
  /** Arguments of run.sh. */
  args: string[];
  /** Keeps checkpoints; without it one of its own. */
  state?: string;
}

export interface Job {
  mainClass: string;
  args: string[];
}

export class Cluster implements AsyncDisposable {
  readonly state: string;
  readonly #isOwn: boolean;
  readonly #child: Deno.ChildProcess;
  readonly #rest: string;

  private constructor(parts: { state: string; isOwn: boolean; child: Deno.ChildProcess; rest: string }) {
    this.state = parts.state;
    this.#isOwn = parts.isOwn;
    this.#child = parts.child;
    this.#rest = parts.rest;
  }

  /** Ready once a TaskManager has come, and the job runs if there is one. @throws {Error} when that does not happen */
  static async start({ args, state }: ClusterSettings): Promise<Cluster> {
    const isOwn = state === undefined;
    state ??= await Deno.makeTempDir({ prefix: "slipstream-flink-" });
    const [rpc, rest] = [freePort(), freePort()];
    const child = new Deno.Command(`${FLINK}run.sh`, {
      args,
      env: { FLINK_STATE: state, FLINK_SETTINGS: `-Djobmanager.rpc.port=${rpc} -Drest.port=${rest}` },
      ...{ stdin: "null", stdout: "null", stderr: "inherit" },
    }).spawn();
    const cluster = new Cluster({ state, isOwn, child, rest: `127.0.0.1:${rest}` });
    const isReady = () => cluster.#isReady({ hasJob: !args.includes("--session") }).catch(() => false);
    if (await eventually(isReady, READY_MS_MAX)) return cluster;
    const log = await Deno.readTextFile(`${state}/jobmanager.log`).catch(() => "");
    await cluster[Symbol.asyncDispose]();
    throw new Error(`Cannot start Flink: nothing runs after ${READY_MS_MAX / 1000} s\n${log.slice(-2000)}`);
  }

  /** Of the TaskManager, which does the work. */
  async taskManagerPid(): Promise<number> {
    return Number(await Deno.readTextFile(`${this.state}/taskmanager.pid`));
  }

  /** @returns what jobs are made of by `run` */
  async upload(jar: string): Promise<string> {
    const form = new FormData();
    form.set("jarfile", new File([await Deno.readFile(jar)], "job.jar", { type: "application/java-archive" }));
    const { filename } = await this.#ask("/jars/upload", { method: "POST", body: form });
    return filename.split("/").at(-1);
  }

  /** Ends with the job. @throws {Error} with what Flink says when it fails */
  async run(jar: string, { mainClass, args }: Job): Promise<void> {
    const body = JSON.stringify({ entryClass: mainClass, programArgsList: args });
    const headers = { "content-type": "application/json" };
    const { jobid } = await this.#ask(`/jars/${jar}/run`, { method: "POST", body, headers });
    let state = "";
    const isOver = async () => {
      ({ state } = await this.#ask(`/jobs/${jobid}`));
      return ["FINISHED", "FAILED", "CANCELED"].includes(state);
    };
    await eventually(isOver, JOB_MS_MAX);
    if (state === "FINISHED") return;
    const { "root-exception": why = "" } = await this.#ask(`/jobs/${jobid}/exceptions`);
    throw new Error(`Cannot run ${mainClass}: ${state || "it did not end"}\n${why}`);
  }

  /** By submit.sh, with what that takes behind the address. */
  async submit(args: string[], { savepoint }: { savepoint: string }): Promise<void> {
    const from = ["--from-savepoint", savepoint, this.#rest];
    const { code, stderr } = await new Command(`${FLINK}submit.sh`, [...from, ...args]).output();
    if (code !== 0) throw new Error(stderr);
  }

  /** By stop.sh. @returns where the savepoint is */
  async stopJob({ drain = false } = {}): Promise<string> {
    const args = [...drain ? ["--drain"] : [], this.#rest];
    const { code, stdout, stderr } = await new Command(`${FLINK}stop.sh`, args).output();
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  }

  /** Of a cluster of one job: it ends with that. */
  async ended(): Promise<number> {
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch (error) {
      // It has ended.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
    if (this.#isOwn) await Deno.remove(this.state, { recursive: true });
  }

  async #isReady({ hasJob }: { hasJob: boolean }): Promise<boolean> {
    const { taskmanagers } = await this.#ask("/taskmanagers");
    if (!hasJob || taskmanagers.length === 0) return taskmanagers.length > 0;
    const { jobs } = await this.#ask("/jobs");
    return jobs.some(({ status }: { status: string }) => status === "RUNNING");
  }

  // deno-lint-ignore no-explicit-any -- answers of many shapes, of which a field or two are read
  async #ask(path: string, init?: RequestInit): Promise<any> {
    const answer = await fetch(`http://${this.#rest}${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Cannot ask Flink for ${path}: ${answer.status} ${text.slice(0, 2000)}`);
    return JSON.parse(text);
  }
}

/** windows.sql with values in it. */
export async function script(values: Record<string, string>): Promise<string> {
  const args = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  const { code, stdout, stderr } = await new Command(`${FLINK}script.sh`, args).output();
  if (code !== 0) throw new Error(`Cannot write the script: ${stderr}`);
  return stdout;
}
