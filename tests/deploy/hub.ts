// The aggregator that the isolates of a check hand over to: on this machine, as self-hosted, and it lets nobody in without proof.
import { partArgs } from "../../sim/part.ts";
import { Process } from "../e2e/process.ts";
import { Proofs } from "./proofs.ts";

export class Hub implements AsyncDisposable {
  readonly proofs: Proofs;
  readonly #process: Process;
  readonly #folder: string;
  readonly #token: string;

  private constructor(of: { proofs: Proofs; process: Process; folder: string; token: string }) {
    this.proofs = of.proofs;
    this.#process = of.process;
    this.#folder = of.folder;
    this.#token = of.token;
  }

  /** @param folder for what it keeps */
  static async start(folder: string): Promise<Hub> {
    const proofs = await Proofs.create("deploy");
    const process = await Process.start({
      args: partArgs("aggregator"),
      env: {
        ...proofs.aggregatorEnv,
        SLIPSTREAM_AGGREGATOR_PORT: "0",
        SLIPSTREAM_JOURNAL: `${folder}/journal`,
        SLIPSTREAM_SQLITE: `${folder}/results.sqlite`,
      },
      readyWhen: "listening on",
    });
    return new Hub({ proofs, process, folder, token: await proofs.adminToken() });
  }

  get journalPath(): string {
    return `${this.#folder}/journal`;
  }

  get sqlitePath(): string {
    return `${this.#folder}/results.sqlite`;
  }

  /** Settings of the app, the same for all its isolates. */
  get isolateEnv(): Record<string, string> {
    return { ...this.proofs.edgeEnv, SLIPSTREAM_UPLINK_URL: `${this.#process.url.replace("http", "ws")}/v1/uplink` };
  }

  /** Edges that are connected now. */
  async edgeIds(): Promise<string[]> {
    const { edges } = await this.#ask<{ edges: { edgeId: string; connections: number }[] }>("/v1/fleet");
    return edges.filter(({ connections }) => connections > 0).map(({ edgeId }) => edgeId);
  }

  /** Records that the pipeline counted of drones whose ids begin so. */
  async counted(name: string): Promise<number> {
    const { drones } = await this.#ask<{ drones: { droneId: string }[] }>("/v1/drones");
    let records = 0;
    for (const { droneId } of drones.filter(({ droneId }) => droneId.startsWith(`${name}-`))) {
      records += (await this.#ask<{ records: number }>(`/v1/drones/${encodeURIComponent(droneId)}`)).records;
    }
    return records;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop("SIGKILL");
  }

  async #ask<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#process.url}${path}`, {
      headers: { authorization: `Bearer ${this.#token}` },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot ask the aggregator: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}
