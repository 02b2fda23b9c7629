// Warnings on their way to the drones concerned, and their acknowledgements on the way back. Nothing is kept to be sent
// again: the aggregator asks once more when no receipt comes.
import { create } from "@bufbuild/protobuf";
import type { Alert } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import {
  AlertOutcome,
  type AlertReceipt,
  AlertReceiptSchema,
  type DroneAlert,
} from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { CloseCode } from "../../proto/words.ts";
import type { AlertAckEntry } from "../../wasm/alert_acks.ts";
import type { Counters } from "../counters.ts";
import type { DeliveredWarning, EdgeTraces } from "../tracing/edge_traces.ts";
import { alertWord } from "./downlink.ts";
import type { Slots } from "./slots.ts";
import type { Subscribers } from "./subscribers.ts";

export interface WarningsParts {
  slots: Slots;
  subscribers: Pick<Subscribers, "of">;
  counters: Pick<
    Counters,
    "warningsSent" | "warningsDelivered" | "warningsUnreachable" | "warningsAcknowledged" | "alertAcksUnknown"
  >;
  /** Unix µs. */
  nowUs: () => bigint;
  /** Monotonic ms. */
  clock: () => number;
  /** Without them nothing is traced. */
  traces?: Pick<EdgeTraces, "delivered"> | null;
  /** Runs what may throw; false: it did. */
  attempt: (fn: () => void) => boolean;
  /** Says to the aggregator what became of warnings, in one message. */
  tell: (receipts: AlertReceipt[]) => void;
}

interface SentWarning {
  revision: number;
  /** When the first try since the last acknowledgement was handed to a socket, and when the latest. */
  sentUs: bigint;
  /** Monotonic. */
  latestSentMs: number;
  acknowledged: boolean;
  /** Of the DroneAlert; without bytes: it has none. */
  trace: Uint8Array;
}

/** How long an acknowledgement is waited for. */
const KEPT_MS = 10_000;
/** A warning has two entries: it is found by its revision, and as the latest of its alert. */
const ENTRIES_MAX = 2 * 16_384;
/** What an acknowledgement names as revision when it names none. */
const LATEST = 0;

export class Warnings {
  readonly #parts: WarningsParts;
  /** By drone, alert and revision; the longest ago first. */
  readonly #sent = new Map<string, SentWarning>();

  constructor(parts: WarningsParts) {
    this.#parts = parts;
  }

  /**
   * Sends each alert to its drone at once, wherever that listens, and tells the aggregator which drones cannot be reached here,
   * and which have heard and will never say so.
   */
  deliver(alerts: readonly DroneAlert[]): void {
    const { counters, nowUs, tell } = this.#parts;
    const receipts: AlertReceipt[] = [];
    for (const { droneId, alert, trace } of alerts) {
      if (!alert) continue;
      const edgeSentUs = nowUs();
      const heard = this.#send(droneId, alert, { sentUs: edgeSentUs, trace });
      if (heard === "sent") continue;
      const { alertId, revision } = alert;
      if (heard === "delivered") counters.warningsDelivered++;
      else counters.warningsUnreachable++;
      const end = heard === "delivered"
        ? {
          outcome: AlertOutcome.DELIVERED,
          edgeSentUs,
          ...this.#traced({ droneId, alertId, trace, sentUs: edgeSentUs }),
        }
        : { outcome: AlertOutcome.UNREACHABLE };
      receipts.push(create(AlertReceiptSchema, { droneId, alertId, revision, ...end }));
    }
    if (receipts.length > 0) tell(receipts);
  }

  // Null: the drone cannot be reached.
  #send(
    droneId: string,
    alert: Alert,
    { sentUs, trace }: { sentUs: bigint; trace: Uint8Array },
  ): "sent" | "delivered" | null {
    const { slots, subscribers, counters, clock, attempt } = this.#parts;
    const connections = slots.warnable(droneId, clock());
    const listeners = subscribers.of(droneId);
    if (connections.length + listeners.length === 0) return null;
    if (alert.path) alert.path.edgeBackUs = sentUs;
    const word = alertWord(droneId, alert);
    const heard: ("sent" | "delivered" | "kept" | "not-heard")[] = [];
    // One over which this fails keeps no other drone from being warned.
    for (const listener of listeners) attempt(() => void heard.push(listener.hear(droneId, word)));
    for (const connection of connections) {
      const isWhole = attempt(() => {
        if (connection.warn(word)) heard.push(connection.isReliable ? "sent" : "delivered");
      });
      if (!isWhole) connection.close(CloseCode.internalError, "Internal error");
    }
    const isSent = heard.includes("sent");
    const isDelivered = heard.includes("delivered");
    if (isSent || isDelivered) counters.warningsSent++;
    // What is kept for one who is away is acknowledged when he is back.
    if (isSent || heard.includes("kept")) {
      this.#remember({ droneId, alertId: alert.alertId, revision: alert.revision }, { nowUs: sentUs, trace });
    }
    return isSent ? "sent" : isDelivered ? "delivered" : null;
  }

  /** A drone's acknowledgements: each goes to the aggregator, unless that was told already or nothing was sent. */
  acknowledge(droneId: string, acks: readonly AlertAckEntry[]): void {
    const { counters, nowUs, tell } = this.#parts;
    const edgeAcknowledgedUs = nowUs();
    this.#forget(0);
    const receipts: AlertReceipt[] = [];
    for (const { alertId, revision: named, receivedTimeUs } of acks) {
      const warning = this.#sent.get(keyOf({ droneId, alertId, revision: named }));
      if (!warning) counters.alertAcksUnknown++;
      if (!warning || warning.acknowledged) continue;
      warning.acknowledged = true;
      counters.warningsAcknowledged++;
      const { revision, sentUs: edgeSentUs, trace } = warning;
      const times = { edgeSentUs, droneReceivedUs: receivedTimeUs, edgeAcknowledgedUs };
      const outcome = AlertOutcome.ACKNOWLEDGED;
      const traced = this.#traced({ droneId, alertId, trace, sentUs: edgeSentUs, endUs: edgeAcknowledgedUs });
      receipts.push(create(AlertReceiptSchema, { droneId, alertId, revision, outcome, ...times, ...traced }));
    }
    if (receipts.length > 0) tell(receipts);
  }

  #traced(delivered: DeliveredWarning): { trace?: Uint8Array<ArrayBuffer> } {
    const { traces } = this.#parts;
    return traces && delivered.trace.length > 0 ? { trace: traces.delivered(delivered) } : {};
  }

  // An acknowledgement does not say which try it answers: counted from the first, no reception lies before its sending.
  #remember(of: WarningName, { nowUs, trace }: { nowUs: bigint; trace: Uint8Array }): void {
    this.#forget(2);
    const before = this.#sent.get(keyOf(of));
    const sentUs = before && !before.acknowledged ? before.sentUs : nowUs;
    const warning = { revision: of.revision, sentUs, latestSentMs: this.#parts.clock(), acknowledged: false, trace };
    for (const revision of [of.revision, LATEST]) {
      const key = keyOf({ ...of, revision });
      this.#sent.delete(key);
      this.#sent.set(key, warning);
    }
  }

  // What is too old, and the oldest until there is room.
  #forget(entriesNeeded: number): void {
    const nowMs = this.#parts.clock();
    for (const [key, { latestSentMs }] of this.#sent) {
      if (nowMs - latestSentMs < KEPT_MS && this.#sent.size + entriesNeeded <= ENTRIES_MAX) return;
      this.#sent.delete(key);
    }
  }
}

interface WarningName {
  droneId: string;
  alertId: bigint;
  revision: number;
}

// Numbers first: an id may hold any character.
function keyOf({ droneId, alertId, revision }: WarningName): string {
  return `${alertId}/${revision}/${droneId}`;
}
