// Messages to an edge, as bytes.
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { VERSION } from "../../platform/version.ts";
import { UPLINK_PROTOCOL } from "../../proto/versions.ts";
import { BatchVerdict, EdgeDownlinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import type { CreditView } from "./credit.ts";
import type { BatchVerdictName } from "./edges.ts";

const VERDICTS: Record<BatchVerdictName, BatchVerdict> = {
  accepted: BatchVerdict.ACCEPTED,
  // Safe since before: to the edge that is the same.
  duplicate: BatchVerdict.ACCEPTED,
  "unknown-slot": BatchVerdict.UNKNOWN_SLOT,
  malformed: BatchVerdict.MALFORMED,
  taken: BatchVerdict.TAKEN,
};

/** Answer to the edge's hello. */
export function encodeHello(
  { nowUs, sessionKnown, credit: { safety, bulk } }: { nowUs: number; sessionKnown: boolean; credit: CreditView },
): Bytes {
  const credit = { safetyCredit: safety, bulkCredit: bulk };
  const software = { version: VERSION, protocol: UPLINK_PROTOCOL };
  return encode({ case: "hello", value: { serverTimeUs: BigInt(nowUs), sessionKnown, ...credit, ...software } });
}

/** What became of a batch, for its edge. */
export interface BatchAnswer {
  verdict: BatchVerdictName;
  /** With `unknown-slot`: those. */
  unknownSlots?: number[];
  /** With `malformed`: what is wrong. */
  reason?: string;
  /** It matters, and its edge does not follow it: to what it belongs; null or absent: nothing of that. */
  trace?: Uint8Array | null;
}

/** Answer to one batch. */
export function encodeAck(batchId: Uint8Array, { verdict, unknownSlots = [], reason = "", trace }: BatchAnswer): Bytes {
  const value = { batchId, verdict: VERDICTS[verdict], unknownSlots, reason, ...trace && { trace } };
  return encode({ case: "ack", value });
}

/** What an edge may have in flight from now on. */
export function encodeCredit(credit: CreditView): Bytes {
  return encode({ case: "credit", value: credit });
}

/** What was taken can be journalled now. */
export function encodeResend(): Bytes {
  return encode({ case: "resend", value: {} });
}

/** A question for the edge's time. */
export function encodeClockProbe(nowUs: number): Bytes {
  return encode({ case: "clockProbe", value: { aggregatorTimeUs: BigInt(nowUs) } });
}

/** A loss report is safe. */
export function encodeLossAck(reportId: bigint): Bytes {
  return encode({ case: "lossAck", value: { reportId } });
}

/** All drones that have an open alert. */
export function encodeOpenAlerts(droneIds: string[]): Bytes {
  return encode({ case: "openAlerts", value: { complete: true, openedDroneIds: droneIds } });
}

/** Drones whose first alert opened or whose last one closed; ids as the pipeline gave them. */
export function encodeAlertChanges(changes: { droneId: string; open: boolean }[]): Bytes {
  const ids = (wanted: boolean) => changes.filter(({ open }) => open === wanted).map(({ droneId }) => droneId);
  const value = { complete: false, openedDroneIds: ids(true), closedDroneIds: ids(false) };
  return encode({ case: "openAlerts", value });
}

type Bytes = Uint8Array<ArrayBuffer>;

function encode(body: MessageInitShape<typeof EdgeDownlinkSchema>["body"]): Bytes {
  return toBinary(EdgeDownlinkSchema, create(EdgeDownlinkSchema, { body }));
}
