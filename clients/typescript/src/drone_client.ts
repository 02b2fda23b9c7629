// A drone's side of the connection: what is measured now goes at once, what is left over behind it; every record is kept
// until the edge acknowledges it or says that it is lost, and every alert is answered. Time, chance and sockets are handed in.
import type { Alert } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
import { type Hello, RefusalReason, type Throttle } from "../../../proto/gen/slipstream/v1/downlink_pb.ts";
import type { Telemetry } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { AlertInbox, encodeAlertAck } from "./alert_inbox.ts";
import type { ClientCounters, DroneClientParts } from "./client_parts.ts";
import { finalReason, type LossReason, noLosses, readDownlink } from "./downlink.ts";
import { type DroneIdentity, fitFrame, FRAME_LIMITS, type FrameLimits, isTooLarge } from "./frame.ts";
import { Link, type LinkSettings } from "./link.ts";
import { Nearest, NEAREST_DEFAULTS, type NearestSettings } from "./nearest.ts";
import { type NotTaken, Outbox } from "./outbox.ts";
import { Pacing, PACING_DEFAULTS } from "./pacing.ts";

export interface DroneClientSettings extends LinkSettings, Omit<NearestSettings, "edges"> {
  /** URLs of the edges that it may be connected to; without them `connect` knows the only one. */
  edges?: readonly string[];
  identity: DroneIdentity;
  /** Records kept at most, waiting and in flight; beyond it the oldest are given up. */
  recordsMax: number;
}

export const DEFAULT_CLIENT_SETTINGS: Omit<DroneClientSettings, "identity"> = {
  ...NEAREST_DEFAULTS,
  recordsMax: 4096,
  backoffMinMs: 500,
  backoffMaxMs: 30_000,
  stableAfterMs: 10_000,
  silentMsMax: 10_000,
};

/** A socket that has so much waiting gets no more for now; of a backlog already when the frame before has not left. */
const SOCKET_BYTES_MAX = 1 << 20;
const SOCKET_BACKLOG_BYTES_MAX = 1 << 14;
const SOCKET_RETRY_MS = 100;
/** A frame that could not be read is told of within a second, and what the network takes. */
const FAULT_TOLD_MS = 5000;
/** Acknowledgements come in another order than records go, by so much at most: between lanes, and after an outage. */
const SUSPECT_OVERTAKEN_MS = 2000;
const OVERTAKEN_MS = 300_000;
/** What is on its way is neither with the edge nor lost. */
const ON_THE_WAY_MS = 10_000;

export class DroneClient {
  readonly counters: ClientCounters = {
    ...{ sentRecords: 0, acknowledgedRecords: 0, throttles: 0, faults: 0, reconnects: 0 },
    lost: noLosses(),
  };
  readonly #settings: DroneClientSettings;
  readonly #parts: DroneClientParts;
  readonly #link: Link;
  readonly #nearest: Nearest;
  readonly #outbox = new Outbox();
  readonly #pacing = new Pacing(PACING_DEFAULTS);
  readonly #alerts = new AlertInbox();
  #limits: FrameLimits = FRAME_LIMITS;
  /** Until the next turn of the backlog, or of what the socket did not take. */
  #cancelTurn: (() => void) | null = null;
  /** Frames that are not ours to keep, since the edge said last what it could not read. */
  #strangeFrames = 0;

  constructor(settings: DroneClientSettings, parts: DroneClientParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#nearest = new Nearest({ edges: [""], ...settings }, { ...parts, onNearer: () => this.#link.renew() });
    this.#link = new Link(settings, { ...parts, connect: () => this.#nearest.connect() }, {
      onOpen: () => {
        this.#nearest.opened();
        if (this.#link.connections > 1) this.counters.reconnects++;
        this.#flush();
      },
      onBytes: (bytes) => this.#receive(bytes),
      onLost: (code, reason) => {
        this.#parts.onClosed?.(code, reason);
        this.#nearest.lost(code);
        this.#restart();
      },
      onRefused: () => this.#nearest.refused(),
    });
  }

  get connected(): boolean {
    return this.#link.connected;
  }

  /** The edge that it is connected to; null: to none. */
  get edge(): string | null {
    return this.#nearest.current;
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
    this.#nearest.open(() => this.#link.open());
  }

  /** Whether none of them is longer than a frame may be. */
  fits(records: readonly Telemetry[]): boolean {
    const limits = { identity: this.#settings.identity, bytesMax: this.#limits.bytesMax };
    return !records.some((record) => isTooLarge(record, limits));
  }

  /**
   * What is new is always taken: where there is no room, what has waited longest is given up. `too-large`: one of them is
   * longer than a frame may be, and nothing was taken.
   */
  send(records: Telemetry[]): "accepted" | "too-large" {
    if (!this.fits(records)) return "too-large";
    const tooMany = this.unacknowledged + records.length - this.#settings.recordsMax;
    if (tooMany > 0) this.#lose(this.#outbox.giveUp(tooMany), "crowded-out");
    this.#outbox.take(records);
    this.#flush();
    return "accepted";
  }

  /** Bytes as they are, nothing kept: for damaged and repeated frames. */
  sendBytes(frame: Uint8Array<ArrayBuffer>): "accepted" | "full" {
    if (!this.connected) return "full";
    this.#strangeFrames++;
    this.#link.write(frame);
    return "accepted";
  }

  /** Drops the connection as a failing network does; it comes back by itself. */
  drop(): void {
    this.#link.drop();
  }

  /** Has another connection, begun now, take over from the one there is. */
  renew(): void {
    this.#link.renew();
  }

  /** For good. Records that are not acknowledged stay so. */
  async close(): Promise<void> {
    this.#cancelTurn?.();
    this.#nearest.close();
    await this.#link.close();
  }

  #restart(): void {
    this.#cancelTurn?.();
    this.#cancelTurn = null;
    this.#strangeFrames = 0;
    this.#pacing.restart();
    this.#outbox.restart();
  }

  /** What is fresh goes now, in one frame; what is left over when it is its turn. */
  #flush(): void {
    const outbox = this.#outbox;
    if (outbox.fresh > 0 && this.#link.bufferedBytes <= SOCKET_BYTES_MAX) {
      this.#sendFrame(outbox.newest(this.#limits.recordsMax), "end");
      // The longest frame may have had no room for all of them.
      outbox.newest(0);
    }
    this.#takeTurns();
  }

  #takeTurns(): void {
    const { fresh, backlog } = this.#outbox;
    if (this.#cancelTurn || !this.connected || fresh + backlog === 0) return;
    this.#takeTurn(fresh > 0 ? SOCKET_RETRY_MS : this.#pacing.waitMs(this.#parts.clock()));
  }

  #takeTurn(waitMs: number): void {
    this.#cancelTurn = this.#parts.after(waitMs, () => {
      this.#cancelTurn = null;
      if (this.#outbox.fresh > 0) this.#flush();
      else this.#sendBacklog();
    });
  }

  #sendBacklog(): void {
    const outbox = this.#outbox;
    const nowMs = this.#parts.clock();
    if (!this.connected || outbox.backlog === 0) return;
    const waitMs = this.#link.bufferedBytes > SOCKET_BACKLOG_BYTES_MAX ? SOCKET_RETRY_MS : this.#pacing.waitMs(nowMs);
    if (waitMs > 0) return this.#takeTurn(waitMs);
    this.#sendFrame(outbox.oldest(this.#limits.recordsMax), "start");
    this.#pacing.sent(nowMs);
    this.#takeTurns();
  }

  #sendFrame(of: Telemetry[], from: "start" | "end"): void {
    const { frame, records } = fitFrame(this.#settings.identity, of, { bytesMax: this.#limits.bytesMax, from });
    // It was taken when longer frames were: perhaps they are again, elsewhere.
    if (frame.length > this.#limits.bytesMax) return this.#outbox.park(records);
    this.#link.write(frame);
    this.#outbox.sent(records, this.#parts.clock());
    this.counters.sentRecords += records.length;
    this.#link.expectAnswer();
  }

  #receive(bytes: Uint8Array): void {
    const body = readDownlink(bytes);
    if (!body) return this.#link.drop();
    const { bootId } = this.#settings.identity;
    if (body.case === "hello") this.#learn(body.value);
    else if (body.case === "alert") this.#receiveAlert(body.value);
    else if (body.case === "heartbeat") {
      this.#nearest.heard(body.value);
      this.#nearest.waiting();
      const heldMs = this.#parts.clock() - body.value.waitingMs;
      this.#sendAgain({ suspectsMs: heldMs - SUSPECT_OVERTAKEN_MS, othersMs: heldMs - ON_THE_WAY_MS });
    } else if (body.case === "frameFault") this.#faulted(body.value.reason, body.value.frames);
    else if (body.case === "ack" && body.value.bootId === bootId) {
      let lastSentMs = -Infinity;
      for (const range of body.value.ranges) {
        const forgotten = this.#outbox.forget(range);
        this.counters.acknowledgedRecords += forgotten.seqs.length;
        if (forgotten.seqs.length > 0) this.#parts.onAcknowledged?.(forgotten.seqs);
        lastSentMs = Math.max(lastSentMs, forgotten.lastSentMs);
      }
      this.#sendAgain({ suspectsMs: lastSentMs - SUSPECT_OVERTAKEN_MS, othersMs: lastSentMs - OVERTAKEN_MS });
    } else if (body.case === "throttle" && body.value.bootId === bootId) this.#throttled(body.value);
    // Somebody is there, who says something of what was sent. Only what is still owed is waited for.
    if (body.case !== "alert") this.#link.heard();
    if (this.#outbox.inFlight > 0 && this.connected) this.#link.expectAnswer();
    this.#takeTurns();
  }

  #learn({ frameBytesMax, frameRecordsMax, cutOff }: Hello): void {
    this.#nearest.heard({ cutOff });
    this.#limits = {
      bytesMax: Math.min(frameBytesMax || Infinity, FRAME_LIMITS.bytesMax),
      recordsMax: Math.min(frameRecordsMax || Infinity, FRAME_LIMITS.recordsMax),
    };
    this.#outbox.unpark();
  }

  #throttled({ refused, retryAfterMs, reason, shed, frameRecordsMax }: Throttle): void {
    this.counters.throttles++;
    const final = finalReason(reason);
    if (final) return this.#lose(shed.flatMap((range) => this.#outbox.forget(range).seqs), final);
    const nowMs = this.#parts.clock();
    if (refused) this.#outbox.recall(refused);
    const recordsMax = frameRecordsMax || this.#limits.recordsMax >> 1;
    if (reason === RefusalReason.FRAME_TOO_LARGE && recordsMax > 0 && recordsMax < this.#limits.recordsMax) {
      this.#limits = { ...this.#limits, recordsMax };
      this.#pacing.hurry();
    } else this.#pacing.refused(nowMs, retryAfterMs);
    // The turn may be another one now.
    this.#cancelTurn?.();
    this.#cancelTurn = null;
  }

  #faulted(reason: string, frames: number): void {
    const strange = this.#strangeFrames;
    this.#strangeFrames = 0;
    this.counters.faults += frames;
    this.#parts.onFault?.(reason, frames);
    if (frames > strange) this.#outbox.suspect(this.#parts.clock() - FAULT_TOLD_MS);
  }

  #sendAgain(before: NotTaken): void {
    const unreadable = this.#outbox.notTaken(before);
    if (unreadable.length > 0) this.#lose(unreadable, "unreadable");
  }

  #lose(seqs: number[], reason: LossReason): void {
    if (seqs.length === 0) return;
    this.counters.lost[reason] += seqs.length;
    this.#parts.onLost?.(seqs, reason);
  }

  #receiveAlert(alert: Alert): void {
    const { identity } = this.#settings;
    // An edge that does not read is told nothing: the aggregator asks again.
    if (this.#link.bufferedBytes <= SOCKET_BYTES_MAX) {
      this.#link.write(encodeAlertAck(alert, { identity, nowMs: this.#parts.now() }));
    }
    if (this.#alerts.take(alert)) this.#parts.onAlert?.(alert);
  }
}
