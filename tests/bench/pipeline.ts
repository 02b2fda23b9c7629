// The aggregator from a sealed batch to its windows on one core: decompress, decode, deduplicate, step. The plain way reads
// rows with @bufbuild/protobuf and counts them into Maps; the limit only opens the batches and counts nothing.
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { create, fromBinary } from "@bufbuild/protobuf";
import { sizeDelimitedPeek } from "@bufbuild/protobuf/wire";
import { decodeBatch, type DecodedBatch } from "../../aggregator/batch/columns.ts";
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { loadCompress } from "../../edge/lanes/compression.ts";
import {
  Lane,
  type SealedBatch,
  SealedBatchSchema,
  TelemetryBatchSchema,
} from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { type TelemetryFrame, TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { type BenchCase, inTurn } from "./bench_case.ts";
import type { BenchSettings } from "./comparison.ts";
import { fleetFrames } from "./fleet_frames.ts";
import { loadUnlimitedHotPath } from "./hot_path.ts";
import { modelUplink } from "./uplink_model.ts";

const DRONES = 500;
const PERIOD_MS = { safety: 5, bulk: 50 };
const BUDGET_RECORDS_PER_S = 500_000;
const TICK_US = 100_000;

/** Batches as an edge seals them, and the same records as rows. */
export interface Load {
  drones: number;
  seconds: number;
  /** Between two bulk batches. */
  bulkMs: number;
  records: number;
  /** `raw`: before it was compressed. */
  sealed: { batch: SealedBatch; raw: Uint8Array<ArrayBuffer>; ingestionTimeUs: number }[];
  rows: Uint8Array[];
}

type Open = (batch: SealedBatch) => Uint8Array;

/** Batches of each lane decoded, and a whole flight with all that the pipeline makes of it. */
export async function pipelineCases(load: Load): Promise<BenchCase[]> {
  const decompress = await loadDecompress();
  const open = (batch: SealedBatch): Uint8Array => {
    const opened = decompress(batch);
    if ("malformed" in opened) throw new Error(`Cannot open a batch: ${opened.malformed}`);
    return opened.raw;
  };
  return [
    decodeCase(load, { lane: Lane.SAFETY, open }),
    decodeCase(load, { lane: Lane.BULK, open }),
    ...flightCases(load, open),
  ];
}

function decodeCase({ sealed, rows }: Load, { lane, open }: { lane: Lane; open: Open }): BenchCase {
  const batches = sealed.flatMap(({ batch }, i) => batch.lane === lane ? [{ batch, rows: rows[i]! }] : []);
  const records = batches.reduce((sum, { batch }) => sum + batch.records, 0) / batches.length;
  const name = lane === Lane.SAFETY ? "safety" : "bulk";
  return {
    name: `decode: a ${PERIOD_MS[name]} ms ${name} batch`,
    unit: "a batch",
    ours: inTurn(batches, ({ batch }) => decodeBatch(open(batch))),
    plain: { name: "rows by @bufbuild/protobuf", run: inTurn(batches, ({ rows }) => eachFrame(rows, () => {})) },
    limit: { name: "opened alone", run: inTurn(batches, ({ batch }) => fromBinary(TelemetryBatchSchema, open(batch))) },
    note: `${DRONES} drones, ${records.toFixed(0)} records on average`,
  };
}

/** Each iteration is the whole flight, through a pipeline that has seen nothing. */
function flightCases(load: Load, open: Open): BenchCase[] {
  const { records, sealed, seconds } = load;
  const columns = new Map(sealed.map(({ batch }) => [batch, decodeBatch(open(batch))]));
  // The first of them takes three times as long as the fourth: until then the pipeline is being compiled.
  const all = { unit: "a record", units: records, warmup: 4, n: 5 };
  const flight = `${DRONES} drones for ${seconds} s`;
  return [{
    ...all,
    name: `decode and step: ${flight}`,
    ours: () => step(load, (batch) => decodeBatch(open(batch))),
    plain: { name: "rows by @bufbuild/protobuf into Maps", run: () => countRows(load) },
    limit: {
      name: "opened alone",
      run: () => {
        for (const { batch } of sealed) fromBinary(TelemetryBatchSchema, open(batch));
      },
    },
    budget: ({ ours }) => ({
      text: `≥ ${BUDGET_RECORDS_PER_S.toLocaleString("en-GB")} records/s (${(1e6 / ours).toFixed(0)} k)`,
      met: 1e9 / ours >= BUDGET_RECORDS_PER_S,
    }),
    note:
      `${records} records in ${sealed.length} batches; the plain way neither deduplicates nor keeps drones, alerts, ` +
      "density or sliding windows",
  }, {
    ...all,
    name: `step alone: ${flight}`,
    ours: () => step(load, (batch) => columns.get(batch)!),
    note: "columns decoded before",
  }];
}

/** Sealed batches of a fleet at the default rates. */
export async function createLoad(
  { seed, smoke }: BenchSettings,
  { seconds = smoke ? 2 : 12, drones = DRONES } = {},
): Promise<Load> {
  const frames = fleetFrames({ seed, drones, seconds, recordsPerFrame: 1, mix: "mixed" });
  const hotPath = await loadUnlimitedHotPath();
  const compress = await loadCompress();
  const batches = modelUplink(frames, { hotPath, periodMs: PERIOD_MS });
  return {
    drones,
    seconds,
    bulkMs: PERIOD_MS.bulk,
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
      return { batch, raw: columns, ingestionTimeUs: sealedTimeUs + 2000 };
    }),
    rows: batches.map(({ rows }) => zstdCompressSync(rows)),
  };
}

function step({ sealed, records }: Load, decode: (batch: SealedBatch) => DecodedBatch): void {
  const pipeline = new Pipeline(PIPELINE_DEFAULTS);
  let tickUs = 0;
  for (const { batch, ingestionTimeUs } of sealed) {
    const columns = decode(batch);
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
  for (const packed of rows) eachFrame(packed, (frame) => countFrame(frame, seconds));
}

function eachFrame(packed: Uint8Array, take: (frame: TelemetryFrame) => void): void {
  const batch = zstdDecompressSync(packed);
  for (let at = 0; at < batch.length;) {
    const { offset, size } = sizeDelimitedPeek(batch.subarray(at));
    if (offset === null || size === null) throw new RangeError("Cannot read rows: a length is cut off");
    take(fromBinary(TelemetryFrameSchema, batch.subarray(at + offset, at + offset + size)));
    at += offset + size;
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
