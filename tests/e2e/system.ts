// An aggregator and an edge as real processes on free ports, and the questions that tests ask them.
import type { AlertEvent, TumblingWindow } from "../../aggregator/outputs.ts";
import type { FleetReport } from "../../aggregator/api/fleet_report.ts";
import type { DroneView } from "../../aggregator/views.ts";
import { ANYBODY, type Asker } from "../../sim/observer.ts";
import { partArgs } from "../../sim/part.ts";
import { AlertStream } from "./alert_stream.ts";
import { Process } from "./process.ts";

/** What tests use of the edge's GET /v1/status. */
export interface EdgeStatusView {
  uplink: string;
  connections: number;
  records: Record<"received" | "forwarded" | "duplicate" | "nearDuplicate" | "malformed" | "refused", number>;
  frames: { received: number; malformed: number };
  batches: { inFlight: number; unacknowledged: number };
  warnings: Record<"sent" | "delivered" | "acknowledged", number>;
  mavlink: { frames: Record<string, number>; radio: { heard: number; lost: number } };
}

export interface SystemSettings {
  aggregatorEnv?: Record<string, string>;
  edgeEnv?: Record<string, string>;
  /** Where the edge's uplink goes instead: told the aggregator's, answers its own. */
  uplinkThrough?: (aggregatorUplinkUrl: string) => string;
  /** In whose name both are asked, where they want to know. */
  asker?: Asker;
}

const POLL_MS = 50;

export class System implements AsyncDisposable {
  readonly aggregator: Process;
  readonly alerts: AlertStream;
  readonly #folder: string;
  readonly #uplinkUrl: string;
  readonly #edgeEnv: Record<string, string>;
  readonly #asker: Asker;
  #edge: Process;

  private constructor(parts: {
    folder: string;
    aggregator: Process;
    alerts: AlertStream;
    edge: Process;
    uplinkUrl: string;
    edgeEnv: Record<string, string>;
    asker: Asker;
  }) {
    this.#folder = parts.folder;
    this.aggregator = parts.aggregator;
    this.alerts = parts.alerts;
    this.#edge = parts.edge;
    this.#uplinkUrl = parts.uplinkUrl;
    this.#edgeEnv = parts.edgeEnv;
    this.#asker = parts.asker;
  }

  /** Resolves when the edge is connected to the aggregator. */
  static async start(
    { aggregatorEnv = {}, edgeEnv = {}, uplinkThrough = (url) => url, asker = ANYBODY }: SystemSettings = {},
  ): Promise<System> {
    const folder = await Deno.makeTempDir();
    const aggregator = await startAggregator(folder, aggregatorEnv);
    try {
      const uplinkUrl = uplinkThrough(`${aggregator.url.replace("http", "ws")}/v1/uplink`);
      const edge = await startEdge({ ...edgeEnv, SLIPSTREAM_UPLINK_URL: uplinkUrl });
      const alerts = await AlertStream.open(aggregator.url, asker);
      const system = new System({ folder, aggregator, alerts, edge, uplinkUrl, edgeEnv, asker });
      await until("the edge is ready", async () => await isReady(edge.url, asker));
      return system;
    } catch (error) {
      await aggregator.stop("SIGKILL");
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  get edge(): Process {
    return this.#edge;
  }

  /** Where drones connect. */
  get telemetryUrl(): string {
    return `${this.#edge.url.replace("http", "ws")}/v1/telemetry`;
  }

  /** A new edge on the port of the one that has ended. */
  async restartEdge(): Promise<void> {
    const SLIPSTREAM_EDGE_PORT = new URL(this.#edge.url).port;
    this.#edge = await startEdge({
      ...this.#edgeEnv,
      SLIPSTREAM_UPLINK_URL: this.#uplinkUrl,
      SLIPSTREAM_EDGE_PORT,
    });
  }

  status(): Promise<EdgeStatusView> {
    return this.#getJson(`${this.#edge.url}/v1/status`);
  }

  fleet(): Promise<FleetReport> {
    return this.#getJson(`${this.aggregator.url}/v1/fleet`);
  }

  drone(droneId: string): Promise<DroneView> {
    return this.#getJson(`${this.aggregator.url}/v1/drones/${droneId}`);
  }

  /** Tumbling windows of the whole fleet, oldest first: the latest revision of each; `sinceUs`: of those that start then or later. */
  async windows({ sinceUs = 0 }: { sinceUs?: number } = {}): Promise<TumblingWindow[]> {
    const all: TumblingWindow[] = [];
    for (let toUs = Number.MAX_SAFE_INTEGER;;) {
      const query = `kind=tumbling&zone=${encodeURIComponent("*")}&from=${Math.floor(sinceUs)}&to=${toUs}&limit=1000`;
      const { windows } = await this.#getJson<{ windows: TumblingWindow[] }>(
        `${this.aggregator.url}/v1/windows?${query}`,
      );
      if (windows.length === 0) return all.reverse();
      all.push(...windows);
      toUs = windows.at(-1)!.startUs;
    }
  }

  async alertHistory(): Promise<AlertEvent[]> {
    const url = `${this.aggregator.url}/v1/alerts?state=all&limit=1000`;
    return (await this.#getJson<{ alerts: AlertEvent[] }>(url)).alerts;
  }

  /** Ends the edge, then the aggregator, as Ctrl-C does. */
  async stop(): Promise<{ edgeCode: number; aggregatorCode: number; stderr: string }> {
    const edge = await this.#edge.stop();
    const aggregator = await this.aggregator.stop();
    await this.alerts.closed;
    return { edgeCode: edge.code, aggregatorCode: aggregator.code, stderr: edge.stderr + aggregator.stderr };
  }

  async #getJson<T>(url: string): Promise<T> {
    const response = await this.#asker.ask(url);
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot get ${url}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#edge.stop("SIGKILL");
    await this.aggregator.stop("SIGKILL");
    await this.alerts.closed;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Asks until the answer is yes. @throws {Error} saying what did not come true in time. */
export async function until(what: string, isTrue: () => Promise<boolean>, limitMs = 15_000): Promise<void> {
  const untilMs = performance.now() + limitMs;
  while (!await isTrue()) {
    if (performance.now() > untilMs) throw new Error(`Cannot go on: not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function startAggregator(folder: string, env: Record<string, string>): Promise<Process> {
  return Process.start({
    args: partArgs("aggregator"),
    env: { SLIPSTREAM_AGGREGATOR_PORT: "0", SLIPSTREAM_SQLITE: ":memory:", SLIPSTREAM_JOURNAL: folder, ...env },
    readyWhen: "listening on",
  });
}

function startEdge(env: Record<string, string>): Promise<Process> {
  return Process.start({
    args: partArgs("edge"),
    env: { SLIPSTREAM_EDGE_PORT: "0", ...env },
    readyWhen: "listening on",
  });
}

async function isReady(url: string, asker: Asker): Promise<boolean> {
  const response = await asker.ask(`${url}/readyz`);
  await response.body?.cancel();
  return response.ok;
}
