// Bytes on the uplink for 500 drones at the default rates: columns with zstd-1 as the edge sends them, against rows with
// zstd-3 and the raw frames' protobuf. Headers are included: every byte of each EdgeUplink message.
import { constants, zstdCompressSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { Codec, Lane, SealedBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { type Compress, loadCompress } from "../../edge/lanes/compression.ts";
import { LANES_DEFAULTS } from "../../edge/lanes/lanes.ts";
import type { BenchSettings, Comparison } from "./comparison.ts";
import { fleetFrames } from "./fleet_frames.ts";
import { loadUnlimitedHotPath } from "./hot_path.ts";
import { type ModelBatch, modelUplink } from "./uplink_model.ts";

const DRONES = 500;
const BULK_MS = 50;
/** As edges do it, and what twice and four times that would save. */
const SAFETY_MS = [1, 2, 4].map((times) => times * LANES_DEFAULTS.safetySpacingMs);
const BUDGET_ALL = 0.3;
const BUDGET_BULK = 0.25;

interface Bytes {
  batches: number;
  records: number;
  /** Of the frames that came from the drones. */
  raw: number;
  columns: number;
  rows: number;
  /** Columns by the strongest level of the same compressor. */
  strongest: number;
}

/** Bytes of each lane and of both. */
export async function compareUplinkBytes({ seed, smoke }: BenchSettings): Promise<Comparison[]> {
  const fleet = { seed, drones: DRONES, seconds: smoke ? 1 : 10, mix: "mixed" as const };
  const frames = fleetFrames({ ...fleet, recordsPerFrame: 1 });
  const coalesced = fleetFrames({ ...fleet, recordsPerFrame: 7 }).reduce((sum, { bytes }) => sum + bytes.length, 0);
  const compress = await loadCompress();
  const comparisons: Comparison[] = [];
  for (const safetyMs of SAFETY_MS) {
    const hotPath = await loadUnlimitedHotPath();
    const batches = modelUplink(frames, { hotPath, periodMs: { safety: safetyMs, bulk: BULK_MS } });
    const bytesOf = (lane: string) => sumBytes(batches.filter((batch) => batch.lane === lane), compress);
    const [safety, bulk, all] = [bytesOf("safety"), bytesOf("bulk"), sumBytes(batches, compress)];
    comparisons.push(
      comparison(`uplink, safety lane each ${safetyMs} ms`, safety, {}),
      comparison(`uplink, all lanes, safety each ${safetyMs} ms`, all, {
        budget: BUDGET_ALL,
        note: `; of the same records in frames of 7: ${(all.columns / coalesced).toFixed(3)}`,
      }),
    );
    if (safetyMs === SAFETY_MS[0]) {
      comparisons.push(comparison(`uplink, bulk lane each ${BULK_MS} ms`, bulk, { budget: BUDGET_BULK }));
    }
  }
  return comparisons;
}

function comparison(
  name: string,
  bytes: Bytes,
  { budget, note = "" }: { budget?: number; note?: string },
): Comparison {
  const aRecord = (of: "raw" | "columns" | "rows" | "strongest") => bytes[of] / bytes.records;
  const ratio = bytes.columns / bytes.raw;
  return {
    name: `${name}, ${(bytes.records / bytes.batches).toFixed(0)} records a batch`,
    unit: "bytes a record",
    ours: aRecord("columns"),
    rival: { name: "rows with zstd-3", value: aRecord("rows") },
    limit: { name: "the same columns with zstd-19", value: aRecord("strongest") },
    budget: budget === undefined
      ? null
      : { text: `≤ ${budget} of the raw frames (${ratio.toFixed(3)})`, met: ratio <= budget },
    note: `raw frames: ${aRecord("raw").toFixed(1)} bytes a record; of these columns are ${ratio.toFixed(3)}, rows ${
      (bytes.rows / bytes.raw).toFixed(3)
    }${note}`,
  };
}

function sumBytes(batches: ModelBatch[], compress: Compress): Bytes {
  const sum: Bytes = { batches: 0, records: 0, raw: 0, columns: 0, rows: 0, strongest: 0 };
  for (const batch of batches) {
    sum.batches++;
    sum.records += batch.records;
    sum.raw += batch.frameBytes;
    sum.columns += messageBytes(batch, compress(batch.columns));
    sum.strongest += messageBytes(batch, { codec: Codec.ZSTD, body: zstd(batch.columns, 19) });
    // Rows carry their ids themselves.
    sum.rows += messageBytes({ ...batch, slots: [] }, { codec: Codec.ZSTD, body: zstd(batch.rows, 3) });
  }
  return sum;
}

function zstd(raw: Uint8Array, level: number): Uint8Array {
  const options = {
    chunkSize: raw.length + 1024,
    // Otherwise each call of a high level reserves tables for megabytes; the types do not know it yet.
    pledgedSrcSize: raw.length,
    params: { [constants.ZSTD_c_compressionLevel]: level },
  };
  return zstdCompressSync(raw, options);
}

function messageBytes(
  { lane, records, sealedTimeUs, columns, slots }: ModelBatch,
  { codec, body }: { codec: Codec; body: Uint8Array },
): number {
  const value = create(SealedBatchSchema, {
    batchId: new Uint8Array(16).fill(1),
    lane: lane === "safety" ? Lane.SAFETY : Lane.BULK,
    codec,
    rawBytes: columns.length,
    records,
    body: new Uint8Array(body),
    sealedTimeUs: BigInt(sealedTimeUs),
    firstIngestionTimeUs: BigInt(sealedTimeUs),
    slots,
  });
  return toBinary(EdgeUplinkSchema, create(EdgeUplinkSchema, { body: { case: "batch", value } })).length;
}
