// An edge on a free port with an aggregator that a test scripts, both in this process.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type EdgeConfig, readEdgeConfig } from "../../edge/config.ts";
import { createEdge, type Edge, type EdgePlatform } from "../../edge/edge.ts";
import { serveEdge } from "../../edge/ingest/serving.ts";
import { loadCompress } from "../../edge/lanes/compression.ts";
import { systemPlatform } from "../../platform/system.ts";
import type { SealedBatch } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import type { Alert } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { type DroneDownlink, DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import {
  type AlertReceipt,
  BatchVerdict,
  EdgeDownlinkSchema,
  type EdgeUplink,
  EdgeUplinkSchema,
} from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { Changes } from "../changes.ts";

type DownlinkBody = NonNullable<Parameters<typeof create<typeof EdgeDownlinkSchema>>[1]>["body"];
export type FrameInit = Parameters<typeof create<typeof TelemetryFrameSchema>>[1];

export function frame(init: FrameInit): Uint8Array<ArrayBuffer> {
  return toBinary(TelemetryFrameSchema, create(TelemetryFrameSchema, init));
}

export function batteryFrame(droneId: string, seqs: number[]): Uint8Array<ArrayBuffer> {
  return frame({
    droneId,
    bootId: 1,
    records: seqs.map((seq) => ({
      seq,
      eventTimeUs: BigInt(1_790_000_000_000_000 + seq * 1000),
      body: { case: "battery", value: { id: 0, voltageMv: 15_000 } },
    })),
  });
}

/** Values that arrive, and that a test waits for. */
export class Inbox<T> {
  readonly all: T[] = [];
  readonly #changes = new Changes();

  push(value: T): void {
    this.all.push(value);
    this.#changes.happened();
  }

  until<R>(find: (all: T[]) => R | undefined | false): Promise<R> {
    return this.#changes.until(() => find(this.all));
  }
}

export class FakeAggregator {
  readonly messages = new Inbox<EdgeUplink>();
  readonly sockets: WebSocket[] = [];
  /** What it answers to a batch; null: nothing. */
  verdict: (batch: SealedBatch) => BatchVerdict | null = () => BatchVerdict.ACCEPTED;
  sessionKnown = false;
  /** What it says that it speaks. */
  protocol = 0;
  takesLosses = true;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request, { protocol: "slipstream.uplink.v1" });
      socket.binaryType = "arraybuffer";
      this.sockets.push(socket);
      socket.onmessage = ({ data }) => this.#receive(socket, fromBinary(EdgeUplinkSchema, new Uint8Array(data)));
      return response;
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#server.addr.port}/v1/uplink`;
  }

  get batches(): SealedBatch[] {
    return this.messages.all.flatMap(({ body }) => body.case === "batch" ? [body.value] : []);
  }

  get receipts(): AlertReceipt[] {
    return this.messages.all.flatMap(({ body }) => body.case === "alertReceipts" ? body.value.receipts : []);
  }

  #receive(socket: WebSocket, message: EdgeUplink): void {
    const { body } = message;
    if (body.case === "hello") {
      const { sessionKnown, protocol } = this;
      const hello = { serverTimeUs: 0n, sessionKnown, protocol, version: "9.9.9", safetyCredit: 8, bulkCredit: 16 };
      this.tell({ case: "hello", value: hello }, socket);
    } else if (body.case === "batch") {
      const verdict = this.verdict(body.value);
      if (verdict !== null) this.tell({ case: "ack", value: { batchId: body.value.batchId, verdict } }, socket);
    }
    if (body.case === "losses" && this.takesLosses) {
      this.tell({ case: "lossAck", value: { reportId: body.value.reportId } }, socket);
    }
    this.messages.push(message);
  }

  tell(body: DownlinkBody, socket = this.sockets.at(-1)!): void {
    socket.send(toBinary(EdgeDownlinkSchema, create(EdgeDownlinkSchema, { body })));
  }

  async stop(): Promise<void> {
    await this.#server.shutdown();
  }
}

export class FakeDrone {
  readonly inbox = new Inbox<DroneDownlink>();
  readonly #socket: WebSocket;
  readonly #changes = new Changes();
  #closed: CloseEvent | undefined;

  constructor(url: string, protocols: string[] = ["slipstream.v1"]) {
    this.#socket = new WebSocket(url, protocols);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }) => this.inbox.push(fromBinary(DroneDownlinkSchema, new Uint8Array(data)));
    this.#socket.onclose = (event) => {
      this.#closed = event;
      this.#changes.happened();
    };
  }

  get closed(): Promise<CloseEvent> {
    return this.#changes.until(() => this.#closed);
  }

  async hello(): Promise<void> {
    await this.inbox.until((all) => all.some(({ body }) => body.case === "hello"));
  }

  send(data: Uint8Array<ArrayBuffer> | string): void {
    this.#socket.send(data);
  }

  get alerts(): Alert[] {
    return this.inbox.all.flatMap(({ body }) => body.case === "alert" ? [body.value] : []);
  }

  /** Acknowledged sequence numbers, ascending. */
  acknowledged(): number[] {
    const seqs = this.inbox.all.flatMap(({ body }) =>
      body.case !== "ack"
        ? []
        : body.value.ranges.flatMap(({ firstSeq, lastSeq }) =>
          Array.from({ length: lastSeq - firstSeq + 1 }, (_, i) => firstSeq + i)
        )
    );
    return seqs.sort((a, b) => a - b);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}

/** What a test reads of /v1/status. */
interface Status {
  connections: number;
  slots: { max: number; known: number; speakers: number };
  records: Record<string, number>;
  frames: Record<string, number>;
  alertAcks: { received: number; unknown: number };
  warnings: { sent: number; delivered: number; unreachable: number; acknowledged: number };
  uplink: string;
  aggregator: { version: string; protocol: number } | null;
  batches: { taken: number };
}

export interface Rig {
  aggregator: FakeAggregator;
  edge: Edge;
  /** http://127.0.0.1:PORT */
  url: string;
  connect: (protocols?: string[]) => FakeDrone;
  status: () => Promise<Status>;
}

/** Runs `test` against an edge that is connected to the aggregator, then stops all of it. */
export async function withEdge(
  config: Partial<EdgeConfig>,
  test: (rig: Rig) => Promise<void>,
  kv: Deno.Kv | null = null,
): Promise<void> {
  const aggregator = new FakeAggregator();
  const settings = { ...readEdgeConfig({}), uplinkUrl: aggregator.url, ...config };
  const machine = platform();
  // Once for all edges here: none is still loading it when its test is over.
  await loadCompress();
  const edge = await createEdge(settings, machine, kv);
  const { refusals } = edge;
  const server = await serveEdge(edge.app, {
    ...{ config: { ...settings, port: 0 }, platform: machine, tls: null, refusals },
  });
  const { url } = server;
  const drones: FakeDrone[] = [];
  edge.start();
  try {
    await aggregator.messages.until((all) => all.some(({ body }) => body.case === "hello"));
    await test({
      aggregator,
      edge,
      url,
      connect: (protocols) => {
        const drone = new FakeDrone(`${url.replace("http", "ws")}/v1/telemetry`, protocols);
        drones.push(drone);
        return drone;
      },
      status: async () => await (await fetch(`${url}/v1/status`)).json(),
    });
  } finally {
    await Promise.all(drones.map((drone) => drone.close()));
    await edge.stop(1000);
    await server.stop();
    await aggregator.stop();
  }
}

/** An edge looks at its clock more often, unless its process has to wait. */
const PAUSE_MS_MIN = 50;

/** Time without the pauses of this process: how busy the machine is must not decide what an edge gives up. */
function unhurried(): () => number {
  let [lastMs, pausedMs] = [performance.now(), 0];
  return () => {
    const nowMs = performance.now();
    pausedMs += Math.max(0, nowMs - lastMs - PAUSE_MS_MIN);
    lastMs = nowMs;
    return nowMs - pausedMs;
  };
}

function platform(): EdgePlatform {
  return {
    ...systemPlatform("edge"),
    clock: unhurried(),
    random: () => 0.01,
    connect: (url, subprotocol) => new WebSocket(url, subprotocol),
    log: () => {},
  };
}
