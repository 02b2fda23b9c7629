// What an edge answers to one drone, in virtual time: takes records, acknowledges them after a moment, refuses what is
// above the drone's rate, says that it lives. Can be told to misbehave.
import { fromBinary } from "@bufbuild/protobuf";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { FakeSocket } from "./fake_socket.ts";

const ACK_MS = 150;
const HEARTBEAT_MS = 2000;
/** Of the edge by default. */
const RATE_PER_S = 100;
const BURST = 200;
const FULL_RETRY_MS = 1000;
const FRAME_BYTES_MAX = 65_536;
const RECORDS_MAX = 200;

export class ScriptedEdge {
  /** The aggregator is away: records are taken and not acknowledged. */
  holds = false;
  /** Everything is refused. */
  refuses = false;
  /** Nothing is read, and nothing said. */
  isSilent = false;
  /** Sequence numbers that were ever taken, and when. */
  readonly taken = new Map<number, number>();
  frames = 0;
  readonly #now: () => number;
  #socket: FakeSocket | null = null;
  #read = 0;
  #greeted = false;
  #owed: { seq: number; atMs: number }[] = [];
  #saidMs = 0;
  #tokens = BURST;
  #refilledMs: number;

  /** @param now in ms */
  constructor(now: () => number) {
    this.#now = now;
    this.#refilledMs = now();
  }

  /** A connection; the edge greets as soon as it can. What was said there before, somebody else has heard. */
  accept(socket: FakeSocket): void {
    this.#socket = socket;
    this.#read = socket.sent.length;
    this.#greeted = false;
  }

  /** Time has passed. */
  advance(): void {
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED || this.isSilent) return;
    const nowMs = this.#now();
    if (socket.readyState === WebSocket.CONNECTING) socket.accept();
    if (!this.#greeted) {
      this.#greeted = true;
      this.#say(() =>
        socket.answer({ case: "hello", value: { frameBytesMax: FRAME_BYTES_MAX, frameRecordsMax: BURST } })
      );
    }
    this.#tokens = Math.min(BURST, this.#tokens + (nowMs - this.#refilledMs) * RATE_PER_S / 1000);
    this.#refilledMs = nowMs;
    for (; this.#read < socket.sent.length; this.#read++) this.#take(socket, socket.sent[this.#read]!);
    const due = this.holds ? [] : this.#owed.filter(({ atMs }) => nowMs - atMs >= ACK_MS);
    if (due.length > 0) {
      this.#owed = this.#owed.filter((one) => !due.includes(one));
      this.#say(() => socket.ack(1, ...due.map(({ seq }) => ({ firstSeq: seq, lastSeq: seq }))));
    }
    if (nowMs - this.#saidMs >= HEARTBEAT_MS) {
      this.#say(() => socket.heartbeat(Math.max(0, nowMs - (this.#owed[0]?.atMs ?? nowMs))));
    }
  }

  #take(socket: FakeSocket, bytes: Uint8Array): void {
    this.frames++;
    if (bytes.length > FRAME_BYTES_MAX) return socket.close(1009);
    const seqs = fromBinary(TelemetryFrameSchema, bytes).records.map(({ seq }) => seq);
    if (seqs.length === 0) return;
    const refused = { firstSeq: Math.min(...seqs), lastSeq: Math.max(...seqs) };
    const throttle = (reason: RefusalReason, retryAfterMs: number, frameRecordsMax = 0) =>
      this.#say(() =>
        socket.answer({ case: "throttle", value: { bootId: 1, refused, reason, retryAfterMs, frameRecordsMax } })
      );
    if (seqs.length > RECORDS_MAX) return throttle(RefusalReason.FRAME_TOO_LARGE, 0, RECORDS_MAX);
    if (this.refuses) return throttle(RefusalReason.FULL, FULL_RETRY_MS);
    if (seqs.length > this.#tokens) {
      return throttle(RefusalReason.DRONE_RATE, Math.ceil((seqs.length - this.#tokens) * 1000 / RATE_PER_S));
    }
    this.#tokens -= seqs.length;
    const atMs = this.#now();
    for (const seq of seqs) {
      this.taken.set(seq, atMs);
      this.#owed.push({ seq, atMs });
    }
  }

  #say(answer: () => void): void {
    this.#saidMs = this.#now();
    answer();
  }
}
