// The one WebSocket to the aggregator: sends the backlog's batches within each lane's credit, and connects again when
// the breaker allows. A dead link is noticed by the answers that do not come; no TCP reset is needed.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { SlotDefinition } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import {
  type AggregatorHello,
  type BatchAck,
  BatchVerdict,
  type EdgeDownlink,
  EdgeDownlinkSchema,
  type EdgeHello,
  EdgeUplinkSchema,
} from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { refusalOfVersions } from "../../proto/versions.ts";
import { CloseCode } from "../../proto/words.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import type { Backlog } from "./backlog.ts";
import { batchKey } from "../lanes/batch_id.ts";
import type { Breaker } from "./breaker.ts";
import { goesAgain } from "./refused_batch.ts";
import type { OutboundBatch } from "../lanes/sealing.ts";

export interface UplinkParts {
  hello: Pick<EdgeHello, "edgeId" | "session" | "region" | "version" | "protocol">;
  backlog: Backlog;
  breaker: Breaker;
  connect: () => WebSocket;
  /** Monotonic ms. */
  clock: () => number;
  /** Runs `fn` once after `ms`; the result cancels it. */
  after: (ms: number, fn: () => void) => () => void;
  /** Definitions of a batch's slots that the aggregator does not know yet; of all of them if `all`. */
  defineSlots: (batch: OutboundBatch, all: boolean) => SlotDefinition[];
  onSent: (bytes: number) => void;
  /** Any answer for a batch that waited for one, before anything is done about it. */
  onAnswer: (batch: OutboundBatch, ack: BatchAck) => void;
  /**
   * `ackMs`: from sending to the acknowledgement; null where the aggregator's journal failed in between. Again for a batch
   * that somebody asked to be sent again.
   */
  onAcknowledged: (batch: OutboundBatch, ackMs: number | null) => void;
  /** The aggregator can never accept it, and may say why: its records are lost, and the caller must say so. */
  onRejected: (batch: OutboundBatch, reason: string) => void;
  onMessage: (message: EdgeDownlink) => void;
  onSessionForgotten: () => void;
  /** Runs what may throw; false: it did. */
  attempt: (fn: () => void) => boolean;
  onState: (state: UplinkState, why: string) => void;
}

export type UplinkState = "connecting" | "connected" | "stopped";

type UplinkBody = NonNullable<Parameters<typeof create<typeof EdgeUplinkSchema>>[1]>["body"];

export class Uplink {
  readonly #parts: UplinkParts;
  #credit = [0, 0];
  /** When the aggregator said anything the last time. */
  #heardMs = 0;
  /** When it was told how this edge is, if it has said nothing since. */
  #statusMs: number | null = null;
  #socket: WebSocket | null = null;
  #sinceMs = 0;
  #state: UplinkState = "connecting";
  #told = false;
  #apartWhy = "";
  #trouble: string | null = null;
  #aggregator: Pick<AggregatorHello, "version" | "protocol"> | null = null;
  #onEnded = () => {};
  #cancelRetry = () => {};

  constructor(parts: UplinkParts) {
    this.#parts = parts;
  }

  get state(): UplinkState {
    return this.#state;
  }

  /** What the aggregator said of itself last; null before it has. */
  get aggregator(): Pick<AggregatorHello, "version" | "protocol"> | null {
    return this.#aggregator;
  }

  /** Why the last connection ended, or did not come about; null while there is one, and before the first. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Batches that may be on the wire, by lane; 0 while the aggregator is away. */
  get credit(): { safety: number; bulk: number } {
    return { safety: this.#credit[LaneIndex.safety]!, bulk: this.#credit[LaneIndex.bulk]! };
  }

  /** The aggregator is there, and wants nothing of a lane. */
  isHeld(lane: number): boolean {
    return this.#state === "connected" && this.#credit[lane] === 0;
  }

  take(batch: OutboundBatch): void {
    this.#parts.backlog.take(batch);
    this.pump();
  }

  /** Sends a message that needs no acknowledgement; false while there is no connection. */
  tell(body: UplinkBody): boolean {
    if (this.#state !== "connected") return false;
    if (body?.case === "status") this.#statusMs ??= this.#parts.clock();
    this.#send(body);
    return true;
  }

  start(): void {
    const { breaker, connect, clock, hello } = this.#parts;
    breaker.attempt();
    let socket: WebSocket;
    try {
      socket = connect();
    } catch (error) {
      // What proves who this is cannot be read: perhaps it can be soon.
      return this.#disconnected(error instanceof Error ? error.message : String(error));
    }
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#sinceMs = clock();
    // Close can fire twice, an error is always followed by it or stands for it, and both come late for a socket that
    // was given up.
    const end = (why: string, code?: number) => {
      if (socket !== this.#socket) return;
      if (code === CloseCode.versionsApart) this.#apart(why);
      else this.#disconnected(why);
    };
    socket.onopen = () => {
      if (socket === this.#socket) this.#send({ case: "hello", value: hello });
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket || this.#parts.attempt(() => this.#receive(data))) return;
      this.#disconnected("it sent what cannot be dealt with");
      socket.close(CloseCode.edgeFailed, "Internal error");
    };
    socket.onclose = ({ code, reason }) => end(`closed with code ${code}${reason && `: ${reason}`}`, code);
    socket.onerror = (event) => end("message" in event ? String(event.message) : "connection failed");
  }

  /** Some times a second: gives up a connection that owes an answer for too long. */
  check(): void {
    const { breaker, clock } = this.#parts;
    const socket = this.#socket;
    if (!socket || this.#state === "stopped") return;
    if (!breaker.isSilent(this.#owedSinceMs(), clock()) && !breaker.isMute(this.#statusMs, clock())) return;
    this.#disconnected("it does not answer");
    // The other end may never answer the close either: nobody waits for it.
    socket.close(CloseCode.noAnswer, "No answer");
  }

  // An aggregator that takes no bulk, or has yet to journal what it took, says something each second.
  #owedSinceMs(): number | null {
    const { backlog } = this.#parts;
    if (this.#state !== "connected") return this.#sinceMs;
    const isWaiting = this.isHeld(LaneIndex.bulk) || backlog.takenBatches > 0;
    return backlog.oldestSentMs() ?? (isWaiting ? this.#heardMs : null);
  }

  /** Sends as much of the backlog as credit and breaker allow. */
  pump(): void {
    if (this.#state !== "connected") return;
    const { backlog, breaker, clock } = this.#parts;
    for (const [lane, credit] of this.#credit.entries()) {
      while (backlog.inFlight(lane) < breaker.limit(credit)) {
        const batch = backlog.next(lane, clock());
        if (!batch) break;
        this.#sendBatch(batch);
      }
    }
  }

  /** Closes the connection for good; resolves when it has ended. */
  stop(): Promise<void> {
    this.#state = "stopped";
    this.#cancelRetry();
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEnded = resolve;
      socket.close(CloseCode.normal);
    });
  }

  #disconnected(why: string): void {
    const { backlog, breaker, clock, after, onState } = this.#parts;
    this.#socket = null;
    this.#statusMs = null;
    if (this.#state === "stopped") {
      this.#onEnded();
      return;
    }
    if (this.#state === "connected" || !this.#told) onState("connecting", why);
    this.#told = true;
    this.#trouble = why;
    this.#state = "connecting";
    this.#credit = [0, 0];
    backlog.connectionLost();
    this.#cancelRetry = after(breaker.failed(clock()), () => {
      if (this.#state === "connecting" && !this.#socket) this.start();
    });
  }

  #receive(data: unknown): void {
    if (this.#state === "stopped") return;
    const message = readDownlink(data);
    if (!message) {
      this.#socket?.close(CloseCode.unreadableDownlink, "Not an EdgeDownlink message");
      return;
    }
    const { body } = message;
    this.#heardMs = this.#parts.clock();
    this.#statusMs = null;
    if (body.case === "hello") {
      const refusal = refusalOfVersions({ edge: this.#parts.hello.protocol, aggregator: body.value.protocol });
      if (refusal !== null) {
        this.#socket?.close(CloseCode.versionsApart, refusal);
        return this.#apart(refusal);
      }
      this.#state = "connected";
      this.#trouble = null;
      this.#aggregator = { version: body.value.version, protocol: body.value.protocol };
      this.#credit = [body.value.safetyCredit, body.value.bulkCredit];
      if (!body.value.sessionKnown) this.#parts.onSessionForgotten();
      this.#parts.onState("connected", "");
    } else if (body.case === "ack") this.#answered(body.value);
    else if (body.case === "resend") this.#parts.backlog.resend();
    else if (body.case === "credit") this.#credit = [body.value.safety, body.value.bulk];
    this.#parts.onMessage(message);
    this.pump();
  }

  // It goes on trying, and keeps what it has: one of them is upgraded next.
  #apart(why: string): void {
    if (why !== this.#apartWhy) this.#told = false;
    this.#apartWhy = why;
    this.#disconnected(why);
  }

  #answered(ack: BatchAck): void {
    const { backlog, breaker, clock, onAnswer, onAcknowledged, onRejected, defineSlots } = this.#parts;
    const found = backlog.find(batchKey(ack.batchId));
    if (!found) return;
    const nowMs = clock();
    const { batch, sentMs, taken } = found;
    onAnswer(batch, ack);
    const isAnswer = ack.verdict === BatchVerdict.ACCEPTED || ack.verdict === BatchVerdict.TAKEN;
    // Once taken it waits for a disk, which says nothing about the link.
    if (isAnswer && !taken) breaker.acknowledged(nowMs - sentMs, nowMs);
    // What a newer aggregator means by a verdict that nobody knows here: it is not safe, and not refused.
    if (ack.verdict === BatchVerdict.TAKEN || BatchVerdict[ack.verdict] === undefined) backlog.taken(found);
    else if (ack.verdict === BatchVerdict.ACCEPTED) {
      backlog.acknowledged(found, nowMs);
      onAcknowledged(batch, taken ? null : nowMs - sentMs);
      batch.acknowledged = true;
    } else if (goesAgain(batch, ack, () => defineSlots(batch, true))) {
      found.sentMs = nowMs;
      this.#sendBatch(batch);
    } else {
      backlog.rejected(found);
      onRejected(batch, ack.reason);
    }
  }

  // One of another session brings its definitions along; one that was refused for want of them brings all.
  #sendBatch(batch: OutboundBatch): void {
    const { sealed, refusals } = batch;
    if (sealed.session === 0n) sealed.slots = this.#parts.defineSlots(batch, (refusals?.unknownSlot ?? 0) > 0);
    if (sealed.voidSlots.length > 0) sealed.slots = sealed.slots.filter(({ slot }) => !sealed.voidSlots.includes(slot));
    this.#send({ case: "batch", value: sealed });
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
