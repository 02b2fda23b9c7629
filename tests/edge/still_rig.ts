// An edge without ports in a time that the test lets pass: drones and the aggregator are sockets in this process.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type EdgeConfig, readEdgeConfig } from "../../edge/config.ts";
import { createEdge, type Edge } from "../../edge/edge.ts";
import { loadCompress } from "../../edge/lanes/compression.ts";
import type { SealedBatch } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import {
  type DroneDownlink,
  DroneDownlinkSchema,
  type RefusalReason,
} from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import {
  BatchVerdict,
  EdgeDownlinkSchema,
  type EdgeUplink,
  EdgeUplinkSchema,
  type Loss,
} from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { World } from "../simulation/world.ts";

type DownlinkInit = NonNullable<Parameters<typeof create<typeof EdgeDownlinkSchema>>[1]>["body"];

/** The edge's end of a connection, as the edge sees it. */
export class StillSocket {
  binaryType = "";
  readyState: number = WebSocket.CONNECTING;
  /** Bytes that the other end has not read. */
  bufferedAmount = 0;
  readonly sent: Uint8Array[] = [];
  closed: { code: number; reason: string } | null = null;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  onSent: (bytes: Uint8Array) => void = () => {};

  get socket(): WebSocket {
    return this as unknown as WebSocket;
  }

  open(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }

  send(bytes: Uint8Array): void {
    this.sent.push(bytes.slice());
    this.onSent(bytes);
  }

  receive(data: Uint8Array | string): void {
    this.onmessage?.({ data: typeof data === "string" ? data : data.slice().buffer });
  }

  close(code = 1005, reason = ""): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.closed = { code, reason };
    this.onclose?.({ code, reason });
  }
}

/** A drone, or whoever says so. */
export class StillDrone extends StillSocket {
  get heard(): DroneDownlink[] {
    return this.sent.map((bytes) => fromBinary(DroneDownlinkSchema, bytes));
  }

  get cases(): (string | undefined)[] {
    return this.heard.map(({ body }) => body.case);
  }

  /** Acknowledged ranges, in the order in which they came. */
  get acknowledged(): [number, number][] {
    return this.heard.flatMap(({ body }) =>
      body.case === "ack" ? body.value.ranges.map(({ firstSeq, lastSeq }): [number, number] => [firstSeq, lastSeq]) : []
    );
  }

  /** Ranges that are lost for good, by reason. */
  lost(reason: RefusalReason): [number, number][] {
    return this.heard.flatMap(({ body }) =>
      body.case === "throttle" && body.value.reason === reason
        ? body.value.shed.map(({ firstSeq, lastSeq }): [number, number] => [firstSeq, lastSeq])
        : []
    );
  }
}

/** What a test says the aggregator answers. */
export interface Answer {
  verdict: BatchVerdict;
  unknownSlots?: number[];
  reason?: string;
}

export class StillEdge {
  readonly world = new World(1);
  readonly uplinks: StillSocket[] = [];
  readonly messages: EdgeUplink[] = [];
  readonly log: string[] = [];
  readonly randoms: number[] = [];
  /** The wall clock against the monotonic one. */
  wallMs = 1_790_000_000_000;
  answer: (batch: SealedBatch) => Answer | null = () => ({ verdict: BatchVerdict.ACCEPTED });
  takesLosses = true;
  /** A status is answered with a probe of the edge's clock, as aggregators do. */
  answersStatus = false;
  /** The aggregator takes connections. */
  takesUplinks = true;
  #lostMs = 0;
  #edge: Edge | null = null;

  /** An edge that is connected to its aggregator. */
  static async start(
    config: Partial<EdgeConfig> = {},
    { kv = null, answer, cpuShare = null }: {
      kv?: Deno.Kv | null;
      answer?: StillEdge["answer"];
      /** Of a core, used all the time; null: nobody can tell. */
      cpuShare?: number | null;
    } = {},
  ): Promise<StillEdge> {
    const rig = new StillEdge();
    if (answer) rig.answer = answer;
    const { world } = rig;
    // Nothing is loaded while virtual time passes.
    await loadCompress();
    rig.#edge = await createEdge({ ...readEdgeConfig({}), ...config }, {
      now: () => rig.wallMs + world.nowMs,
      clock: () => world.nowMs + rig.#lostMs,
      random: () => {
        const value = world.random();
        rig.randoms.push(value);
        return value;
      },
      fillRandom: (bytes) => {
        for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(world.random() * 256);
      },
      after: (ms, fn) => world.after(ms, fn),
      soon: (fn) => void world.after(0, fn),
      every: (ms, fn) => world.every(ms, fn),
      connect: () => rig.#connectUplink(),
      log: (_, message) => rig.log.push(message),
      pseudonym: (id) => `drone:${id.length}`,
      cpuMs: () => cpuShare === null ? null : cpuShare * world.nowMs,
    }, kv);
    rig.edge.start();
    await rig.pass(1);
    return rig;
  }

  get edge(): Edge {
    if (!this.#edge) throw new Error("Cannot use the edge: it was not started");
    return this.#edge;
  }

  get batches(): SealedBatch[] {
    return this.messages.flatMap(({ body }) => body.case === "batch" ? [body.value] : []);
  }

  /** Rows of all loss reports. */
  get losses(): Loss[] {
    return this.messages.flatMap(({ body }) => body.case === "losses" ? body.value.losses : []);
  }

  #connectUplink(): WebSocket {
    const uplink = new StillSocket();
    this.uplinks.push(uplink);
    uplink.onSent = (bytes) => this.#receive(fromBinary(EdgeUplinkSchema, bytes));
    if (this.takesUplinks) this.world.after(0, () => uplink.open());
    return uplink.socket;
  }

  #receive(message: EdgeUplink): void {
    const { body } = message;
    this.messages.push(message);
    if (body.case === "hello") {
      this.tell({ case: "hello", value: { sessionKnown: false, safetyCredit: 8, bulkCredit: 16 } });
    } else if (body.case === "batch") {
      const answer = this.answer(body.value);
      if (answer) this.tell({ case: "ack", value: { batchId: body.value.batchId, ...answer } });
    } else if (body.case === "losses" && this.takesLosses) {
      this.tell({ case: "lossAck", value: { reportId: body.value.reportId } });
    } else if (body.case === "status" && this.answersStatus) {
      this.tell({ case: "clockProbe", value: { aggregatorTimeUs: 1n } });
    }
  }

  /** The aggregator says something. */
  tell(body: DownlinkInit): void {
    const uplink = this.uplinks.at(-1)!;
    const bytes = toBinary(EdgeDownlinkSchema, create(EdgeDownlinkSchema, { body }));
    this.world.after(0, () => uplink.receive(bytes));
  }

  /** A connection of a drone that is open. */
  drone(): StillDrone {
    const drone = new StillDrone();
    this.edge.accept(drone.socket);
    drone.open();
    return drone;
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.world.run(this.world.nowMs + ms);
  }

  /** Time passes in which the edge's process does not run. */
  loseTime(ms: number): void {
    this.#lostMs += ms;
  }

  async status() {
    return await (await this.edge.app.request("/v1/status")).json();
  }

  async stop(limitMs = 0): Promise<void> {
    let stopped = false;
    const done = this.edge.stop(limitMs).then(() => stopped = true);
    await this.world.run(this.world.nowMs + limitMs + 10_000, () => stopped);
    await done;
  }
}
