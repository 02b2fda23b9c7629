// A program that others have made, run to its end.

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

export class Command {
  readonly #name: string;
  readonly #args: string[];

  constructor(name: string, args: string[]) {
    this.#name = name;
    this.#args = args;
  }

  /** Starts it; it says nothing to anybody. */
  spawn(): Deno.ChildProcess {
    return new Deno.Command(this.#name, { args: this.#args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  }

  /** Whether it is there, and ends well. */
  async succeeds(): Promise<boolean> {
    try {
      return (await this.output()).code === 0;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  /** `input`: what it reads, a text or lines. `onOutput`: it has written something. */
  async output(input: string | AsyncIterable<string> = "", onOutput = () => {}): Promise<Ended> {
    const piped = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    const child = new Deno.Command(this.#name, { args: this.#args, ...piped }).spawn();
    const stderr = new Response(child.stderr).text();
    let stdout = "";
    const reading = (async () => {
      for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
        stdout += part;
        onOutput();
      }
    })();
    const writer = child.stdin.getWriter();
    const write = async (text: string) => await writer.write(new TextEncoder().encode(text));
    try {
      if (typeof input === "string") await write(input);
      else for await (const line of input) await write(`${line}\n`);
      await writer.close();
    } catch (error) {
      // It has read enough, and ended.
      if (!(error instanceof Error)) throw error;
    }
    const [{ code }] = await Promise.all([child.status, reading]);
    return { code, stdout, stderr: await stderr };
  }
}
