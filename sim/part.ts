// One process of the demo: started with this Deno, ready when it says so, ended by its own signal.
import { TextLineStream } from "./text_lines.ts";

export interface PartSettings {
  name: PartName;
  env: Record<string, string>;
  /** Each line that it writes to stderr. */
  onLine: (line: string) => void;
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
const READY = "listening on ";
/** After which a process that was asked to end is killed. */
const STOP_MS_MAX = 8000;
const LAST_LINES = 5;

export class Part {
  readonly name: PartName;
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** When the process ends: its exit code and its last words. */
  readonly ended: Promise<{ code: number; lastLines: string[] }>;
  readonly #child: Deno.ChildProcess;

  private constructor(parts: { name: PartName; url: string; ended: Part["ended"]; child: Deno.ChildProcess }) {
    this.name = parts.name;
    this.url = parts.url;
    this.ended = parts.ended;
    this.#child = parts.child;
  }

  /** @throws {Error} with what the process said, when it ends before it is ready. */
  static async start({ name, env, onLine }: PartSettings): Promise<Part> {
    const child = new Deno.Command(Deno.execPath(), {
      args: partArgs(name),
      cwd: ROOT,
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const lastLines: string[] = [];
    const reading = readLines(child.stderr, (line) => {
      lastLines.push(line);
      if (lastLines.length > LAST_LINES) lastLines.shift();
      onLine(line);
    });
    let tell: (url: string) => void = () => {};
    const ready = new Promise<string>((resolve) => tell = resolve);
    const listening = readLines(child.stdout, (line) => {
      if (line.startsWith(READY)) tell(line.slice(READY.length));
    });
    const ended = Promise.all([child.status, reading, listening]).then(([{ code }]) => ({ code, lastLines }));
    const first = await Promise.race([ready, ended]);
    if (typeof first !== "string") {
      throw new Error(`Cannot start the ${name}: exit code ${first.code}\n${first.lastLines.join("\n")}`);
    }
    return new Part({ name, url: first, ended, child });
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    this.#signal("SIGINT");
    const timer = setTimeout(() => this.#signal("SIGKILL"), STOP_MS_MAX);
    await this.ended;
    clearTimeout(timer);
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
