import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TextLineStream } from "../../platform/text_lines.ts";
import { until } from "../e2e/system.ts";
import { System } from "../identity/system.ts";
import { hasPrometheus } from "./tools.ts";

/** Prometheus on a free port, which asks these some times a second by the token in a file. */
class Prometheus implements AsyncDisposable {
  readonly url: string;
  readonly #child: Deno.ChildProcess;
  readonly #rest: Promise<void>;

  private constructor(of: { url: string; child: Deno.ChildProcess; rest: Promise<void> }) {
    this.url = of.url;
    this.#child = of.child;
    this.#rest = of.rest;
  }

  static async start(folder: string, { targets, caPath }: { targets: string[]; caPath: string }): Promise<Prometheus> {
    const scrape = {
      job_name: "slipstream",
      scheme: "https",
      scrape_interval: "500ms",
      scrape_timeout: "500ms",
      tls_config: { ca_file: caPath },
      authorization: { type: "Bearer", credentials_file: `${folder}/token` },
      static_configs: [{ targets: targets.map((url) => new URL(url).host) }],
    };
    await Deno.writeTextFile(`${folder}/prometheus.yml`, JSON.stringify({ scrape_configs: [scrape] }));
    const child = new Deno.Command("prometheus", {
      args: [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        "--web.listen-address=127.0.0.1:0",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const lines = child.stderr.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()).getReader();
    const said: string[] = [];
    for (;;) {
      const { value, done } = await lines.read();
      if (done) throw new Error(`Cannot start Prometheus: ${said.join("\n")}`);
      said.push(value);
      const address = /Listening on" address=(127\.0\.0\.1:[1-9]\d*)/.exec(value)?.[1];
      if (address === undefined) continue;
      const rest = (async () => {
        while (!(await lines.read()).done);
      })();
      return new Prometheus({ url: `http://${address}`, child, rest });
    }
  }

  /** The values of a query now, ascending. */
  async ask(query: string): Promise<number[]> {
    const answer = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const text = await answer.text();
    // It listens before it can answer.
    if (answer.status === 503) return [];
    const { data }: { data?: { result: { value: [number, string] }[] } } = JSON.parse(text);
    return (data?.result ?? []).map(({ value }) => Number(value[1])).sort((a, b) => a - b);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#rest;
  }
}

describe("Prometheus", { ignore: !hasPrometheus }, () => {
  it("is let in by a viewer's token of a file, which may change, and by nothing else", async () => {
    const folder = await Deno.makeTempDir();
    await using _removed = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
    await using system = await System.start();
    await Deno.writeTextFile(`${folder}/token`, "none");
    await using prometheus = await Prometheus.start(folder, {
      targets: [system.edgeUrl, system.aggregatorUrl],
      caPath: system.authority.path("root"),
    });
    const areUp = async (wanted: number[]) => String(await prometheus.ask("up")) === String(wanted);
    await until("it has asked, and is not let in", () => areUp([0, 0]), 30_000);
    const token = await system.authority.token("person", "prometheus", { role: "viewer" });
    await Deno.writeTextFile(`${folder}/token`, token);
    await until("it is let in by both", () => areUp([1, 1]), 30_000);
    await until("it knows what they told", async () => {
      return (await prometheus.ask("slipstream_edge_uplink_connected")).length === 1;
    }, 30_000);
    assertEquals(await prometheus.ask("slipstream_edge_uplink_connected"), [1]);
    assertEquals(await prometheus.ask("count(slipstream_build_info)"), [2]);
    assertGreater((await prometheus.ask("slipstream_aggregator_journal_entries_total"))[0] ?? 0, 0);
  });
});
