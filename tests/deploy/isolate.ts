// One isolate of an app: the entry point of an upload, run as the platform does: all permissions, no other flag, no argument,
// where to listen by the environment.
import { TextLineStream } from "../../platform/text_lines.ts";
import { type Problem, whyEnded } from "./problem.ts";
import type { Site } from "./site.ts";

/** Between SIGINT and SIGKILL. */
const GRACE_MS = 5000;
const READY_MS_MAX = 60_000;

/** It did not come so far that it listens. */
export class NotStarted extends Error {
  override name = "NotStarted";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`Cannot start the upload: ${problem.text}`);
    this.problem = problem;
  }
}

export class Isolate implements AsyncDisposable {
  readonly url: string;
  readonly #child: Deno.ChildProcess;
  readonly #stderr: Promise<string>;
  #isLive = true;

  private constructor(of: { url: string; child: Deno.ChildProcess; stderr: Promise<string> }) {
    this.url = of.url;
    this.#child = of.child;
    this.#stderr = of.stderr;
  }

  /** Resolves when it listens. `port`: 0: one that is free. @throws {NotStarted} */
  static async start(site: Site, { env, port = 0 }: { env: Record<string, string>; port?: number }): Promise<Isolate> {
    const { upload: { folder, block }, deno, through } = site;
    const [command = "", ...args] = [...through, deno, "run", "-A", block.runtime.entrypoint];
    const child = new Deno.Command(command, {
      ...{ args, cwd: folder, clearEnv: true, stdin: "null", stdout: "piped", stderr: "piped" },
      env: {
        ...{ ...site.env, DENO_DEPLOY: "true", DENO_DEPLOYMENT_ID: "check", DENO_TIMELINE: "production" },
        ...{ DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`, ...env },
      },
    }).spawn();
    const stderr = new Response(child.stderr).text();
    const timer = setTimeout(() => child.kill("SIGKILL"), READY_MS_MAX);
    const url = await listening(child.stdout);
    clearTimeout(timer);
    if (url !== null) return new Isolate({ url, child, stderr });
    const { code } = await child.status;
    throw new NotStarted(whyEnded({ code, stderr: await stderr }, folder));
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** As the platform does: SIGINT, and SIGKILL 5 s later if it must; or at once. Resolves when it has ended. */
  async evict(signal: "SIGINT" | "SIGKILL"): Promise<{ ms: number; code: number; wasKilled: boolean; stderr: string }> {
    this.#isLive = false;
    const beganMs = performance.now();
    let wasKilled = signal === "SIGKILL";
    this.#child.kill(signal);
    const timer = setTimeout(() => {
      wasKilled = true;
      this.#child.kill("SIGKILL");
    }, GRACE_MS);
    const { code } = await this.#child.status;
    clearTimeout(timer);
    return { ms: performance.now() - beganMs, code, wasKilled, stderr: await this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isLive) await this.evict("SIGKILL");
  }
}

/** Reads all of it; resolves with the address as soon as that is said, with null when it ends before. */
function listening(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const read = async () => {
    for await (const line of stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
      const url = /listening on ([^\s"]+)/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    }
    resolve(null);
  };
  read();
  return promise;
}
