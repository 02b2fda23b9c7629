// One edge of a node as a process: started as the node itself was, with the same flags; it ends with the node.
import { ENDS_WITH_PARENT, MEMBER_OF_NODE } from "../../platform/parent.ts";
import { WATCHDOG_VARIABLES } from "../../platform/watchdog.ts";
import { TextLineStream } from "../../platform/text_lines.ts";
import { type FromMember, lineOf, readLine, type ToMember } from "../member/messages.ts";

/** What concerns the node alone: who it ends with, and how it tells systemd that it lives. */
const NOT_HANDED_ON: ReadonlySet<string> = new Set([ENDS_WITH_PARENT, ...WATCHDOG_VARIABLES]);

export interface ProcessParts {
  /** Program and arguments that start an edge. */
  command: readonly string[];
  env: Record<string, string>;
  onMessage: (message: FromMember) => void;
  /** Something else that it printed. */
  onLine: (line: string) => void;
}

export class EdgeProcess {
  readonly pid: number;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number>;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  constructor({ command: [program = "", ...args], env: ofNode, ...parts }: ProcessParts) {
    const env = Object.fromEntries(Object.entries(ofNode).filter(([name]) => !NOT_HANDED_ON.has(name)));
    this.#child = new Deno.Command(program, {
      args,
      clearEnv: true,
      env: { ...env, [MEMBER_OF_NODE]: "1" },
      ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
    }).spawn();
    this.pid = this.#child.pid;
    this.#stdin = this.#child.stdin.getWriter();
    const reading = this.#read(parts);
    this.ended = Promise.all([this.#child.status, reading]).then(([{ code }]) => {
      // Nobody reads it any more.
      this.#stdin.close().catch(() => {});
      return code;
    });
  }

  send(message: ToMember): void {
    // One that reads no more has ended, or will be: nothing is lost that it could have used.
    this.#stdin.write(lineOf(message)).catch(() => {});
  }

  /** Ends it at once. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #read({ onMessage, onLine }: Pick<ProcessParts, "onMessage" | "onLine">): Promise<void> {
    const lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    for await (const line of lines) {
      const message = readLine<FromMember>(line);
      if (message) onMessage(message);
      else onLine(line);
    }
  }
}
