// node-mavlink in a process of its own, which reads a stream once whenever it is its turn.

/** Pinned here, and nowhere else: see node_mavlink.js. */
const LIBRARY = "npm:node-mavlink@2.3.0";
const PROGRAM = new URL("./node_mavlink.js", import.meta.url);
const STREAMS = new URL("../mavlink/streams/", import.meta.url);

export class MavlinkRival {
  readonly #process: Deno.ChildProcess;
  readonly #turns: WritableStreamDefaultWriter<Uint8Array<ArrayBufferLike>>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #messages: number;

  private constructor(args: string[], messages: number) {
    this.#process = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped", stderr: "inherit" })
      .spawn();
    this.#turns = this.#process.stdin.getWriter();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#messages = messages;
  }

  /** @param pieceBytes 0: a frame is a piece */
  static start(
    { stream, pieceBytes, key, messages }: {
      stream: string;
      pieceBytes: number;
      key: string | null;
      messages: number;
    },
  ): MavlinkRival {
    const program = ["run", "-A", "--quiet", "--no-lock", "--no-config", PROGRAM.pathname];
    const path = new URL(`${stream}.bin`, STREAMS).pathname;
    return new MavlinkRival([...program, LIBRARY, path, `${pieceBytes}`, key ?? ""], messages);
  }

  /** ns a message. */
  async pass(): Promise<number> {
    await this.#turns.write(new Uint8Array(1));
    let line = "";
    while (!line.endsWith("\n")) {
      const { done, value } = await this.#lines.read();
      if (done) throw new Error("Cannot compare: node-mavlink has ended");
      line += value;
    }
    const { found, ns } = JSON.parse(line);
    if (found !== this.#messages) throw new Error(`Cannot compare: node-mavlink found ${found} of ${this.#messages}`);
    return ns;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.close();
    await this.#lines.cancel();
    await this.#process.status;
  }
}
