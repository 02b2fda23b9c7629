// Bytes on the uplink for 500 drones at the default rates: columns with zstd-1 as the edge sends them, against rows with
// zstd-3 and the raw frames' protobuf. Headers are included: every byte of each EdgeUplink message.
import { constants, zstdCompressSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import { Codec, Lane, SealedBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { type HotPath, LaneIndex } from "../../wasm/hot_path.ts";
import { loadCompress } from "../../edge/compression.ts";
import type { BenchSettings, Comparison } from "./comparison.ts";
import { fleetFrames } from "./fleet_frames.ts";
import { loadUnlimitedHotPath } from "./hot_path.ts";
import { PlainHotPath } from "./plain_hot_path.ts";

const DRONES = 500;
const BULK_MS = 50;
/** While a batch is in flight, and while none is: see edge/lanes.ts. */
const SAFETY_MS = [5, 3] as const;
/** From sending a batch to its acknowledgement, which makes its slots known. */
const ACK_MS = 5;
const BUDGET_ALL = 0.3;
const BUDGET_BULK = 0.25;

type LaneName = "safety" | "bulk";

interface Bytes {
  raw: number;
  columns: number;
  rows: number;
  /** Columns by the strongest level of the same compressor. */
  strongest: number;
  batches: number;
  records: number;
}

/** Bytes of each lane and of both. */
export async function compareUplinkBytes({ seed, smoke }: BenchSettings): Promise<Comparison[]> {
  const fleet = { seed, drones: DRONES, seconds: smoke ? 2 : 20, mix: "mixed" as const };
  const coalesced = fleetFrames({ ...fleet, recordsPerFrame: 7 }).reduce((sum, { bytes }) => sum + bytes.length, 0);
  const comparisons: Comparison[] = [];
  for (const safetyMs of SAFETY_MS) {
    const uplink = await UplinkModel.create(safetyMs);
    for (const { bytes, sentTimeUs } of fleetFrames({ ...fleet, recordsPerFrame: 1 })) uplink.push(bytes, sentTimeUs);
    const { safety, bulk } = uplink.lanes;
    const both = sumOf(safety, bulk);
    const coalescedNote = `; of frames of 7 records: ${(both.columns / coalesced).toFixed(3)}`;
    comparisons.push(
      comparison(`uplink, safety lane, a batch each ${safetyMs} ms`, safety, {}),
      comparison(`uplink, all lanes, safety each ${safetyMs} ms`, both, { budget: BUDGET_ALL, note: coalescedNote }),
    );
    if (safetyMs === SAFETY_MS[0]) {
      comparisons.push(comparison(`uplink, bulk lane, a batch each ${BULK_MS} ms`, bulk, { budget: BUDGET_BULK }));
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
    name: `${name}, ${(bytes.records / bytes.batches).toFixed(0)} records each`,
    unit: "bytes a record",
    ours: aRecord("columns"),
    rival: { name: "rows with zstd-3", value: aRecord("rows") },
    limit: { name: "the same columns with zstd-19", value: aRecord("strongest") },
    budget: budget === undefined
      ? null
      : { text: `≤ ${budget} of the raw frames (${ratio.toFixed(3)})`, met: ratio <= budget },
    note: `raw frames: ${aRecord("raw").toFixed(1)} bytes a record; of them: columns ${ratio.toFixed(3)}, rows ${
      (bytes.rows / bytes.raw).toFixed(3)
    }${note}`,
  };
}

function sumOf(a: Bytes, b: Bytes): Bytes {
  const sum = noBytes();
  for (const key of Object.keys(sum) as (keyof Bytes)[]) sum[key] = a[key] + b[key];
  return sum;
}

// Both ways of filling the uplink, sealed at the same moments of the frames' own time.
class UplinkModel {
  readonly lanes: Record<LaneName, Bytes> = { safety: noBytes(), bulk: noBytes() };
  readonly #hotPath: HotPath;
  readonly #plain: PlainHotPath;
  readonly #compress: Awaited<ReturnType<typeof loadCompress>>;
  readonly #periodUs: Record<LaneName, number>;
  readonly #dueUs: Record<LaneName, number> = { safety: 0, bulk: 0 };
  readonly #drones = new Map<number, { droneId: string; bootId: number }>();
  readonly #knownFromUs = new Map<number, number>();

  private constructor(
    safetyMs: number,
    parts: { hotPath: HotPath; compress: Awaited<ReturnType<typeof loadCompress>> },
  ) {
    this.#hotPath = parts.hotPath;
    this.#compress = parts.compress;
    this.#periodUs = { safety: safetyMs * 1000, bulk: BULK_MS * 1000 };
    this.#plain = new PlainHotPath();
  }

  static async create(safetyMs: number): Promise<UplinkModel> {
    return new UplinkModel(safetyMs, { hotPath: await loadUnlimitedHotPath(), compress: await loadCompress() });
  }

  push(bytes: Uint8Array, nowUs: number): void {
    for (const lane of ["safety", "bulk"] as const) {
      if (nowUs < this.#dueUs[lane]) continue;
      if (this.#dueUs[lane] > 0) this.#seal(lane, nowUs);
      this.#dueUs[lane] = nowUs + this.#periodUs[lane];
    }
    const safetyBefore = this.#hotPath.waiting(LaneIndex.safety);
    this.#hotPath.push(bytes, nowUs / 1000);
    this.#plain.push(bytes);
    if (!this.#drones.has(this.#hotPath.slot)) {
      this.#drones.set(this.#hotPath.slot, { droneId: this.#hotPath.droneId(), bootId: this.#hotPath.bootId });
    }
    const lane = this.#hotPath.waiting(LaneIndex.safety) > safetyBefore ? "safety" : "bulk";
    this.lanes[lane].raw += bytes.length;
  }

  #seal(lane: LaneName, nowUs: number): void {
    const columns = this.#hotPath.seal(LaneIndex[lane]);
    const rows = this.#plain.seal(lane);
    if (!columns) return;
    const bytes = this.lanes[lane];
    const sealed = { lane, records: columns.records, nowUs, rawBytes: columns.raw.length };
    const unknown = [...columns.slots].filter((slot) => !(this.#knownFromUs.get(slot)! <= nowUs));
    const slots = unknown.map((slot) => ({ slot, ...this.#drones.get(slot)!, fleet: "fleet", zone: "unassigned" }));
    for (const slot of unknown) {
      if (!this.#knownFromUs.has(slot)) this.#knownFromUs.set(slot, nowUs + ACK_MS * 1000);
    }
    bytes.batches++;
    bytes.records += columns.records;
    const raw = new Uint8Array(columns.raw);
    bytes.columns += messageBytes({ ...sealed, ...this.#compress(raw), slots });
    bytes.strongest += messageBytes({ ...sealed, body: zstd(raw, 19), codec: Codec.ZSTD, slots });
    bytes.rows += messageBytes({ ...sealed, body: zstd(rows, 3), codec: Codec.ZSTD, slots: [] });
  }
}

function noBytes(): Bytes {
  return { raw: 0, columns: 0, rows: 0, strongest: 0, batches: 0, records: 0 };
}

function zstd(raw: Uint8Array, level: number): Uint8Array {
  return zstdCompressSync(raw, {
    chunkSize: raw.length + 1024,
    params: { [constants.ZSTD_c_compressionLevel]: level },
  });
}

function messageBytes(batch: {
  lane: LaneName;
  records: number;
  nowUs: number;
  rawBytes: number;
  body: Uint8Array;
  codec: Codec;
  slots: { slot: number; droneId: string; bootId: number; fleet: string; zone: string }[];
}): number {
  const { lane, records, nowUs, rawBytes, body, codec, slots } = batch;
  const value = create(SealedBatchSchema, {
    batchId: new Uint8Array(16).fill(1),
    lane: lane === "safety" ? Lane.SAFETY : Lane.BULK,
    codec,
    rawBytes,
    records,
    body: new Uint8Array(body),
    sealedTimeUs: BigInt(nowUs),
    firstIngestionTimeUs: BigInt(nowUs),
    slots,
  });
  return toBinary(EdgeUplinkSchema, create(EdgeUplinkSchema, { body: { case: "batch", value } })).length;
}
