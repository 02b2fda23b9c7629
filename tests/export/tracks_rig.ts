// An aggregator with a journal on a disk, an edge's end of its uplink, and what it hands out.
import { type Aggregator, startAggregator } from "../../aggregator/aggregator.ts";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { batchInit, EdgeEnd, platform } from "../aggregator/rig.ts";
import { encodeRows, type Row, type SlotInit } from "../pipeline/build_batch.ts";
import { parseCsv } from "./parse_csv.ts";

export class TracksRig implements AsyncDisposable {
  readonly aggregator: Aggregator;
  readonly edge: EdgeEnd;
  readonly logs: string[];
  readonly #folder: string;

  private constructor(parts: { aggregator: Aggregator; edge: EdgeEnd; logs: string[]; folder: string }) {
    this.aggregator = parts.aggregator;
    this.edge = parts.edge;
    this.logs = parts.logs;
    this.#folder = parts.folder;
  }

  static async start(): Promise<TracksRig> {
    const folder = await Deno.makeTempDir();
    const paths = { sqlitePath: `${folder}/s.sqlite`, journalPath: `${folder}/journal` };
    const logs: string[] = [];
    const aggregator = await startAggregator({
      config: { ...readAggregatorConfig({}), port: 0, ...paths },
      platform: platform((message) => logs.push(message)),
    });
    const edge = await new EdgeEnd(aggregator.url).greet();
    return new TracksRig({ aggregator, edge, logs, folder });
  }

  get journalPath(): string {
    return `${this.#folder}/journal`;
  }

  /** @param again a batch that was sent before is sent once more */
  async send(rows: Row[], { slots = [], again = false }: { slots?: SlotInit[]; again?: boolean } = {}): Promise<void> {
    const full = slots.map((slot) => ({ bootId: 1, fleet: "f", zone: "z", ...slot }));
    const batch = batchInit(Uint8Array.from(encodeRows(rows)), { records: rows.length, slots: full });
    await this.edge.hand(batch);
    if (again) await this.edge.hand(batch);
  }

  ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.aggregator.url}/v1/export/${path}`, { headers });
  }

  /** The named columns of what is handed out as CSV. */
  async rows(path: string, names: string[]): Promise<string[][]> {
    const [head = [], ...rows] = parseCsv(await (await this.ask(path)).text());
    return rows.map((row) => names.map((name) => row[head.indexOf(name)]!));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.edge.close();
    await this.aggregator.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
