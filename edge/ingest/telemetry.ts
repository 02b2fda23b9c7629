// A drone's frame on its way in: socket → hot path, and the answers that travel back at once. Every record ends as
// forwarded, duplicate, near-duplicate, malformed, refused or shed; what is not taken is answered, and in the ledger where
// it is known whose it is.
import type { Gate } from "../../identity/gate.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { CloseCode, FRAME_BYTES_MAX } from "../../proto/words.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import { ANY_DRONE } from "../../wasm/limits.ts";
import { Verdict } from "../../wasm/verdict.ts";
import type { Acknowledgements } from "../drones/acknowledgements.ts";
import type { Connection } from "../drones/connection.ts";
import type { Counters } from "../counters.ts";
import { frameFaultWord, throttleWord } from "../drones/downlink.ts";
import { answer } from "../drones/heartbeats.ts";
import type { Ledger } from "../overload/ledger.ts";
import type { LossLog } from "../overload/loss_log.ts";
import type { OpenAlerts } from "../drones/open_alerts.ts";
import type { Slot, Slots } from "../drones/slots.ts";
import type { Warnings } from "../drones/warnings.ts";
import type { Zones } from "../drones/zones.ts";
import type { EdgeTraces } from "../tracing/edge_traces.ts";

export interface TelemetryParts {
  hotPath: HotPath;
  slots: Slots;
  zones: Zones;
  acknowledgements: Acknowledgements;
  warnings: Warnings;
  ledger: Ledger;
  losses: LossLog;
  counters: Counters;
  /** Records wait in a lane of the hot path. */
  onWaiting: () => void;
  openAlerts: OpenAlerts;
  gate: Pick<Gate, "note">;
  /** Without them nothing is traced. */
  traces?: Pick<EdgeTraces, "refused"> | null;
  /** The most records that can ever pass in one frame. */
  frameRecordsMax: number;
  /** Unix ms, for what is reported. */
  now: () => number;
  /** Monotonic ms, for what is measured. */
  clock: () => number;
}

/** When a table or lane is full, or the edge stops: long enough for the uplink to recover. */
const FULL_RETRY_AFTER_MS = 1000;

/** A frame that clashes with all sources there may be finds no place either. */
const REASONS: Record<number, RefusalReason> = {
  [Verdict.refusedDroneRate]: RefusalReason.DRONE_RATE,
  [Verdict.refusedNodeRate]: RefusalReason.NODE_RATE,
  [Verdict.full]: RefusalReason.FULL,
  [Verdict.clash]: RefusalReason.FULL,
  [Verdict.tooLarge]: RefusalReason.FRAME_TOO_LARGE,
};

export class Telemetry {
  readonly #parts: TelemetryParts;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
  }

  /**
   * One frame, of which nothing is kept. What comes after a connection was closed is not taken: the drone keeps it.
   * @param onlyId the only drone of which it may be; null: any for which the connection speaks
   * @returns one of `Verdict`, of which the hot path tells more; null: it was not looked at
   */
  receive(connection: Connection, frame: Uint8Array, { onlyId = connection.onlyId } = {}): number | null {
    if (!connection.open) return null;
    const { counters, hotPath, clock } = this.#parts;
    const nowMs = clock();
    connection.heard();
    counters.framesReceived++;
    counters.bytesReceived += frame.length;
    hotPath.takeOnly(onlyId ?? ANY_DRONE);
    const isAnothers = onlyId === null && this.#isAnothers(connection, frame);
    const verdict = isAnothers ? Verdict.foreign : this.#push(connection, frame, nowMs);
    if (verdict === Verdict.foreign) {
      this.#foreign(connection);
      return verdict;
    }
    counters.unknownFields += hotPath.unknownFields;
    this.#takeAlertAcks();
    if (verdict === Verdict.accepted) this.#accepted(connection, nowMs);
    else if (verdict === Verdict.malformed) {
      const { records, fault } = hotPath;
      this.#malformed(connection, { records, fault, nowMs });
    } else if (verdict === Verdict.trapped) this.#trapped(connection);
    else this.#refused(connection, { reason: REASONS[verdict] ?? RefusalReason.FULL, nowMs });
    if (frame.length > FRAME_BYTES_MAX) {
      connection.close(CloseCode.messageTooBig, `A frame has at most ${FRAME_BYTES_MAX} bytes`);
    }
    return verdict;
  }

  // The hot path knows better than to take what is not of the only drone; those of several are read twice. A malformed one
  // is nobody's.
  #isAnothers({ identity: { droneIds } }: Connection, frame: Uint8Array): boolean {
    const { hotPath } = this.#parts;
    return droneIds !== null && hotPath.identify(frame) && !droneIds.has(hotPath.droneId());
  }

  // Not in the ledger: what one drone sends in the name of another is no loss of that one.
  #foreign(connection: Connection): void {
    const { counters, hotPath, gate, traces } = this.#parts;
    traces?.refused({ reason: "foreign-drone", droneId: hotPath.droneId(), records: hotPath.records });
    counters.framesForeign++;
    counters.received += hotPath.records;
    counters.refused += hotPath.records;
    gate.note("foreign-drone", connection.identity.uri);
    connection.close(CloseCode.policyViolation, "Cannot speak for that drone: the proof is of another one");
  }

  // As the source as which this connection spoke for the drone last; at a clash as the next one with which it does not.
  #push(connection: Connection, frame: Uint8Array, nowMs: number): number {
    const { hotPath, slots } = this.#parts;
    const { sources } = connection;
    const first = sources.size > 0 && hotPath.identify(frame) ? sources.of(hotPath.droneId(), hotPath.bootId) : 0;
    let verdict = hotPath.push(frame, nowMs, first);
    if (verdict === Verdict.clash) {
      const of = { droneId: hotPath.droneId(), bootId: hotPath.bootId, connection, nowMs };
      for (const source of slots.sourcesAfter(first, of)) {
        verdict = hotPath.push(frame, nowMs, source);
        if (verdict !== Verdict.clash) break;
      }
    }
    if (verdict === Verdict.accepted && hotPath.source !== first) {
      sources.note(hotPath.droneId(), { bootId: hotPath.bootId, source: hotPath.source });
    }
    return verdict;
  }

  /** A server with limits did not even gather a message, as it has more bytes than a frame: it closes with 1009. */
  tooLarge(): void {
    const { counters } = this.#parts;
    counters.framesReceived++;
    counters.framesMalformed++;
    counters.received++;
    counters.malformed++;
  }

  /** What is not even a frame, such as JSON that cannot be read. `fault`: what is wrong with it, for people. */
  unreadable(connection: Connection, fault: string): void {
    if (!connection.open) return;
    connection.heard();
    this.#parts.counters.framesReceived++;
    this.#malformed(connection, { records: 1, fault, nowMs: this.#parts.clock() });
  }

  // Before the records, and also of a refused frame: an acknowledgement never waits behind data.
  #takeAlertAcks(): void {
    const { counters, hotPath, warnings } = this.#parts;
    if (hotPath.alertAcks === 0) return;
    counters.alertAcks += hotPath.alertAcks;
    warnings.acknowledge(hotPath.droneId(), hotPath.alertAckList());
  }

  #accepted(connection: Connection, nowMs: number): void {
    const { hotPath, counters, slots, acknowledgements, onWaiting } = this.#parts;
    counters.received += hotPath.records;
    counters.forwarded += hotPath.forwarded;
    counters.duplicate += hotPath.duplicates;
    counters.nearDuplicate += hotPath.nearDuplicates;
    counters.malformed += hotPath.malformedRecords;
    counters.shed += hotPath.shed;
    // Slot numbers begin with 1: a frame without records has none.
    if (hotPath.slot === 0) return slots.spokeFor(hotPath.droneId(), connection, nowMs);
    const slot = slots.get(hotPath.slot) ?? this.#newSlot();
    if (hotPath.isNewGroup && slot.declaredGroup !== hotPath.group()) this.#regroup(slot);
    slots.spoke(slot, connection, { nowMs });
    if (connection.sources.size > 0) slots.speaksOnlyAs(slot, connection, nowMs);
    if (hotPath.shed > 0) {
      acknowledgements.lose(slot, { seqs: hotPath.shedSeqs(), reason: RefusalReason.SHED });
    }
    if (hotPath.malformedRecords > 0) {
      acknowledgements.lose(slot, { seqs: hotPath.invalidSeqs(), reason: RefusalReason.INVALID });
    }
    if (hotPath.duplicates > 0) {
      const settled = hotPath.settledDuplicates();
      if (settled.length > 0) acknowledgements.repeat(slot, settled);
      slot.turns.repeat(connection, hotPath);
    }
    if (hotPath.forwarded + hotPath.nearDuplicates === 0) return;
    if (slot.turns.speaker !== connection) this.#takesTurn(slot, connection, nowMs);
    slot.lastSeq = hotPath.lastSeq;
    onWaiting();
  }

  #takesTurn(slot: Slot, connection: Connection, nowMs: number): void {
    const { hotPath, slots } = this.#parts;
    const { speaker, fromSeq } = slot.turns;
    const seq = hotPath.firstSeq;
    if (!slot.turns.pass(connection, { seq, nowMs }) || !speaker) return;
    slots.part(slot, [{ connection: speaker, seq: fromSeq }, { connection, seq }], nowMs);
  }

  #newSlot(): Slot {
    const { hotPath, slots, zones, openAlerts } = this.#parts;
    const droneId = hotPath.droneId();
    const { slot, bootId, source } = hotPath;
    if (openAlerts.has(droneId)) hotPath.setAlertOpen(droneId, true);
    return slots.add({ slot, droneId, bootId, source, declaredGroup: hotPath.group() }, zones.of(droneId));
  }

  #regroup(slot: Slot): void {
    const { hotPath, slots, zones } = this.#parts;
    slots.regroup(slot, { declaredGroup: hotPath.group(), zone: zones.of(slot.droneId) });
  }

  #malformed(
    connection: Connection,
    { records, fault: reason, nowMs }: { records: number; fault: string; nowMs: number },
  ): void {
    const { counters, losses, traces } = this.#parts;
    traces?.refused({ reason: "malformed", droneId: null, records });
    counters.framesMalformed++;
    counters.received += records;
    counters.malformed += records;
    losses.note("malformed frames", 1, reason);
    connection.faults.note(reason);
    const fault = connection.faults.take(nowMs);
    if (fault) answer(connection, { word: frameFaultWord(fault), counters });
    if (connection.malformed.add(nowMs)) {
      connection.close(CloseCode.invalidPayload, "Too many frames are not TelemetryFrame messages");
    }
  }

  // Not answered: what traps once does so again, and each time costs what a thousand frames do.
  #trapped(connection: Connection): void {
    const { counters, hotPath, traces } = this.#parts;
    traces?.refused({ reason: "trapped", droneId: null, records: hotPath.records });
    counters.framesMalformed++;
    counters.framesTrapped++;
    counters.received += hotPath.records;
    counters.malformed += hotPath.records;
    connection.close(CloseCode.internalError, "The frame cannot be dealt with");
  }

  #refused(connection: Connection, { reason, nowMs }: { reason: RefusalReason; nowMs: number }): void {
    const { hotPath, counters, slots, ledger, traces, frameRecordsMax, now } = this.#parts;
    counters.received += hotPath.records;
    counters.refused += hotPath.records;
    const { records, bootId, firstSeq, lastSeq } = hotPath;
    const droneId = hotPath.droneId();
    slots.spokeFor(droneId, connection, nowMs);
    traces?.refused({ reason: RefusalReason[reason]!.toLowerCase().replaceAll("_", "-"), droneId, records });
    const loss = connection.isReliable ? reason : RefusalReason.NOT_REPEATED;
    ledger.add({ droneId, bootId, firstSeq, lastSeq, records, reason: loss }, now() * 1000);
    const retryAfterMs = reason === RefusalReason.FULL ? FULL_RETRY_AFTER_MS : hotPath.retryAfterMs;
    const limit = reason === RefusalReason.FRAME_TOO_LARGE ? frameRecordsMax : 0;
    const throttle = { droneId, bootId, firstSeq, lastSeq, retryAfterMs, reason, frameRecordsMax: limit };
    answer(connection, { word: throttleWord(throttle), counters });
    if (connection.refused.add(nowMs)) {
      connection.close(CloseCode.policyViolation, "Too many frames were refused: send slower");
    }
  }
}
