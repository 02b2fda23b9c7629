// Two edges and an aggregator as processes, each of which can be replaced by one of another release where it stood.
import type { FleetReport } from "../../aggregator/api/fleet_report.ts";
import { partArgs } from "../../sim/part.ts";
import { eventually } from "../chaos/eventually.ts";
import { Process } from "../e2e/process.ts";

export const EDGES = ["edge-1", "edge-2"] as const;
export type EdgeName = (typeof EDGES)[number];
export type PartName = "aggregator" | EdgeName;

/** Where the files of a release are; undefined: here. */
export type Root = string | undefined;

const READY_MS_MAX = 30_000;

export class RollingSystem implements AsyncDisposable {
  readonly folder: string;
  readonly #processes = new Map<PartName, Process>();
  readonly #ports = new Map<PartName, number>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** All parts of one release, or of the one that `rootOf` says. */
  static async start(rootOf: (name: PartName) => Root): Promise<RollingSystem> {
    const system = new RollingSystem(await Deno.makeTempDir({ prefix: "slipstream-upgrade-" }));
    try {
      for (const name of ["aggregator", ...EDGES] as const) await system.#start(name, rootOf(name));
      await system.ready();
    } catch (error) {
      await system[Symbol.asyncDispose]();
      throw error;
    }
    return system;
  }

  get journalPath(): string {
    return `${this.folder}/journal`;
  }

  get sqlitePath(): string {
    return `${this.folder}/results.sqlite`;
  }

  /** Of its telemetry socket. */
  telemetryUrl(edge: EdgeName): string {
    return `ws://127.0.0.1:${this.#ports.get(edge)}/v1/telemetry`;
  }

  url(name: PartName): string {
    return `http://127.0.0.1:${this.#ports.get(name)}`;
  }

  async fleet(): Promise<FleetReport> {
    return await (await fetch(`${this.url("aggregator")}/v1/fleet`)).json();
  }

  /** Asks one to end, as its supervisor does, and starts that of another release in its place. @returns what it said at last */
  async replace(name: PartName, root: Root): Promise<string> {
    const { code, stderr } = await this.#processes.get(name)!.stop("SIGTERM");
    if (code !== 0) throw new Error(`Cannot replace the ${name}: it ended with exit code ${code}\n${stderr}`);
    await this.#start(name, root);
    await this.ready();
    return stderr;
  }

  /** Resolves when both edges are connected to the aggregator. */
  async ready(): Promise<void> {
    const isReady = async () => {
      const { edges } = await this.fleet();
      return EDGES.every((name) => edges.some(({ edgeId, connections }) => edgeId === name && connections > 0));
    };
    if (!await eventually(isReady, READY_MS_MAX)) {
      throw new Error("Cannot go on: the edges do not reach the aggregator");
    }
  }

  async stop(): Promise<void> {
    for (const name of [...EDGES, "aggregator"] as const) await this.#processes.get(name)?.stop("SIGTERM");
    this.#processes.clear();
  }

  async #start(name: PartName, root: Root): Promise<void> {
    const isEdge = name !== "aggregator";
    const port = `${this.#ports.get(name) ?? 0}`;
    const env: Record<string, string> = isEdge
      ? {
        SLIPSTREAM_EDGE_PORT: port,
        SLIPSTREAM_EDGE_ID: name,
        SLIPSTREAM_UPLINK_URL: `${this.url("aggregator").replace("http", "ws")}/v1/uplink`,
      }
      : {
        SLIPSTREAM_AGGREGATOR_PORT: port,
        SLIPSTREAM_SQLITE: this.sqlitePath,
        SLIPSTREAM_JOURNAL: this.journalPath,
        SLIPSTREAM_CHECKPOINT_S: "3",
      };
    const args = partArgs(isEdge ? "edge" : "aggregator");
    const process = await Process.start({ args, env, readyWhen: "listening on", ...root !== undefined && { root } });
    this.#processes.set(name, process);
    this.#ports.set(name, Number(new URL(process.url).port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes.values()) await process.stop("SIGKILL");
    await Deno.remove(this.folder, { recursive: true });
  }
}
