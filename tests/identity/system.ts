// An aggregator and an edge as processes of their own, which let nobody in without proof, and clients that try.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { join } from "node:path";
import { connectPromptly, type SocketProof } from "../../platform/prompt_socket.ts";
import { DroneDownlinkSchema, type SeqRange } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";
import { Part, partArgs } from "../../sim/part.ts";
import { NODE_ARGS } from "../node/rig.ts";
import { Authority } from "./authority.ts";

const STOP_MS_MAX = 8000;
export const EDGE_ID = "edge-1";

export interface SystemSettings {
  /** How long the edge's certificate is good. */
  edgeHours?: number;
  /** Edges that share the edge's port, and its proof. */
  edges?: number;
  edge?: Record<string, string>;
  aggregator?: Record<string, string>;
}

export class System implements AsyncDisposable {
  readonly authority: Authority;
  readonly lines: string[] = [];
  readonly #folder: string;
  readonly #client: Deno.HttpClient;
  readonly #ca: string;
  edgeUrl = "";
  aggregatorUrl = "";
  edge!: Part;
  aggregator!: Part;

  private constructor(of: { authority: Authority; folder: string; ca: string }) {
    this.authority = of.authority;
    this.#folder = of.folder;
    this.#ca = of.ca;
    this.#client = Deno.createHttpClient({ caCerts: [of.ca] });
  }

  static async start(settings: SystemSettings = {}): Promise<System> {
    const authority = await Authority.create();
    const folder = await Deno.makeTempDir({ prefix: "slipstream-identity-" });
    const system = new System({ authority, folder, ca: await Deno.readTextFile(authority.path("root")) });
    await system.#start(settings);
    return system;
  }

  async #start({ edge, aggregator, edges, edgeHours = 24 }: SystemSettings): Promise<void> {
    const shared = {
      SLIPSTREAM_TLS_CERT: await this.authority.server(),
      SLIPSTREAM_TLS_CA: this.authority.path("root"),
      SLIPSTREAM_TOKEN_KEYS: this.authority.path("keySet"),
      SLIPSTREAM_REVOKED: this.authority.path("revoked"),
    };
    const onLine = (line: string) => void this.lines.push(line);
    this.aggregator = new Part({
      name: "aggregator",
      args: partArgs("aggregator"),
      env: {
        ...shared,
        SLIPSTREAM_AGGREGATOR_PORT: "0",
        SLIPSTREAM_SQLITE: join(this.#folder, "slipstream.sqlite"),
        SLIPSTREAM_JOURNAL: join(this.#folder, "journal"),
        ...aggregator,
      },
      onLine,
    });
    this.aggregatorUrl = await this.aggregator.ready;
    this.edge = new Part({
      name: "edge",
      args: edges === undefined ? partArgs("edge") : NODE_ARGS,
      env: {
        ...shared,
        ...edges !== undefined && { SLIPSTREAM_EDGE_PROCESSES: `${edges}` },
        SLIPSTREAM_EDGE_PORT: "0",
        SLIPSTREAM_EDGE_ID: EDGE_ID,
        SLIPSTREAM_UPLINK_URL: `${this.aggregatorUrl.replace("http", "ws")}/v1/uplink`,
        SLIPSTREAM_UPLINK_CA: this.authority.path("root"),
        SLIPSTREAM_UPLINK_CERT: await this.authority.certificate("edge", EDGE_ID, edgeHours),
        ...edge,
      },
      onLine,
    });
    this.edgeUrl = await this.edge.ready;
    while (!(await this.ask(`${this.edgeUrl}/readyz`)).ok) await pause(50);
  }

  fetch(url: string, { token, ...init }: RequestInit & { token?: string } = {}): Promise<Response> {
    const headers = { ...init.headers as Record<string, string>, ...token && { authorization: `Bearer ${token}` } };
    return fetch(url, { ...init, headers, client: this.#client });
  }

  /** The answer, with its body read. */
  async ask(
    url: string,
    { token, ...init }: RequestInit & { token?: string } = {},
  ): Promise<{ ok: boolean; status: number; body: string }> {
    const response = await this.fetch(url, { token, ...init });
    return { ok: response.ok, status: response.status, body: await response.text() };
  }

  /** As somebody who may see it. */
  async see(url: string): Promise<Record<string, unknown>> {
    const token = await this.authority.token("person", "ann", { role: "admin" });
    const { status, body } = await this.ask(url, { token });
    if (status !== 200) throw new Error(`Cannot read ${url}: ${status} ${body}`);
    return JSON.parse(body);
  }

  /** How often somebody was not let in at the edge, by reason. */
  async denied(): Promise<Record<string, number>> {
    return (await this.see(`${this.edgeUrl}/v1/status`)).denied as Record<string, number>;
  }

  /** By the certificate and key in a file; null: by none. */
  async proof(path: string | null, { token }: { token?: string } = {}): Promise<SocketProof> {
    const pem = path === null ? null : await Deno.readTextFile(path);
    return {
      tls: { ca: this.#ca, ...pem !== null && { cert: pem, key: pem } },
      ...token !== undefined && { headers: { authorization: `Bearer ${token}` } },
    };
  }

  drone(proof: SocketProof): Client {
    return new Client(`${this.edgeUrl.replace("http", "ws")}/v1/telemetry`, TELEMETRY_SUBPROTOCOL, proof);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.edge?.stop(STOP_MS_MAX);
    await this.aggregator?.stop(STOP_MS_MAX);
    this.#client.close();
    await this.authority[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** One WebSocket, and what became of it. */
export class Client {
  readonly socket: WebSocket;
  /** "open", or why it did not become so. */
  readonly outcome: Promise<string>;
  readonly closed: Promise<number>;
  readonly acknowledged = new Set<number>();
  /** A machine that has too much to do sheds some, and says so. */
  readonly #shed = new Set<number>();
  #seq = 0;

  constructor(url: string, subprotocol: string, proof: SocketProof) {
    this.socket = connectPromptly(url, subprotocol, proof);
    this.socket.binaryType = "arraybuffer";
    const opening = Promise.withResolvers<string>();
    const closing = Promise.withResolvers<number>();
    this.outcome = opening.promise;
    this.closed = closing.promise;
    this.socket.onopen = () => opening.resolve("open");
    this.socket.onerror = (event) => opening.resolve("message" in event ? String(event.message) : "error");
    this.socket.onclose = ({ code }) => {
      opening.resolve(`closed ${code}`);
      closing.resolve(code);
    };
    this.socket.onmessage = ({ data }) => this.#hear(new Uint8Array(data));
  }

  /** A record of the drone. */
  publish(droneId: string): void {
    const seq = ++this.#seq;
    const frame = create(TelemetryFrameSchema, {
      ...{ droneId, bootId: 1 },
      records: [{
        seq,
        eventTimeUs: BigInt(Date.now()) * 1000n,
        body: { case: "battery", value: { id: 0, voltageMv: 15_000 } },
      }],
    });
    this.socket.send(toBinary(TelemetryFrameSchema, frame));
  }

  /** All that was published is answered. */
  async settled(limitMs = 5000): Promise<void> {
    const untilMs = performance.now() + limitMs;
    while (this.acknowledged.size + this.#shed.size < this.#seq) {
      if (performance.now() > untilMs) throw new Error(`${this.acknowledged.size} of ${this.#seq} are acknowledged`);
      await pause(5);
    }
  }

  async end(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #hear(bytes: Uint8Array): void {
    const { body } = fromBinary(DroneDownlinkSchema, bytes);
    const take = (ranges: SeqRange[], seqs: Set<number>) => {
      for (const { firstSeq, lastSeq } of ranges) for (let seq = firstSeq; seq <= lastSeq; seq++) seqs.add(seq);
    };
    if (body.case === "ack") take(body.value.ranges, this.acknowledged);
    else if (body.case === "throttle") take(body.value.shed, this.#shed);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
