// A drone whose software is the installed package, as a process that can be killed and started again: what it has said of its
// records, over all its lives.
import { TextLineStream } from "../../platform/text_lines.ts";

export interface FlyerSettings {
  droneId: string;
  /** The program and its arguments before the edge's URL, the drone's id and the outbox. */
  command: readonly [string, ...string[]];
  env?: Record<string, string>;
  cwd?: string;
  edge: () => string;
  /** Path of its outbox; null: it keeps records in memory. */
  outbox: string | null;
}

interface Life {
  child: Deno.ChildProcess;
  ended: Promise<void>;
  stderr: Promise<string>;
}

export class Flyer {
  readonly #settings: FlyerSettings;
  /** droneId/bootId/seq of what it handed over, was told is on disk, and was told is lost. */
  readonly sent = new Set<string>();
  readonly acknowledged = new Set<string>();
  readonly lost = new Set<string>();
  lives = 0;
  #life: Life | null = null;
  #boot = "";
  #hasLanded = false;

  constructor(settings: FlyerSettings) {
    this.#settings = settings;
  }

  start(): void {
    const { command: [program, ...args], env = {}, cwd, edge, droneId, outbox } = this.#settings;
    this.lives++;
    const child = new Deno.Command(program, {
      args: [...args, edge(), droneId, ...outbox === null ? [] : [outbox]],
      ...{ env, stdin: "piped", stdout: "piped", stderr: "piped" },
      ...cwd !== undefined && { cwd },
    }).spawn();
    this.#life = { child, ended: this.#read(child), stderr: new Response(child.stderr).text() };
  }

  /** As the machine does that runs out of memory. */
  async kill(): Promise<void> {
    const life = this.#life;
    this.#life = null;
    if (!life) return;
    try {
      life.child.kill("SIGKILL");
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
    await this.#end(life);
  }

  /** Measures no more, and ends once everything is acknowledged. @throws {Error} with what it said when it fails */
  async land(): Promise<void> {
    const life = this.#life;
    if (!life) throw new Error("Cannot land: it is not flying");
    const writer = life.child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("land\n"));
    writer.releaseLock();
    await life.ended;
    this.#life = null;
    const said = await this.#end(life);
    if (!this.#hasLanded) throw new Error(`Cannot land ${this.#settings.droneId}: its program ended\n${said}`);
  }

  async #end({ child, ended, stderr }: Life): Promise<string> {
    await ended;
    await child.status;
    // What waits for a process that is gone is of no use.
    await child.stdin.abort().catch((error) => {
      if (!(error instanceof Error)) throw error;
    });
    return await stderr;
  }

  async #read({ stdout }: Deno.ChildProcess): Promise<void> {
    for await (const line of stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
      // What it was saying when it was killed ends somewhere.
      if (!line.endsWith(" .")) continue;
      const [what, ...words] = line.slice(0, -2).split(" ");
      if (what === "boot") this.#boot = words[0]!;
      else if (what === "landed") this.#hasLanded = true;
      else if (what === "lost") words.slice(1).forEach((seq) => this.lost.add(this.#identity(seq)));
      else if (what === "sent") words.forEach((seq) => this.sent.add(this.#identity(seq)));
      else if (what === "acknowledged") words.forEach((seq) => this.acknowledged.add(this.#identity(seq)));
    }
  }

  #identity(seq: string): string {
    return `${this.#settings.droneId}/${this.#boot}/${seq}`;
  }
}
