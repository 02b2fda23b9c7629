// One edge's socket: hello first, then batches, each answered once it is safe, and before that where the journal fails;
// losses and status. What is against the protocol closes the socket with a code and a reason.
import type { Gate } from "../../identity/gate.ts";
import { ANYONE, type Identity } from "../../identity/identity.ts";
import type { SealedBatch } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import type { ClockProbe, Denial, EdgeHello, LossReport } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { closeReason } from "../../platform/close_reason.ts";
import type { Log } from "../../platform/log.ts";
import { BATCH_ID_BYTES, CloseCode } from "../../proto/words.ts";
import { RECORDS_MAX } from "../batch/columns.ts";
import { RAW_BYTES_MAX } from "../batch/decompress.ts";
import { openBatch, type OpenParts } from "../batch/open.ts";
import { type Credit, CREDIT_MAX } from "./credit.ts";
import {
  type BatchAnswer,
  encodeAck,
  encodeClockProbe,
  encodeHello,
  encodeLossAck,
  encodeOpenAlerts,
  encodeResend,
} from "./downlink.ts";
import { type HelloRefusal, isProven, refusalOfHello } from "./hello.ts";
import { readUplink, toldOf } from "./uplink_message.ts";
import { countLosses, type Edges, type EdgeView, statusView } from "./edges.ts";
import type { ArrivedBatch, Sequencer, Taken } from "../core/sequencer.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Traces } from "../tracing/traces.ts";
import type { Warnings } from "../warnings/warnings.ts";

/** What a connection needs of the aggregator around it. */
export interface EdgeConnectionParts extends OpenParts {
  nowUs: () => number;
  sequencer: Pick<Sequencer, "take" | "takeLosses" | "told">;
  pipeline: Pick<Pipeline, "sessionKnown" | "openAlertDrones">;
  warnings: Pick<Warnings, "connected" | "receipts" | "probed">;
  /** Monotonic ms. */
  clock: () => number;
  gate: Pick<Gate, "hold" | "note">;
  /** Why an edge may not connect now; null when it may. */
  refuses: (hello: EdgeHello) => HelloRefusal | null;
  edges: Edges;
  credit: Pick<Credit, "view">;
  /** An edge has told whom it did not let in. */
  onDenials: (edgeId: string, denials: readonly Pick<Denial, "reason" | "who" | "count">[]) => void;
  /** An edge has told how it is. */
  onStatus: (edge: EdgeView) => void;
  log: Log;
  /** Without them nothing is traced. */
  traces?: Pick<Traces, "arrived" | "judged" | "refused"> | null;
}

/** A batch of RAW_BYTES_MAX that did not shrink, with its envelope. */
export const MESSAGE_BYTES_MAX = RAW_BYTES_MAX + (1 << 20);
const DENIALS_MAX = 32;
/** What goes beyond is cut off: nobody is refused for what is for people only. */
const VERSION_CHARACTERS_MAX = 64;
/** Above the credit: answers and new batches cross on the wire. */
const IN_FLIGHT_MAX = 2 * (CREDIT_MAX.safety + CREDIT_MAX.bulk);
/** Bytes an edge may leave unread before it is considered gone. */
export const BUFFERED_BYTES_MAX = 8 << 20;

/** One edge's end of the protocol; `receive` is fed with the socket's messages. */
export class EdgeConnection {
  readonly #socket: WebSocket;
  readonly #parts: EdgeConnectionParts;
  readonly #identity: Identity;
  readonly #letGo: () => void;
  #hello: EdgeHello | null = null;
  #edge: EdgeView | null = null;
  /** Batches without any answer. */
  #inFlight = 0;
  /** Some were taken and will not be acknowledged unless they come again. */
  #hasMissed = false;
  #closing = false;
  /** When it was last heard; when its connection began; how long its oldest batch had waited, as it said last. */
  #heardMs = -Infinity;
  #backlogMs: number | null = null;
  #lagMs = 0;
  #saidGoodBye = false;

  constructor(socket: WebSocket, { identity = ANYONE, ...parts }: EdgeConnectionParts & { identity?: Identity }) {
    this.#socket = socket;
    this.#parts = parts;
    this.#identity = identity;
    this.#letGo = parts.gate.hold(identity, (why) => this.close(CloseCode.proofEnded, why));
  }

  /** After its hello; before that it must not be told anything. */
  get ready(): boolean {
    return this.#edge !== null && !this.#closing;
  }

  /** Null before its hello and after its end. */
  get edgeId(): string | null {
    return this.#edge?.edgeId ?? null;
  }

  get session(): bigint {
    return this.#hello?.session ?? 0n;
  }

  /** How long it has said nothing, in ms. */
  get silentMs(): number {
    return this.#parts.clock() - this.#heardMs;
  }

  /** How long its oldest unacknowledged batch had waited, as it said last; null before it has. */
  get backlogMs(): number | null {
    return this.#backlogMs;
  }

  /** How late its event loop came at worst in the second before it said so last. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** It ended the connection itself, in order. */
  get saidGoodBye(): boolean {
    return this.#saidGoodBye;
  }

  /** One message. Whatever is in it, it ends this connection at most. */
  receive(data: unknown): void {
    try {
      this.#receive(data);
    } catch (error) {
      this.#fail("a message", error);
    }
  }

  #receive(data: unknown): void {
    if (this.#closing) return;
    this.#heardMs = this.#parts.clock();
    if (!(data instanceof ArrayBuffer)) {
      return this.close(CloseCode.unsupportedData, "Cannot read text: send binary EdgeUplink messages");
    }
    if (data.byteLength > MESSAGE_BYTES_MAX) {
      return this.close(CloseCode.messageTooBig, `Cannot take over ${MESSAGE_BYTES_MAX} bytes`);
    }
    const message = readUplink(data);
    if (!message) return this.close(CloseCode.protocolError, "Cannot read the message: it is not an EdgeUplink");
    const { body } = message;
    if (body.case === "hello") return this.#greet(body.value);
    if (!this.#hello || !this.#edge) {
      return this.close(CloseCode.policyViolation, "Cannot take messages: the first must be a hello");
    }
    this.#edge.lastMessageTimeUs = this.#parts.nowUs();
    if (body.case === "batch") {
      this.#take({ sealed: body.value, uplink: new Uint8Array(data) }, this.#hello, this.#edge);
    } else if (body.case === "losses") this.#takeLosses(body.value, this.#hello, this.#edge);
    else if (body.case === "status") {
      this.#edge.status = statusView(body.value);
      this.#backlogMs = body.value.backlogMs;
      this.#lagMs = body.value.lagMs;
      this.#parts.onStatus(this.#edge);
      this.send(encodeClockProbe(this.#parts.nowUs()));
    } else if (body.case === "alertReceipts") {
      this.#parts.warnings.receipts(this.#edge.edgeId, body.value.receipts);
    } else if (body.case === "denials") {
      this.#parts.onDenials(this.#edge.edgeId, body.value.denials.slice(0, DENIALS_MAX));
    } else if (body.case === "linkLosses" || body.case === "traffic") {
      this.#parts.sequencer.told(toldOf(body, this.#edge.edgeId))
        .catch((error: unknown) => this.#fail(body.case, error));
    } else if (body.case === "clockProbe") this.#takeProbe(body.value, this.#edge);
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > BUFFERED_BYTES_MAX) {
      this.close(CloseCode.policyViolation, "Cannot send: the edge does not read");
    } else this.#socket.send(bytes);
  }

  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    if (code !== CloseCode.goingAway) this.#parts.log("warn", `closing ${this.#edge?.edgeId ?? "an edge"}: ${reason}`);
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close(code, closeReason(reason));
  }

  /** What was taken can be journalled now: asks for it, if there is any. */
  resend(): void {
    if (this.#hasMissed) this.send(encodeResend());
    this.#hasMissed = false;
  }

  /** The socket has closed. */
  ended(code: number): void {
    this.#letGo();
    this.#saidGoodBye = code === CloseCode.normal && !this.#closing;
    this.#closing = true;
    if (this.#edge) this.#edge.connections--;
    this.#edge = null;
  }

  #greet(hello: EdgeHello): void {
    if (this.#hello) return this.close(CloseCode.protocolError, "Cannot take a second hello");
    const { nowUs, pipeline, edges, credit, gate, log, refuses } = this.#parts;
    if (!isProven(hello.edgeId, this.#identity)) gate.note("not-allowed", this.#identity.uri);
    const refusal = refusalOfHello(hello, this.#identity) ?? refuses(hello);
    if (refusal) return this.close(refusal.code, refusal.why);
    this.#hello = hello;
    this.#edge = edges.connect({ ...hello, version: hello.version.slice(0, VERSION_CHARACTERS_MAX) }, nowUs());
    const sessionKnown = pipeline.sessionKnown(hello.edgeId, hello.session);
    log("info", `${hello.edgeId} (${hello.region}) connected, session ${sessionKnown ? "known" : "new"}`);
    this.send(encodeHello({ nowUs: nowUs(), sessionKnown, credit: credit.view }));
    this.send(encodeOpenAlerts(pipeline.openAlertDrones()));
    this.send(encodeClockProbe(nowUs()));
    this.#parts.warnings.connected(hello.edgeId);
  }

  #takeProbe({ aggregatorTimeUs, edgeTimeUs }: ClockProbe, { edgeId }: EdgeView): void {
    const [askedUs, theirsUs] = [Number(aggregatorTimeUs), Number(edgeTimeUs)];
    this.#parts.warnings.probed(edgeId, { askedUs, theirsUs, answeredUs: this.#parts.nowUs() });
  }

  #takeLosses(report: LossReport, { edgeId, session }: EdgeHello, edge: EdgeView): void {
    this.#parts.sequencer.takeLosses({ edgeId, session, report })
      .then((isSafe) => {
        // It is sent again until it is acknowledged.
        if (!isSafe) return;
        countLosses(edge, report);
        this.send(encodeLossAck(report.reportId));
      })
      .catch((error: unknown) => this.#fail("losses", error));
  }

  #take({ sealed, uplink }: { sealed: SealedBatch; uplink: Uint8Array }, hello: EdgeHello, edge: EdgeView): void {
    if (sealed.batchId.length !== BATCH_ID_BYTES) {
      return this.close(CloseCode.protocolError, "Cannot take a batch: its id is not 16 bytes");
    }
    if (Math.max(sealed.slots.length, sealed.voidSlots.length) > RECORDS_MAX) {
      return this.close(CloseCode.policyViolation, `Cannot take a batch: it names more than ${RECORDS_MAX} slots`);
    }
    if (this.#inFlight >= IN_FLIGHT_MAX) {
      return this.close(CloseCode.policyViolation, "Cannot take a batch: far beyond the credit");
    }
    const columns = openBatch(sealed, this.#parts);
    if ("malformed" in columns) {
      const reason = columns.malformed;
      const trace = this.#parts.traces?.refused({ sealed, edge }, reason) ?? null;
      this.#parts.log("warn", `malformed batch of ${edge.edgeId}: ${reason}`, trace);
      return this.#answer(sealed, edge, { verdict: "malformed", reason, trace });
    }
    const session = sealed.session === 0n ? hello.session : sealed.session;
    this.#hand({ edgeId: hello.edgeId, session, sealed, columns, uplink }, edge);
  }

  #hand(batch: ArrivedBatch, edge: EdgeView): void {
    const { sequencer, traces } = this.#parts;
    const way = traces?.arrived({ ...batch, edge });
    let isInFlight = true;
    const land = () => {
      if (isInFlight) this.#inFlight--;
      isInFlight = false;
    };
    const answer = ({ isSafe, ...taken }: Taken) => {
      // For want of a definition it comes again in any case.
      const isUnknown = taken.verdict === "unknown-slot";
      if (isUnknown && !isInFlight) return;
      land();
      const verdict = isSafe || isUnknown ? taken.verdict : "taken";
      this.#answer(batch.sealed, edge, { ...taken, verdict, trace: way?.answered(verdict) });
    };
    this.#inFlight++;
    const whenSafe = sequencer.take(batch, answer);
    // It is in the pipeline by now, and what comes of it has been heard.
    if (way) traces?.judged(way);
    whenSafe
      .then((taken) => {
        this.#hasMissed ||= !taken.isSafe;
        answer(taken);
      })
      .catch((error: unknown) => this.#fail("a batch", error))
      .finally(land);
  }

  // Not acknowledged, so the edge keeps it and sends it again on its next connection.
  #fail(what: string, error: unknown): void {
    // One line, not one for each batch that waited.
    if (this.#closing) return;
    const why = error instanceof Error ? error.stack : error;
    this.#parts.log("warn", `Cannot take ${what} of ${this.#edge?.edgeId ?? "an edge"}: ${why}`);
    this.close(CloseCode.internalError, `Cannot take ${what}: internal error`);
  }

  #answer({ batchId }: SealedBatch, edge: EdgeView, answer: BatchAnswer): void {
    edge.batches[answer.verdict]++;
    this.send(encodeAck(batchId, answer));
  }
}
