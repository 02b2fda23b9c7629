// What an edge reports lost, as people and other systems are shown it.
import { Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import type { Loss } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { timeUs as boundedUs } from "../../platform/bounds.ts";

/** One row of the loss ledger. */
export interface LossView {
  edgeId: string;
  session: string;
  timeUs: number;
  droneId: string;
  bootId: number;
  firstSeq: number;
  lastSeq: number;
  lane: string;
  reason: string;
  records: number;
}

/** Of the edge's session that lost it. */
export function lossView(loss: Loss, { edgeId, session }: { edgeId: string; session: bigint }): LossView {
  const { timeUs, droneId, bootId, range, lane, reason, records } = loss;
  return {
    ...{ edgeId, session: `${session}`, timeUs: boundedUs(timeUs), droneId, bootId },
    ...{ firstSeq: range?.firstSeq ?? 0, lastSeq: range?.lastSeq ?? 0 },
    ...{ lane: nameOf(Lane[lane]), reason: nameOf(RefusalReason[reason]), records },
  };
}

function nameOf(constant: string | undefined): string {
  return (constant ?? "unknown").toLowerCase().replaceAll("_", "-");
}
