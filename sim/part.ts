// One process of the demo: started with this Deno, ready when it says so, ended by its own signal, by force, or with us.
import { ENDS_WITH_PARENT } from "../platform/parent.ts";
import { TextLineStream } from "../platform/text_lines.ts";

export interface PartSettings {
  name: string;
  /** What Deno is to be started with, in the repository. */
  args: string[];
  env?: Record<string, string>;
  /** What the line on stdout begins with that says that it is ready; what follows is its URL. */
  readyWhen?: string;
  /** Each line that it writes to stderr; and to stdout, once it is ready. */
  onLine: (line: string) => void;
  onOutput?: (line: string) => void;
}

/**
 * Of deno run, as `deno task edge` and `deno task aggregator` have them, so that nothing waits long for the collection of
 * garbage. A young generation that is small is collected often, and each time briefly; a heap that may grow to several times
 * what is alive in it is seldom collected as a whole, which takes whatever cores there are.
 */
export const V8_FLAGS = {
  edge: "--v8-flags=--max-semi-space-size=4,--heap-growing-percent=300",
  aggregator: "--v8-flags=--heap-growing-percent=200",
} as const;
export type PartName = keyof typeof V8_FLAGS;

/** What Deno is to be started with, in the repository. */
export function partArgs(name: PartName): string[] {
  return ["run", "-A", "--quiet", V8_FLAGS[name], `${name}/main.ts`];
}

const ROOT = new URL("../", import.meta.url);
const LISTENING = "listening on ";
const LAST_LINES = 5;

export class Part {
  readonly name: string;
  /** Resolves with its URL when it is ready. Rejects, with what the process said, when it ends before that. */
  readonly ready: Promise<string>;
  /** When the process ends: its exit code and its last words. */
  readonly ended: Promise<{ code: number; lastLines: string[] }>;
  readonly #child: Deno.ChildProcess;

  /** Starts it. */
  constructor({ name, args, env = {}, readyWhen = LISTENING, onLine, onOutput = () => {} }: PartSettings) {
    this.name = name;
    const child = this.#child = new Deno.Command(Deno.execPath(), {
      args,
      cwd: ROOT,
      // People read it.
      env: { SLIPSTREAM_LOG: "text", ...env, [ENDS_WITH_PARENT]: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const lastLines: string[] = [];
    const reading = readLines(child.stderr, (line) => {
      lastLines.push(line);
      if (lastLines.length > LAST_LINES) lastLines.shift();
      onLine(line);
    });
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let isReady = false;
    const listening = readLines(child.stdout, (line) => {
      if (isReady) return onOutput(line);
      isReady = line.startsWith(readyWhen);
      if (isReady) resolve(line.slice(readyWhen.length));
    });
    this.ready = promise;
    this.ended = Promise.all([child.status, reading, listening]).then(([{ code }]) => {
      // Nobody reads it any more.
      child.stdin.close().catch(() => {});
      reject(new Error(`Cannot start the ${name}: exit code ${code}\n${lastLines.join("\n")}`));
      return { code, lastLines };
    });
    // Whoever waits for it hears of it.
    this.ready.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Asks it to end, and waits until it has; after `limitMs` it is killed. */
  async stop(limitMs: number): Promise<void> {
    this.#signal("SIGINT");
    const timer = setTimeout(() => this.kill(), limitMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends it at once. */
  kill(): void {
    this.#signal("SIGKILL");
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  for await (const line of stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) onLine(line);
}
