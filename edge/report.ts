// What the edge says about itself: to the aggregator once a second, and to whoever asks /v1/status.
import { create } from "@bufbuild/protobuf";
import {
  type EdgeStatus,
  EdgeStatusSchema,
  type LossReport,
  LossReportSchema,
} from "../proto/gen/slipstream/v1/uplink_pb.ts";
import { LaneIndex } from "../wasm/hot_path.ts";
import type { EdgeConfig } from "./config.ts";
import type { Counters } from "./counters.ts";
import type { LedgerRow } from "./ledger.ts";
import type { Uplink } from "./uplink.ts";

export function edgeStatus(counters: Counters, connections: number): EdgeStatus {
  return create(EdgeStatusSchema, {
    receivedRecords: BigInt(counters.received),
    forwardedRecords: BigInt(counters.forwarded),
    duplicateRecords: BigInt(counters.duplicate),
    nearDuplicateRecords: BigInt(counters.nearDuplicate),
    malformedRecords: BigInt(counters.malformed),
    refusedRecords: BigInt(counters.refused),
    malformedFrames: BigInt(counters.framesMalformed),
    connections: BigInt(connections),
    batchRawBytes: BigInt(counters.batchRawBytes),
    batchSentBytes: BigInt(counters.batchSentBytes),
    receivedBytes: BigInt(counters.bytesReceived),
  });
}

export function lossReport(rows: LedgerRow[]): LossReport {
  return create(LossReportSchema, {
    losses: rows.map(({ timeUs, droneId, bootId, firstSeq, lastSeq, records, reason }) => ({
      timeUs: BigInt(Math.floor(timeUs)),
      droneId,
      bootId,
      range: { firstSeq, lastSeq },
      reason,
      records,
    })),
  });
}

export function statusView(parts: {
  config: EdgeConfig;
  session: bigint;
  counters: Counters;
  uplink: Uplink;
  connections: number;
}): Record<string, unknown> {
  const { config, session, counters: c, uplink, connections } = parts;
  return {
    edgeId: config.edgeId,
    region: config.region,
    session: session.toString(),
    connections,
    uplink: uplink.state,
    records: {
      received: c.received,
      forwarded: c.forwarded,
      duplicate: c.duplicate,
      nearDuplicate: c.nearDuplicate,
      malformed: c.malformed,
      refused: c.refused,
    },
    frames: { received: c.framesReceived, malformed: c.framesMalformed },
    unknownFields: c.unknownFields,
    alertAcks: c.alertAcks,
    bytes: { received: c.bytesReceived, batchRaw: c.batchRawBytes, batchSent: c.batchSentBytes },
    batches: {
      safety: c.safetyBatches,
      bulk: c.bulkBatches,
      inFlight: uplink.inFlight(LaneIndex.safety) + uplink.inFlight(LaneIndex.bulk),
      unacknowledged: uplink.unacknowledged,
    },
    ledgerOverflow: c.ledgerOverflow,
  };
}
