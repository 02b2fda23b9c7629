// The aggregator from a sealed batch to its windows on one core: decompress, decode, deduplicate, step. The rival reads
// rows with @bufbuild/protobuf and counts them into Maps; the limit only opens the batches and counts nothing.
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { create, fromBinary } from "@bufbuild/protobuf";
import { sizeDelimitedPeek } from "@bufbuild/protobuf/wire";
import { decodeBatch } from "../../aggregator/columns.ts";
import { loadDecompress } from "../../aggregator/decompress.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { loadCompress } from "../../edge/compression.ts";
import {
  Lane,
  type SealedBatch,
  SealedBatchSchema,
  TelemetryBatchSchema,
} from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { type TelemetryFrame, TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { type BenchSettings, type Comparison, interleave } from "./comparison.ts";
import { fleetFrames } from "./fleet_frames.ts";
import { loadUnlimitedHotPath } from "./hot_path.ts";
import { modelUplink } from "./uplink_model.ts";

const DRONES = 500;
const PERIOD_MS = { safety: 5, bulk: 50 };
const BUDGET_RECORDS_PER_S = 500_000;
const TICK_US = 100_000;

/** Batches as an edge seals them, and the same records as rows. */
export interface Load {
  records: number;
  sealed: { batch: SealedBatch; ingestionTimeUs: number }[];
  rows: Uint8Array[];
}

/** Records/s of one core, 500 drones at the default rates. */
export async function comparePipeline({ seed, smoke }: BenchSettings): Promise<Comparison[]> {
  const load = await createLoad(seed, smoke ? 2 : 12);
  const decompress = await loadDecompress();
  const open = (batch: SealedBatch): Uint8Array => {
    const opened = decompress(batch);
    if ("malformed" in opened) throw new Error(`Cannot open a batch: ${opened.malformed}`);
    return opened.raw;
  };
  const recordsPerS = (fn: () => void) => () => {
    const startMs = performance.now();
    fn();
    return load.records / (performance.now() - startMs) * 1000;
  };
  const rates = interleave(smoke ? 2 : 7, {
    ours: recordsPerS(() => step(load, open)),
    rows: recordsPerS(() => countRows(load)),
    open: recordsPerS(() => {
      for (const { batch } of load.sealed) fromBinary(TelemetryBatchSchema, open(batch));
    }),
  });
  return [{
    name: `aggregator, ${load.records} records in ${load.sealed.length} batches through decode and step`,
    unit: "records/s",
    ours: rates.ours,
    rival: { name: "rows by @bufbuild/protobuf into Maps of seconds", value: rates.rows },
    limit: { name: "opening the batches with @bufbuild/protobuf", value: rates.open },
    budget: {
      text: `≥ ${BUDGET_RECORDS_PER_S.toLocaleString("en-GB")} records/s (${(rates.ours / 1000).toFixed(0)} k)`,
      met: rates.ours >= BUDGET_RECORDS_PER_S,
    },
    note: "the rival neither deduplicates nor keeps drones, alerts, density or sliding windows",
  }];
}

/** Sealed batches of a fleet at the default rates. */
export async function createLoad(seed: number, seconds: number): Promise<Load> {
  const frames = fleetFrames({ seed, drones: DRONES, seconds, recordsPerFrame: 1, mix: "mixed" });
  const hotPath = await loadUnlimitedHotPath();
  const compress = await loadCompress();
  const batches = modelUplink(frames, { hotPath, periodMs: PERIOD_MS });
  return {
    records: batches.reduce((sum, { records }) => sum + records, 0),
    sealed: batches.map(({ lane, columns, records, sealedTimeUs, slots }, i) => {
      const batchId = new Uint8Array(16);
      new DataView(batchId.buffer).setUint32(0, i + 1);
      const batch = create(SealedBatchSchema, {
        batchId,
        lane: lane === "safety" ? Lane.SAFETY : Lane.BULK,
        ...compress(columns),
        rawBytes: columns.length,
        records,
        sealedTimeUs: BigInt(sealedTimeUs),
        slots,
      });
      return { batch, ingestionTimeUs: sealedTimeUs + 2000 };
    }),
    rows: batches.map(({ rows }) => zstdCompressSync(rows)),
  };
}

function step({ sealed, records }: Load, open: (batch: SealedBatch) => Uint8Array): void {
  const pipeline = new Pipeline(PIPELINE_DEFAULTS);
  let tickUs = 0;
  for (const { batch, ingestionTimeUs } of sealed) {
    const columns = decodeBatch(open(batch));
    const { verdict } = pipeline.step({ edgeId: "edge-1", session: 1n, ingestionTimeUs, sealed: batch, columns });
    if (verdict !== "accepted") throw new Error(`Cannot trust the round: a batch was ${verdict}`);
    if (ingestionTimeUs < tickUs) continue;
    pipeline.tick(ingestionTimeUs);
    tickUs = ingestionTimeUs + TICK_US;
  }
  const { accepted } = pipeline.fleet().records;
  if (accepted !== records) throw new Error(`Cannot trust the round: ${accepted} of ${records} records were accepted`);
}

interface Second {
  droneIds: Set<string>;
  records: Record<"position" | "battery" | "obstacles", number>;
  remainingCpct: Map<string, number>;
}

function countRows({ rows }: Load): void {
  const seconds = new Map<number, Second>();
  for (const packed of rows) {
    const batch = zstdDecompressSync(packed);
    for (let at = 0; at < batch.length;) {
      const { offset, size } = sizeDelimitedPeek(batch.subarray(at));
      if (offset === null || size === null) throw new RangeError("Cannot read rows: a length is cut off");
      countFrame(fromBinary(TelemetryFrameSchema, batch.subarray(at + offset, at + offset + size)), seconds);
      at += offset + size;
    }
  }
}

function countFrame({ droneId, records }: TelemetryFrame, seconds: Map<number, Second>): void {
  for (const { eventTimeUs, body } of records) {
    if (body.case === undefined) continue;
    const startS = Math.floor(Number(eventTimeUs) / 1e6);
    let second = seconds.get(startS);
    if (!second) {
      second = { droneIds: new Set(), records: { position: 0, battery: 0, obstacles: 0 }, remainingCpct: new Map() };
      seconds.set(startS, second);
    }
    second.droneIds.add(droneId);
    second.records[body.case]++;
    if (body.case !== "battery" || body.value.remainingCpct === undefined) continue;
    second.remainingCpct.set(`${droneId}/${body.value.id}`, body.value.remainingCpct);
  }
}
