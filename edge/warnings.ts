// Warnings on their way to the drones concerned, and their acknowledgements on the way back. Nothing is kept to be sent
// again: the aggregator asks once more when no receipt comes.
import { create } from "@bufbuild/protobuf";
import {
  AlertOutcome,
  type AlertReceipt,
  AlertReceiptSchema,
  type DroneAlert,
} from "../proto/gen/slipstream/v1/uplink_pb.ts";
import type { AlertAckEntry } from "../wasm/alert_acks.ts";
import type { Counters } from "./counters.ts";
import { encodeAlert } from "./downlink.ts";
import type { Slots } from "./slots.ts";

export interface WarningsParts {
  slots: Slots;
  counters: Pick<Counters, "warningsSent" | "warningsUnreachable" | "warningsAcknowledged" | "alertAcksUnknown">;
  /** Unix µs. */
  nowUs: () => bigint;
  /** Says to the aggregator what became of a warning. */
  tell: (receipt: AlertReceipt) => void;
}

interface SentWarning {
  revision: number;
  /** When the first try since the last acknowledgement was handed to a socket, and when the latest. */
  sentUs: bigint;
  latestSentUs: bigint;
  acknowledged: boolean;
}

/** How long an acknowledgement is waited for. */
const KEPT_US = 10_000_000n;
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

  /** Sends an alert to its drone at once, or tells the aggregator that the drone cannot be reached here. */
  deliver({ droneId, alert }: DroneAlert): void {
    if (!alert) return;
    const { slots, counters, nowUs, tell } = this.#parts;
    const { alertId, revision } = alert;
    const connection = slots.connectionOf(droneId);
    if (!connection?.writable) {
      counters.warningsUnreachable++;
      tell(create(AlertReceiptSchema, { droneId, alertId, revision, outcome: AlertOutcome.UNREACHABLE }));
      return;
    }
    const sentUs = nowUs();
    if (alert.path) alert.path.edgeBackUs = sentUs;
    connection.send(encodeAlert(droneId, alert));
    counters.warningsSent++;
    this.#remember({ droneId, alertId, revision }, sentUs);
  }

  /** A drone's acknowledgements: each goes to the aggregator, unless that was told already or nothing was sent. */
  acknowledge(droneId: string, acks: readonly AlertAckEntry[]): void {
    const { counters, nowUs, tell } = this.#parts;
    const edgeAcknowledgedUs = nowUs();
    this.#forget(edgeAcknowledgedUs, 0);
    for (const { alertId, revision: named, receivedTimeUs } of acks) {
      const warning = this.#sent.get(keyOf({ droneId, alertId, revision: named }));
      if (!warning) counters.alertAcksUnknown++;
      if (!warning || warning.acknowledged) continue;
      warning.acknowledged = true;
      counters.warningsAcknowledged++;
      const { revision, sentUs: edgeSentUs } = warning;
      const times = { edgeSentUs, droneReceivedUs: receivedTimeUs, edgeAcknowledgedUs };
      const outcome = AlertOutcome.ACKNOWLEDGED;
      tell(create(AlertReceiptSchema, { droneId, alertId, revision, outcome, ...times }));
    }
  }

  // An acknowledgement does not say which try it answers: counted from the first, no reception lies before its sending.
  #remember(of: WarningName, nowUs: bigint): void {
    this.#forget(nowUs, 2);
    const before = this.#sent.get(keyOf(of));
    const sentUs = before && !before.acknowledged ? before.sentUs : nowUs;
    const warning = { revision: of.revision, sentUs, latestSentUs: nowUs, acknowledged: false };
    for (const revision of [of.revision, LATEST]) {
      const key = keyOf({ ...of, revision });
      this.#sent.delete(key);
      this.#sent.set(key, warning);
    }
  }

  // What is too old, and the oldest until there is room.
  #forget(nowUs: bigint, entriesNeeded: number): void {
    for (const [key, { latestSentUs }] of this.#sent) {
      if (nowUs - latestSentUs < KEPT_US && this.#sent.size + entriesNeeded <= ENTRIES_MAX) return;
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
