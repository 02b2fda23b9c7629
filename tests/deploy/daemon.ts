// A server that is not ours, on a free port of loopback, until it is disposed of.
import { TextLineStream } from "../../platform/text_lines.ts";

const LISTENS = /Listening on" address=(127\.0\.0\.1:[1-9]\d*)/;

export class Daemon implements AsyncDisposable {
  readonly url: string;
  readonly #child: Deno.ChildProcess;
  readonly #rest: Promise<void>;

  private constructor(of: { url: string; child: Deno.ChildProcess; rest: Promise<void> }) {
    this.url = of.url;
    this.#child = of.child;
    this.#rest = of.rest;
  }

  /** `args` must have it listen on port 0 of loopback. @throws {Error} with what it said when it does not listen */
  static async start(command: string, args: string[]): Promise<Daemon> {
    const child = new Deno.Command(command, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
    const lines = child.stderr.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()).getReader();
    const said: string[] = [];
    for (;;) {
      const { value, done } = await lines.read();
      if (done) throw new Error(`Cannot start ${command}: ${said.join("\n")}`);
      said.push(value);
      const address = LISTENS.exec(value)?.[1];
      if (address === undefined) continue;
      const rest = (async () => {
        while (!(await lines.read()).done);
      })();
      return new Daemon({ url: `http://${address}`, child, rest });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#rest;
  }
}

/** Prometheus, which keeps what it needs in a folder. `config`: as in its file. */
export async function startPrometheus(folder: string, config: object): Promise<Daemon> {
  await Deno.writeTextFile(`${folder}/prometheus.yml`, JSON.stringify(config));
  return await Daemon.start("prometheus", [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    "--web.listen-address=127.0.0.1:0",
  ]);
}

/** Alertmanager, by the name that Debian gives it. `config`: as in its file. */
export async function startAlertmanager(folder: string, config: object): Promise<Daemon> {
  await Deno.writeTextFile(`${folder}/alertmanager.yml`, JSON.stringify(config));
  return await Daemon.start("prometheus-alertmanager", [
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/alertmanager`,
    "--cluster.listen-address=",
    "--web.listen-address=127.0.0.1:0",
  ]);
}

/** The values of a query of Prometheus' now, ascending. @throws {Error} when it cannot be read */
export async function ask({ url }: Daemon, query: string): Promise<number[]> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const text = await answer.text();
  // It listens before it can answer.
  if (answer.status === 503) return [];
  const { data, error }: { data?: { result: { value: [number, string] }[] }; error?: string } = JSON.parse(text);
  if (!data) throw new Error(`Cannot ask Prometheus for ${query}: ${error}`);
  return data.result.map(({ value }) => Number(value[1])).sort((a, b) => a - b);
}
