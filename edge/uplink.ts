// The one WebSocket to the aggregator. Keeps every batch until it is acknowledged: sends within each lane's credit,
// sends all of it again on a new connection, and connects again with full jitter.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { SlotDefinition } from "../proto/gen/slipstream/v1/batch_pb.ts";
import {
  BatchVerdict,
  type EdgeDownlink,
  EdgeDownlinkSchema,
  type EdgeHello,
  EdgeUplinkSchema,
} from "../proto/gen/slipstream/v1/uplink_pb.ts";
import { batchKey } from "./batch_id.ts";
import type { OutboundBatch } from "./sealing.ts";

export const UPLINK_SUBPROTOCOL = "slipstream.uplink.v1";

export interface UplinkSettings {
  hello: Pick<EdgeHello, "edgeId" | "session" | "region">;
  /** Bytes of all unacknowledged batches above which no more are taken. */
  bytesMax: number;
  backoffMinMs: number;
  backoffMaxMs: number;
}

export interface UplinkParts {
  connect: () => WebSocket;
  /** Monotonic ms. */
  clock: () => number;
  random: () => number;
  schedule: (fn: () => void, ms: number) => void;
  /** Definitions of a batch's slots that the aggregator does not know yet; of all of them if `all`. */
  defineSlots: (batch: OutboundBatch, all: boolean) => SlotDefinition[];
  onSent: (bytes: number) => void;
  /** `ackMs`: from sending to the acknowledgement. */
  onAcknowledged: (batch: OutboundBatch, ackMs: number) => void;
  /** The aggregator can never accept it: its records are lost, and the caller must say so. */
  onRejected: (batch: OutboundBatch) => void;
  onMessage: (message: EdgeDownlink) => void;
  onSessionForgotten: () => void;
  onState: (state: UplinkState, why: string) => void;
}

export type UplinkState = "connecting" | "connected" | "stopped";

interface InFlight {
  batch: OutboundBatch;
  sentMs: number;
}

type UplinkBody = NonNullable<Parameters<typeof create<typeof EdgeUplinkSchema>>[1]>["body"];

export class Uplink {
  readonly #settings: UplinkSettings;
  readonly #parts: UplinkParts;
  readonly #queues: OutboundBatch[][] = [[], []];
  readonly #inFlight: Map<string, InFlight>[] = [new Map(), new Map()];
  #credit = [0, 0];
  #bytes = 0;
  #attempt = 0;
  #socket: WebSocket | null = null;
  #state: UplinkState = "connecting";
  #onEnded = () => {};

  constructor(settings: UplinkSettings, parts: UplinkParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  get state(): UplinkState {
    return this.#state;
  }

  /** Batches sent and not yet acknowledged. */
  inFlight(lane: number): number {
    return this.#inFlight[lane]!.size;
  }

  /** Batches not yet acknowledged, sent or not. */
  get unacknowledged(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.length, 0) +
      this.#inFlight.reduce((sum, map) => sum + map.size, 0);
  }

  get canTake(): boolean {
    return this.#bytes < this.#settings.bytesMax;
  }

  take(batch: OutboundBatch): void {
    this.#bytes += batch.sealed.body.length;
    this.#queues[batch.lane]!.push(batch);
    this.#pump();
  }

  /** Sends a message that needs no acknowledgement; false while there is no connection. */
  tell(body: UplinkBody): boolean {
    if (this.#state !== "connected") return false;
    this.#send(body);
    return true;
  }

  start(): void {
    const socket = this.#parts.connect();
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let ended = false;
    // Close can fire twice, and an error is always followed by it or stands for it.
    const end = (why: string) => {
      if (ended) return;
      ended = true;
      this.#disconnected(why);
    };
    socket.onopen = () => this.#send({ case: "hello", value: this.#settings.hello });
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => end(`closed with code ${code}${reason && `: ${reason}`}`);
    socket.onerror = (event) => end(event instanceof ErrorEvent ? event.message : "connection failed");
  }

  /** Closes the connection for good; resolves when it has ended. */
  stop(): Promise<void> {
    this.#state = "stopped";
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEnded = resolve;
      socket.close(1000);
    });
  }

  #disconnected(why: string): void {
    if (this.#state === "stopped") {
      this.#onEnded();
      return;
    }
    if (this.#state === "connected") this.#parts.onState("connecting", why);
    else if (this.#attempt === 0) this.#parts.onState("connecting", why);
    this.#state = "connecting";
    this.#credit = [0, 0];
    for (const [lane, inFlight] of this.#inFlight.entries()) {
      this.#queues[lane]!.unshift(...[...inFlight.values()].map(({ batch }) => batch));
      inFlight.clear();
    }
    const { backoffMinMs, backoffMaxMs } = this.#settings;
    const ceilingMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** this.#attempt++);
    this.#parts.schedule(() => {
      if (this.#state === "connecting") this.start();
    }, this.#parts.random() * ceilingMs);
  }

  #receive(data: unknown): void {
    if (this.#state === "stopped") return;
    const message = readDownlink(data);
    if (!message) {
      this.#socket?.close(4002, "Not an EdgeDownlink message");
      return;
    }
    const { body } = message;
    if (body.case === "hello") {
      this.#attempt = 0;
      this.#state = "connected";
      this.#credit = [body.value.safetyCredit, body.value.bulkCredit];
      if (!body.value.sessionKnown) this.#parts.onSessionForgotten();
      this.#parts.onState("connected", "");
      this.#pump();
    } else if (body.case === "ack") {
      this.#acknowledged(batchKey(body.value.batchId), body.value.verdict);
      this.#pump();
    }
    this.#parts.onMessage(message);
  }

  #acknowledged(key: string, verdict: BatchVerdict): void {
    for (const inFlight of this.#inFlight) {
      const found = inFlight.get(key);
      if (!found) continue;
      const { batch, sentMs } = found;
      if (verdict === BatchVerdict.UNKNOWN_SLOT) {
        found.sentMs = this.#parts.clock();
        this.#sendBatch(batch, true);
        return;
      }
      inFlight.delete(key);
      this.#bytes -= batch.sealed.body.length;
      if (verdict === BatchVerdict.ACCEPTED) this.#parts.onAcknowledged(batch, this.#parts.clock() - sentMs);
      else this.#parts.onRejected(batch);
    }
  }

  #pump(): void {
    if (this.#state !== "connected") return;
    for (const [lane, queue] of this.#queues.entries()) {
      const inFlight = this.#inFlight[lane]!;
      const room = Math.min(queue.length, this.#credit[lane]! - inFlight.size);
      if (room <= 0) continue;
      for (const batch of queue.splice(0, room)) {
        inFlight.set(batch.key, { batch, sentMs: this.#parts.clock() });
        this.#sendBatch(batch, false);
      }
    }
  }

  #sendBatch(batch: OutboundBatch, defineAll: boolean): void {
    batch.sealed.slots = this.#parts.defineSlots(batch, defineAll);
    this.#send({ case: "batch", value: batch.sealed });
  }

  #send(body: UplinkBody): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    const bytes = toBinary(EdgeUplinkSchema, create(EdgeUplinkSchema, { body }));
    this.#socket.send(bytes);
    this.#parts.onSent(bytes.length);
  }
}

function readDownlink(data: unknown): EdgeDownlink | null {
  if (!(data instanceof ArrayBuffer)) return null;
  try {
    return fromBinary(EdgeDownlinkSchema, new Uint8Array(data));
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
