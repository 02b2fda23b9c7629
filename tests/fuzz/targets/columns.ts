// What is in a batch, once it is decompressed: into columns, and through the pipeline, which must quarantine nothing.
import { create, toBinary } from "@bufbuild/protobuf";
import { decodeBatch } from "../../../aggregator/batch/columns.ts";
import { apply } from "../../../aggregator/journal/entries.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../../aggregator/pipeline/pipeline.ts";
import { SealedBatchSchema, TelemetryBatchSchema } from "../../../proto/gen/slipstream/v1/batch_pb.ts";
import type { Random } from "../../../sim/random.ts";
import { Broken, few, said, type Session, type Target } from "../target.ts";

const START_US = 1_790_000_000_000_000;
const SLOTS = Array.from(
  { length: 16 },
  (_, i) => ({ slot: i + 1, droneId: `drone-${i >> 1}`, bootId: i % 2, fleet: "f" }),
);

const deltas = (values: number[]) => values.map((value, i) => (value - (values[i - 1] ?? 0)) | 0);

function seeds(random: Random): Uint8Array[] {
  return Array.from({ length: 24 }, (_, i) => {
    const count = 1 + i % 5;
    const column = (low: number, high: number) => deltas(Array.from({ length: count }, () => random.whole(low, high)));
    const common = () => ({
      count,
      slot: deltas(Array.from({ length: count }, () => random.whole(1, 16)).sort((a, b) => a - b)),
      seq: column(0, 1000),
      eventS: column(START_US / 1e6 - 5, START_US / 1e6 + 60),
      eventUs: column(0, 999_999),
    });
    const positions = {
      ...common(),
      ...{ flags: column(0, 31), presence: column(0, 63), latE7: column(473_970_000, 473_980_000) },
      ...{ lonE7: column(85_450_000, 85_460_000), altMslMm: column(0, 90_000), vnCms: column(-900, 900) },
    };
    const batteries = {
      ...common(),
      presence: column(0, 15),
      voltageMv: column(0, 16_000),
      remainingCpct: column(0, 9999),
    };
    const hitCount = Array<number>(count).fill(2);
    const obstacles = { ...common(), hitCount: deltas(hitCount), hits: 2 * count, rangeCm: [500, 3] };
    const kinds = [{ positions }, { batteries }, { obstacles }, { nearDuplicates: common() }, { positions, batteries }];
    return toBinary(TelemetryBatchSchema, create(TelemetryBatchSchema, kinds[i % kinds.length]));
  });
}

function open(): Session {
  const pipeline = new Pipeline(PIPELINE_DEFAULTS);
  let batches = 0;
  return {
    run: (input) => {
      const columns = read(input);
      if (typeof columns === "string") return columns;
      const timeUs = START_US + ++batches * 10_000;
      const batchId = new Uint8Array(16);
      new DataView(batchId.buffer).setUint32(0, batches);
      const sealed = create(SealedBatchSchema, { batchId, slots: SLOTS, sealedTimeUs: BigInt(timeUs - 1000) });
      const batch = { edgeId: "edge-1", session: 5n, sealed, columns };
      const arrival = { type: "batch" as const, batch, uplink: new Uint8Array() };
      const { verdict, outputs } = apply(pipeline, { arrival, timeUs });
      outputs.push(...apply(pipeline, { arrival: { type: "tick" }, timeUs }).outputs);
      for (const output of outputs) {
        if (output.type === "quarantine") {
          throw new Broken(JSON.stringify(output.quarantine, (_, v) => `${v}` === "[object Object]" ? v : `${v}`));
        }
      }
      const told = new Set(outputs.map((output) => output.type === "alert" ? output.alert.kind : output.type));
      return `${verdict} ${few(columns.records)}: ${[...told].sort().join(" ")}`;
    },
  };
}

function read(input: Uint8Array) {
  try {
    return decodeBatch(input);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return said(error);
    throw error;
  }
}

export const COLUMNS: Target = {
  ...{ name: "columns", format: "protobuf", bytesMax: 1 << 20, sessionExecutions: 20000 },
  seeds,
  open,
};
