// Two regions, each with an edge and an aggregator of its own, that publish to one broker; and what adds them up.
import type { MergeReport } from "../../aggregator/merge/report.ts";
import { eventually } from "../chaos/eventually.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { Process } from "../e2e/process.ts";
import type { KafkaServer } from "../kafka/kafka_server.ts";

export const TWO_REGIONS = ["asia", "europe"] as const;
const LIMIT_MS = 120_000;
/** What is due then takes its turns. */
const AFTER_S = 2;

export class Regions implements AsyncDisposable {
  readonly systems: readonly ChaosSystem[];
  readonly #kafka: KafkaServer;
  #merger: Process | null = null;

  private constructor(systems: readonly ChaosSystem[], kafka: KafkaServer) {
    this.systems = systems;
    this.#kafka = kafka;
  }

  static async start(kafka: KafkaServer, { latenessS }: { latenessS: number }): Promise<Regions> {
    const systems: ChaosSystem[] = [];
    for (const region of TWO_REGIONS) {
      systems.push(
        await ChaosSystem.start({
          edgeEnv: {
            ...{ SLIPSTREAM_EDGE_ID: `edge-${region}`, SLIPSTREAM_REGION: region },
            ...{ SLIPSTREAM_FLEET: "survey", SLIPSTREAM_ZONE: "shared" },
          },
          aggregatorEnv: {
            ...{ SLIPSTREAM_REGION: region, SLIPSTREAM_LATENESS_S: `${latenessS}` },
            ...{ SLIPSTREAM_KAFKA: kafka.address, SLIPSTREAM_KAFKA_PREFIX: `fleet-${region}` },
          },
        }),
      );
    }
    return new Regions(systems, kafka);
  }

  async startMerger(env: Record<string, string> = {}): Promise<void> {
    this.#merger = await Process.start({
      args: ["run", "-A", "--quiet", "aggregator/main.ts", "--merge"],
      env: {
        SLIPSTREAM_MERGER_REGIONS: TWO_REGIONS.map((region) => `${region}=fleet-${region}-metrics-partial`).join(),
        ...{ SLIPSTREAM_MERGER_PORT: "0", SLIPSTREAM_MERGER_SQLITE: ":memory:", SLIPSTREAM_KAFKA: this.#kafka.address },
        ...env,
      },
      readyWhen: "listening on",
    });
  }

  async killMerger(): Promise<void> {
    await this.#merger?.stop("SIGKILL");
    this.#merger = null;
  }

  async ask<Answer>(path: string): Promise<Answer> {
    if (!this.#merger) throw new Error("Cannot ask the merger: it does not run");
    return await (await fetch(`${this.#merger.url}${path}`)).json();
  }

  /** Once the aggregators have all, and their windows that end by now are final. @returns that time, Unix µs */
  async untilFinal({ latenessS }: { latenessS: number }): Promise<number> {
    const endUs = (Math.floor(Date.now() / 1000) + AFTER_S) * 1e6;
    const limitMs = LIMIT_MS + 1000 * (latenessS + AFTER_S);
    const isFinal = async () => {
      const fleets = await Promise.all(this.systems.map((system) => system.fleet()));
      return fleets.every(({ watermarkUs, sinks }) =>
        watermarkUs !== null && watermarkUs > endUs + latenessS * 1e6 &&
        sinks.publishing.every(({ trouble }) => trouble === null)
      );
    };
    if (!await eventually(isFinal, limitMs)) throw new Error("Cannot wait for windows: they do not become final");
    return endUs;
  }

  /** Once the merger has told them as final. */
  async untilMerged(endUs: number): Promise<void> {
    const isMerged = async () => {
      const { regions } = await this.ask<MergeReport>("/v1/regions");
      return regions.every(({ finalBeforeUs }) => finalBeforeUs >= endUs);
    };
    if (await eventually(isMerged, LIMIT_MS)) return;
    throw new Error(`Cannot wait for the merger: ${JSON.stringify(await this.ask("/v1/regions"))}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#merger?.stop("SIGTERM");
    for (const system of this.systems) await system[Symbol.asyncDispose]();
  }
}
