// A drone's frame on its way in: socket → hot path, and the answers that travel back at once. Every frame ends as
// forwarded, duplicate, near-duplicate, malformed, refused or shed; what is refused or shed is answered and in the ledger.
import { RefusalReason } from "../proto/gen/slipstream/v1/downlink_pb.ts";
import { FRAME_BYTES_MAX, type HotPath, Verdict } from "../wasm/hot_path.ts";
import type { Acknowledgements } from "./acknowledgements.ts";
import type { Connection } from "./connection.ts";
import type { Counters } from "./counters.ts";
import { encodeThrottle } from "./downlink.ts";
import type { Ledger } from "./ledger.ts";
import type { OpenAlerts } from "./open_alerts.ts";
import type { Slots } from "./slots.ts";
import type { Warnings } from "./warnings.ts";
import type { Zones } from "./zones.ts";

export interface TelemetryParts {
  hotPath: HotPath;
  slots: Slots;
  zones: Zones;
  acknowledgements: Acknowledgements;
  warnings: Warnings;
  ledger: Ledger;
  counters: Counters;
  /** Records wait in a lane of the hot path. */
  onWaiting: () => void;
  openAlerts: OpenAlerts;
  /** Unix ms. */
  now: () => number;
}

/** Consecutive bad frames after which a connection is a flood. */
const MALFORMED_STREAK_MAX = 100;
const REFUSED_STREAK_MAX = 10_000;
/** When a table or lane is full, or the edge stops: long enough for the uplink to recover. */
const FULL_RETRY_AFTER_MS = 1000;

const REASONS: Record<number, RefusalReason> = {
  [Verdict.refusedDroneRate]: RefusalReason.DRONE_RATE,
  [Verdict.refusedNodeRate]: RefusalReason.NODE_RATE,
  [Verdict.full]: RefusalReason.FULL,
};

export class Telemetry {
  readonly #parts: TelemetryParts;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
  }

  /** One WebSocket message. */
  receive(connection: Connection, data: unknown): void {
    const { counters, hotPath } = this.#parts;
    if (!(data instanceof ArrayBuffer)) {
      connection.close(1003, "A frame is a binary message");
      return;
    }
    counters.framesReceived++;
    counters.bytesReceived += data.byteLength;
    if (data.byteLength > FRAME_BYTES_MAX) {
      this.#malformed(connection, 1);
      connection.close(1009, `A frame has at most ${FRAME_BYTES_MAX} bytes`);
      return;
    }
    const verdict = hotPath.push(new Uint8Array(data), this.#parts.now());
    counters.unknownFields += hotPath.unknownFields;
    this.#takeAlertAcks();
    if (verdict === Verdict.accepted) this.#accepted(connection);
    else if (verdict === Verdict.malformed) this.#malformed(connection, hotPath.records);
    else this.#refused(connection, REASONS[verdict] ?? RefusalReason.FULL);
  }

  /** A server with limits did not even gather a message, as it has more bytes than a frame: it closes with 1009. */
  tooLarge(): void {
    const { counters } = this.#parts;
    counters.framesReceived++;
    counters.framesMalformed++;
    counters.received++;
    counters.malformed++;
  }

  // Before the records, and also of a refused frame: an acknowledgement never waits behind data.
  #takeAlertAcks(): void {
    const { counters, hotPath, warnings } = this.#parts;
    if (hotPath.alertAcks === 0) return;
    counters.alertAcks += hotPath.alertAcks;
    warnings.acknowledge(hotPath.droneId(), hotPath.alertAckList());
  }

  #accepted(connection: Connection): void {
    const { hotPath, counters, onWaiting } = this.#parts;
    connection.malformedStreak = 0;
    connection.refusedStreak = 0;
    counters.received += hotPath.records;
    counters.forwarded += hotPath.forwarded;
    counters.duplicate += hotPath.duplicates;
    counters.nearDuplicate += hotPath.nearDuplicates;
    counters.malformed += hotPath.malformedRecords;
    counters.shed += hotPath.shed;
    this.#attach(connection);
    if (hotPath.forwarded + hotPath.nearDuplicates > 0) onWaiting();
  }

  // Slot numbers begin with 1: a frame without records has none.
  #attach(connection: Connection): void {
    const { hotPath, slots, zones, acknowledgements, openAlerts } = this.#parts;
    const number = hotPath.slot;
    if (number === 0) return;
    let slot = slots.get(number);
    if (!slot) {
      const droneId = hotPath.droneId();
      const { fleet, zone } = zones.of(droneId);
      slot = {
        slot: number,
        droneId,
        bootId: hotPath.bootId,
        fleet,
        zone,
        connection,
        known: false,
        movedAt: 0,
        settled: [],
        shed: [],
      };
      slots.add(slot);
      if (openAlerts.has(droneId)) hotPath.setAlertOpen(droneId, true);
    }
    if (slot.connection !== connection) slot.connection = connection;
    connection.slots.add(number);
    if (hotPath.shed > 0) acknowledgements.shed(slot, hotPath.shedSeqs());
    if (hotPath.duplicates > 0) {
      const settled = hotPath.settledDuplicates();
      if (settled.length > 0) acknowledgements.repeat(slot, settled);
    }
  }

  #malformed(connection: Connection, records: number): void {
    const { counters } = this.#parts;
    counters.framesMalformed++;
    counters.received += records;
    counters.malformed += records;
    if (++connection.malformedStreak >= MALFORMED_STREAK_MAX) {
      connection.close(1007, `${MALFORMED_STREAK_MAX} frames in a row are not TelemetryFrame messages`);
    }
  }

  #refused(connection: Connection, reason: RefusalReason): void {
    const { hotPath, counters, ledger, now } = this.#parts;
    counters.received += hotPath.records;
    counters.refused += hotPath.records;
    const { records, bootId, firstSeq, lastSeq } = hotPath;
    const droneId = hotPath.droneId();
    ledger.add({ droneId, bootId, firstSeq, lastSeq, records, reason }, now() * 1000);
    const retryAfterMs = reason === RefusalReason.FULL ? FULL_RETRY_AFTER_MS : hotPath.retryAfterMs;
    connection.send(encodeThrottle({ droneId, bootId, firstSeq, lastSeq, retryAfterMs, reason }));
    if (++connection.refusedStreak >= REFUSED_STREAK_MAX) {
      connection.close(1008, `${REFUSED_STREAK_MAX} frames in a row were refused: send slower`);
    }
  }
}
