// A drone's side of the connection: keeps every record until the edge acknowledges it, and sends it again after a
// disconnect or a refusal; answers every alert. Copy it: it needs nothing but the generated messages and three files here.
import { fromBinary } from "@bufbuild/protobuf";
import type { Alert } from "../proto/gen/slipstream/v1/alert_pb.ts";
import { type DroneDownlink, DroneDownlinkSchema, RefusalReason } from "../proto/gen/slipstream/v1/downlink_pb.ts";
import type { Telemetry } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import { AlertInbox, encodeAlertAck } from "./alert_inbox.ts";
import { type DroneIdentity, encodeFrame } from "./frame.ts";
import { Outbox } from "./outbox.ts";

export interface DroneClientSettings {
  identity: DroneIdentity;
  /** Records kept at most, waiting and in flight. */
  recordsMax: number;
  backoffMinMs: number;
  backoffMaxMs: number;
  /** Back-off starts anew after a connection has lasted for so long. */
  stableAfterMs: number;
  /** Nothing heard for so long while connecting, or with records on the wire: the link is dead, whatever TCP says. */
  silentMsMax: number;
}

export const DEFAULT_CLIENT_SETTINGS: Omit<DroneClientSettings, "identity"> = {
  recordsMax: 4096,
  backoffMinMs: 500,
  backoffMaxMs: 30_000,
  stableAfterMs: 10_000,
  silentMsMax: 10_000,
};

/** What a client needs of the world. */
export interface DroneClientParts {
  /** A new socket to the edge, with subprotocol TELEMETRY_SUBPROTOCOL. */
  connect: () => WebSocket;
  /** 0 to 1. */
  random: () => number;
  /** Unix ms. */
  now: () => number;
  /** Runs `fn` after `ms`; the answer cancels it. */
  after: (ms: number, fn: () => void) => () => void;
  /** Once for each alert and revision. */
  onAlert?: (alert: Alert) => void;
  /** An overloaded edge gave up records: final, they are in its loss ledger. */
  onShed?: (seqs: number[]) => void;
}

export interface ClientCounters {
  sentRecords: number;
  acknowledgedRecords: number;
  throttles: number;
  /** Given up by an overloaded edge: never acknowledged, and not sent again. */
  shedRecords: number;
  /** Connections after the first. */
  reconnects: number;
}

export const TELEMETRY_SUBPROTOCOL = "slipstream.v1";
const RECORDS_PER_FRAME_MAX = 64;
/** A socket that has so much waiting gets no more for now. */
const SOCKET_BYTES_MAX = 1 << 20;
const SOCKET_RETRY_MS = 100;
const CLOSE_MS_MAX = 2000;

export class DroneClient {
  readonly counters: ClientCounters = {
    sentRecords: 0,
    acknowledgedRecords: 0,
    throttles: 0,
    shedRecords: 0,
    reconnects: 0,
  };
  readonly #settings: DroneClientSettings;
  readonly #parts: DroneClientParts;
  readonly #outbox = new Outbox();
  readonly #alerts = new AlertInbox();
  #socket: WebSocket | null = null;
  #failures = 0;
  #connections = 0;
  #closed = false;
  #cancelReconnect = () => {};
  #cancelStable = () => {};
  /** While set, the edge owes an answer. */
  #cancelSilence: (() => void) | null = null;
  /** While set, the edge or the socket asked to wait. */
  #cancelPause: (() => void) | null = null;
  /** After a refusal, until the backlog is gone: one frame at a time, the next one after its acknowledgement. */
  #careful = false;

  constructor(settings: DroneClientSettings, parts: DroneClientParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  get unacknowledged(): number {
    return this.#outbox.size;
  }

  /** Sequence numbers of the records that are kept, in no order. */
  get unacknowledgedSeqs(): number[] {
    return this.#outbox.seqs;
  }

  /** Connects, and connects again whenever the connection is lost. */
  open(): void {
    const socket = this.#parts.connect();
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#expectAnswer();
    socket.onopen = () => {
      this.#answered();
      if (this.#connections++ > 0) this.counters.reconnects++;
      this.#cancelStable = this.#parts.after(this.#settings.stableAfterMs, () => this.#failures = 0);
      this.#flush();
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket && data instanceof ArrayBuffer) this.#receive(new Uint8Array(data));
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#reconnect();
    };
  }

  /** `full`: as many records as are kept wait for an acknowledgement; nothing was taken. */
  send(records: Telemetry[]): "accepted" | "full" {
    if (this.unacknowledged + records.length > this.#settings.recordsMax) return "full";
    this.#outbox.take(records);
    this.#flush();
    return "accepted";
  }

  /** Bytes as they are, nothing kept: for damaged and repeated frames. */
  sendBytes(frame: Uint8Array<ArrayBuffer>): "accepted" | "full" {
    if (!this.connected) return "full";
    this.#socket?.send(frame);
    return "accepted";
  }

  /** Drops the connection as a failing network does; it comes back by itself. */
  drop(): void {
    const socket = this.#socket;
    if (!socket || socket.readyState >= WebSocket.CLOSING) return;
    this.#reconnect();
    socket.close();
  }

  /** For good. Records that are not acknowledged stay so. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelReconnect();
    this.#cancelStable();
    this.#cancelPause?.();
    this.#answered();
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      // An edge that is gone does not answer.
      const cancel = this.#parts.after(CLOSE_MS_MAX, resolve);
      socket.onclose = () => {
        cancel();
        resolve();
      };
      socket.close(1000);
    });
  }

  #reconnect(): void {
    this.#socket = null;
    this.#answered();
    this.#cancelStable();
    this.#resume();
    this.#outbox.recall();
    if (this.#closed) return;
    // Full jitter: drones that lost the same edge come back spread out.
    const { backoffMinMs, backoffMaxMs } = this.#settings;
    const limitMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** this.#failures++);
    this.#cancelReconnect = this.#parts.after(this.#parts.random() * limitMs, () => this.open());
  }

  #flush(): void {
    const { waiting, inFlight } = this.#outbox;
    if (!this.#cancelPause && waiting > 0 && !(this.#careful && inFlight > 0)) this.#sendWaiting();
    if (this.#outbox.inFlight > 0) this.#expectAnswer();
  }

  #sendWaiting(): void {
    while (this.#outbox.waiting > 0) {
      const socket = this.#socket;
      if (!socket || socket.readyState !== WebSocket.OPEN) return;
      if (socket.bufferedAmount > SOCKET_BYTES_MAX) return this.#pause(SOCKET_RETRY_MS);
      const frame = this.#outbox.send(RECORDS_PER_FRAME_MAX);
      socket.send(encodeFrame(this.#settings.identity, frame));
      this.counters.sentRecords += frame.length;
      if (this.#careful) break;
    }
    this.#careful &&= this.#outbox.waiting > 0;
  }

  #expectAnswer(): void {
    this.#cancelSilence ??= this.#parts.after(this.#settings.silentMsMax, () => this.drop());
  }

  #answered(): void {
    this.#cancelSilence?.();
    this.#cancelSilence = null;
  }

  #receive(bytes: Uint8Array): void {
    const body = readDownlink(bytes);
    if (!body) return this.drop();
    const { bootId } = this.#settings.identity;
    this.#answered();
    if (body.case === "ack" && body.value.bootId === bootId) {
      for (const range of body.value.ranges) this.counters.acknowledgedRecords += this.#outbox.forget(range).length;
      this.#flush();
    } else if (body.case === "throttle" && body.value.bootId === bootId) {
      this.counters.throttles++;
      const { refused, retryAfterMs, reason, shed } = body.value;
      if (reason === RefusalReason.SHED) {
        const seqs = shed.flatMap((range) => this.#outbox.forget(range));
        this.counters.shedRecords += seqs.length;
        this.#parts.onShed?.(seqs);
        return;
      }
      this.#careful = true;
      if (refused) this.#outbox.recall(refused);
      this.#pause(retryAfterMs);
    } else if (body.case === "alert") {
      this.#receiveAlert(body.value);
    }
  }

  #receiveAlert(alert: Alert): void {
    const { identity } = this.#settings;
    this.#socket?.send(encodeAlertAck(alert, { identity, nowMs: this.#parts.now() }));
    if (this.#alerts.take(alert)) this.#parts.onAlert?.(alert);
  }

  #pause(ms: number): void {
    this.#cancelPause?.();
    this.#cancelPause = this.#parts.after(ms, () => {
      this.#resume();
      this.#flush();
    });
  }

  #resume(): void {
    this.#cancelPause?.();
    this.#cancelPause = null;
  }
}

/** null for what is not a DroneDownlink: whoever sent it is not an edge. */
function readDownlink(bytes: Uint8Array): DroneDownlink["body"] | null {
  try {
    return fromBinary(DroneDownlinkSchema, bytes).body;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
