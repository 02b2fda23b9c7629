// From a lane's columns to a batch that can travel: compressed, named, and with all that is needed to acknowledge it.
import { create } from "@bufbuild/protobuf";
import { Lane, type SealedBatch, SealedBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { type HotPath } from "../../wasm/hot_path.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import { batchKey, uuidV7 } from "./batch_id.ts";
import type { Compress } from "./compression.ts";
import type { FlushReason } from "./lanes.ts";
import type { Counters } from "../counters.ts";

const FLUSHES = { due: "flushesDue", full: "flushesFull", stop: "flushesAtStop" } as const;
const SAFETY = { batches: "safetyBatches", records: "safetyRecords" } as const;
const BULK = { batches: "bulkBatches", records: "bulkRecords" } as const;

/** How often a batch was refused, by reason. */
export interface BatchRefusals {
  unknownSlot: number;
  malformed: number;
}

/** A sealed batch and what the edge remembers of it until it is acknowledged. */
export interface OutboundBatch {
  key: string;
  lane: number;
  sealed: SealedBatch;
  /** (slot, seq) pairs of all its records, near-duplicates included. */
  receipt: Uint32Array;
  /** The slots that occur in it, ascending. */
  slots: Uint32Array;
  /** Revision of the slot table when it was last sent. */
  definedAt: number;
  /** It was acknowledged before: sent again because somebody asked for it. */
  acknowledged: boolean;
  /** Absent: it was never refused. */
  refusals?: BatchRefusals;
}

export interface SealingParts {
  hotPath: HotPath;
  compress: Compress;
  counters: Counters;
  fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** The records of this receipt cannot be sealed, and are held no longer. */
  onUnsealable: (receipt: Uint32Array) => void;
}

/** Empties a lane of the hot path; null when nothing waits in it that can be sealed. */
export function sealLane(
  lane: number,
  parts: SealingParts & { nowMs: number; waitedMs: number; reason: FlushReason },
): OutboundBatch | null {
  const { hotPath, compress, counters, fillRandom, onUnsealable, nowMs, waitedMs, reason } = parts;
  const columns = hotPath.seal(lane);
  if (!columns) return null;
  const { raw } = columns;
  if (!raw) {
    onUnsealable(columns.receipt);
    return null;
  }
  const { codec, body } = compress(raw);
  counters.batchRawBytes += raw.length;
  counters[FLUSHES[reason]]++;
  const { batches, records } = lane === LaneIndex.safety ? SAFETY : BULK;
  counters[batches]++;
  counters[records] += columns.records;
  const batchId = uuidV7(nowMs, fillRandom);
  const sealed = create(SealedBatchSchema, {
    batchId,
    lane: lane === LaneIndex.safety ? Lane.SAFETY : Lane.BULK,
    codec,
    rawBytes: raw.length,
    records: columns.records,
    body,
    sealedTimeUs: BigInt(Math.round(nowMs * 1000)),
    firstIngestionTimeUs: BigInt(Math.round((nowMs - waitedMs) * 1000)),
  });
  return {
    key: batchKey(batchId),
    lane,
    sealed,
    receipt: columns.receipt,
    slots: columns.slots,
    definedAt: 0,
    acknowledged: false,
  };
}
