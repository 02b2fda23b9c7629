// A part of the system as a real process: started with this Deno, ready when it says so, always stopped and waited for.
import { TextLineStream } from "../../platform/text_lines.ts";

export interface ProcessSettings {
  /** Arguments of deno: "run", "-A", the file, its options. */
  args: string[];
  env?: Record<string, string>;
  /** A command that runs deno in its turn, instead of deno itself. */
  through?: string[];
  /** Folder of the repository; without it this one. */
  root?: string;
  /** What the line contains that says the process is ready. */
  readyWhen: string;
}

/** Long enough for a cold cache on a busy machine; a process that is ready sooner is used sooner. */
const READY_MS_MAX = 60_000;
const ROOT = new URL("../../", import.meta.url);

export class Process implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stderr: Promise<string>;
  readonly #stdout: Promise<void>;
  readonly readyLine: string;

  private constructor(parts: {
    child: Deno.ChildProcess;
    stderr: Promise<string>;
    stdout: Promise<void>;
    readyLine: string;
  }) {
    this.#child = parts.child;
    this.#stderr = parts.stderr;
    this.#stdout = parts.stdout;
    this.readyLine = parts.readyLine;
  }

  /** @throws {Error} with the process's own messages when it ends, or says nothing, before it is ready. */
  static async start({ readyWhen, ...settings }: ProcessSettings): Promise<Process> {
    const child = spawn(settings);
    const stderr = new Response(child.stderr).text();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()).getReader();
    const timer = setTimeout(() => kill(child, "SIGKILL"), READY_MS_MAX);
    let readyLine: string | undefined;
    for (;;) {
      const { value, done } = await lines.read();
      if (done || value.includes(readyWhen)) {
        readyLine = value;
        break;
      }
    }
    clearTimeout(timer);
    if (readyLine === undefined) {
      const { code } = await child.status;
      throw new Error(`Cannot start ${settings.args.join(" ")}: exit code ${code}\n${await stderr}`);
    }
    const stdout = (async () => {
      while (!(await lines.read()).done);
    })();
    return new Process({ child, stderr, stdout, readyLine });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** http://127.0.0.1:PORT, from the line `listening on …`. */
  get url(): string {
    return /https?:\/\/[^\s"]+/.exec(this.readyLine)?.[0] ?? "";
  }

  /** Sends it a signal, if it is still there. */
  signal(signal: Deno.Signal): void {
    kill(this.#child, signal);
  }

  /** Asks it to end, and waits until it has. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<{ code: number; stderr: string }> {
    kill(this.#child, signal);
    const { code } = await this.#child.status;
    await this.#stdout;
    return { code, stderr: await this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }
}

/** Runs a process to its end; `through`: a command that starts it, such as nice. */
export async function runToEnd(
  args: string[],
  { env = {}, through = [] }: { env?: Record<string, string>; through?: string[] } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn({ args, env, through });
  const [status, stdout, stderr] = await Promise.all([
    child.status,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: status.code, stdout, stderr };
}

function spawn({ args, env = {}, through = [], root }: Omit<ProcessSettings, "readyWhen">): Deno.ChildProcess {
  const [command = Deno.execPath(), ...before] = through;
  return new Deno.Command(command, {
    args: through.length > 0 ? [...before, Deno.execPath(), ...args] : args,
    cwd: root ?? ROOT,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended already.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}
