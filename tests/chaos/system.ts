// Edge and aggregator as processes that can be killed, stopped and started again where they were, with a faulty link
// between them.
import type { FleetReport } from "../../aggregator/api/fleet_report.ts";
import { partArgs, type PartName } from "../../sim/part.ts";
import { Process } from "../e2e/process.ts";
import { NODE_ARGS } from "../node/rig.ts";
import { FaultProxy } from "./fault_proxy.ts";

export interface ChaosSettings {
  /** A filesystem of so many bytes for the journal alone, in a mount namespace of its own. */
  journalDiskBytes?: number;
  /** Edges that share a port; one that is started alone if nothing is said. */
  edges?: number;
  edgeEnv?: Record<string, string>;
  aggregatorEnv?: Record<string, string>;
  /** Short by default, so that each fault has checkpoints before and after it. */
  checkpointS?: number;
  /** Ports on which the processes listen for an Inspector. */
  inspect?: Record<PartName, number>;
}

export class ChaosSystem implements AsyncDisposable {
  readonly folder: string;
  readonly link: FaultProxy;
  readonly #settings: ChaosSettings;
  #aggregator: Process | null = null;
  #edge: Process | null = null;
  #aggregatorPort = 0;
  #edgePort = 0;

  private constructor(folder: string, settings: ChaosSettings) {
    this.folder = folder;
    this.#settings = settings;
    this.link = new FaultProxy(() => this.#aggregatorPort);
  }

  static async start(settings: ChaosSettings = {}): Promise<ChaosSystem> {
    const system = new ChaosSystem(await Deno.makeTempDir({ prefix: "slipstream-chaos-" }), settings);
    await system.startAggregator();
    await system.startEdge();
    return system;
  }

  get journalPath(): string {
    return `${this.folder}/journal`;
  }

  get sqlitePath(): string {
    return `${this.folder}/results.sqlite`;
  }

  get aggregator(): Process {
    if (!this.#aggregator) throw new Error("Cannot use the aggregator: it is not running");
    return this.#aggregator;
  }

  get edge(): Process {
    if (!this.#edge) throw new Error("Cannot use the edge: it is not running");
    return this.#edge;
  }

  /** Where drones connect, whether an edge runs there or not. */
  get telemetryUrl(): string {
    return `ws://127.0.0.1:${this.#edgePort}/v1/telemetry`;
  }

  get aggregatorUrl(): string {
    return `http://127.0.0.1:${this.#aggregatorPort}`;
  }

  get edgeUrl(): string {
    return `http://127.0.0.1:${this.#edgePort}`;
  }

  async startAggregator(): Promise<void> {
    const { journalDiskBytes, checkpointS = 2 } = this.#settings;
    const mount = `mkdir -p "$0" && mount -t tmpfs -o size=${journalDiskBytes} tmpfs "$0" && exec "$@"`;
    this.#aggregator = await Process.start({
      ...journalDiskBytes !== undefined && { through: ["unshare", "-m", "sh", "-c", mount, this.journalPath] },
      args: this.#args("aggregator"),
      env: {
        SLIPSTREAM_AGGREGATOR_PORT: `${this.#aggregatorPort}`,
        SLIPSTREAM_SQLITE: this.sqlitePath,
        SLIPSTREAM_JOURNAL: this.journalPath,
        SLIPSTREAM_CHECKPOINT_S: `${checkpointS}`,
        ...this.#settings.aggregatorEnv,
      },
      readyWhen: "listening on",
    });
    this.#aggregatorPort = Number(new URL(this.#aggregator.url).port);
  }

  async startEdge(): Promise<void> {
    const { edges } = this.#settings;
    this.#edge = await Process.start({
      args: edges === undefined ? this.#args("edge") : NODE_ARGS,
      env: {
        ...edges !== undefined && { SLIPSTREAM_EDGE_PROCESSES: `${edges}` },
        SLIPSTREAM_EDGE_PORT: `${this.#edgePort}`,
        SLIPSTREAM_UPLINK_URL: `ws://127.0.0.1:${this.link.port}/v1/uplink`,
        ...this.#settings.edgeEnv,
      },
      readyWhen: "listening on",
    });
    this.#edgePort = Number(new URL(this.#edge.url).port);
  }

  async killAggregator(): Promise<void> {
    await this.#aggregator?.stop("SIGKILL");
    this.#aggregator = null;
  }

  /** Ends it as Ctrl-C does: everything is written. */
  async stopAggregator(): Promise<void> {
    await this.#aggregator?.stop("SIGTERM");
    this.#aggregator = null;
  }

  async killEdge(): Promise<void> {
    await this.#edge?.stop("SIGKILL");
    this.#edge = null;
  }

  async fleet(): Promise<FleetReport> {
    return await (await fetch(`${this.aggregatorUrl}/v1/fleet`)).json();
  }

  /** Path of a file in the journal's folder, as the aggregator sees it. */
  journalFile(name: string): string {
    return this.#settings.journalDiskBytes === undefined
      ? `${this.journalPath}/${name}`
      : `/proc/${this.aggregator.pid}/root${this.journalPath}/${name}`;
  }

  #args(name: PartName): string[] {
    const { inspect } = this.#settings;
    const [run = "run", ...rest] = partArgs(name);
    return inspect ? [run, `--inspect=127.0.0.1:${inspect[name]}`, ...rest] : [run, ...rest];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killEdge();
    await this.killAggregator();
    await this.link[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}
