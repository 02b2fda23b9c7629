// When rows of windows come to a consumer that is not ours, after the end of their window.
import { TextLineStream } from "../../../platform/text_lines.ts";
import { KAFKA_PYTHON } from "../../kafka/kafka_server.ts";

const SCRIPT = new URL("live.py", import.meta.url).pathname;

/** Of either topic: the aggregator says `endUs`, Flink `end_us`. */
interface Came {
  topic: string;
  ms: number;
  row: { kind: string; zone: string; endUs?: number; end_us?: number };
}

export class Arrivals implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  /** ms from a window's end to its first row, by topic and window. */
  readonly #first = new Map<string, { topic: string; endMs: number; delayMs: number }>();
  #listening = Promise.withResolvers<void>();

  constructor(broker: string, topics: string[]) {
    this.#child = new Deno.Command("python3", {
      args: [SCRIPT, broker, ...topics],
      env: { PYTHONPATH: KAFKA_PYTHON },
      ...{ stdin: "null", stdout: "piped", stderr: "inherit" },
    }).spawn();
    this.#reading = this.#read();
  }

  /** @throws {Error} when it ends before it listens */
  get listening(): Promise<void> {
    return this.#listening.promise;
  }

  /** Of whole fleets' tumbling windows that end between these times: sorted. */
  delaysMs(topic: string, { fromMs, toMs }: { fromMs: number; toMs: number }): number[] {
    const found = [...this.#first.values()].filter((one) =>
      one.topic === topic && one.endMs >= fromMs && one.endMs < toMs
    );
    return found.map(({ delayMs }) => delayMs).sort((a, b) => a - b);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#reading;
    await this.#child.status;
  }

  async #read(): Promise<void> {
    const lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    for await (const line of lines) {
      if (line.startsWith("listening")) this.#listening.resolve();
      else this.#note(JSON.parse(line));
    }
    this.#listening.reject(new Error("Cannot read rows: the consumer has ended"));
    this.#listening.promise.catch(() => {});
  }

  #note({ topic, ms, row }: Came): void {
    if (row.kind !== "tumbling" || row.zone !== "*") return;
    const endMs = (row.endUs ?? row.end_us!) / 1000;
    const key = `${topic} ${endMs}`;
    if (!this.#first.has(key)) this.#first.set(key, { topic, endMs, delayMs: ms - endMs });
  }
}
