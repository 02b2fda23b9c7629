// What an edge says to a drone, read; and which of its refusals are final.
import { fromBinary } from "@bufbuild/protobuf";
import {
  type DroneDownlink,
  DroneDownlinkSchema,
  RefusalReason,
} from "../../../proto/gen/slipstream/v1/downlink_pb.ts";

/**
 * Why records are lost: what an edge says that is final; "unreadable": it never read a frame with this record alone;
 * "crowded-out": newer ones took its place, though the edge may have it.
 */
export type LossReason = "shed" | "expired" | "rejected" | "invalid" | "unreadable" | "crowded-out";

/** Records lost of each reason. */
export type Losses = Record<LossReason, number>;

const FINAL = new Map<RefusalReason, LossReason>([
  [RefusalReason.SHED, "shed"],
  [RefusalReason.EXPIRED, "expired"],
  [RefusalReason.REJECTED, "rejected"],
  [RefusalReason.INVALID, "invalid"],
]);

/** Of a refusal that is final; undefined: to be sent again. */
export function finalReason(reason: RefusalReason): LossReason | undefined {
  return FINAL.get(reason);
}

/** Nothing is lost. */
export function noLosses(): Losses {
  return { shed: 0, expired: 0, rejected: 0, invalid: 0, unreadable: 0, "crowded-out": 0 };
}

/** null for what is not a DroneDownlink: whoever sent it is not an edge. */
export function readDownlink(bytes: Uint8Array): DroneDownlink["body"] | null {
  try {
    return fromBinary(DroneDownlinkSchema, bytes).body;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
