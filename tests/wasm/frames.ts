// A hot path without rate limits, frames for it, and its columns read back as records.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { decodeBatch } from "../../aggregator/batch/columns.ts";
import { type TelemetryFrame, TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { HotPath } from "../../wasm/hot_path.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import { HOT_PATH_DEFAULTS, type HotPathSettings } from "../../wasm/settings.ts";

export type FrameInit = NonNullable<Parameters<typeof create<typeof TelemetryFrameSchema>>[1]>;
export type RecordInit = NonNullable<FrameInit["records"]>[number];

const NO_LIMIT = { droneRatePerS: 1e9, droneBurst: 1e9, nodeRatePerS: 1e9, nodeBurst: 1e9 };

export function load(settings: Partial<HotPathSettings> = {}): Promise<HotPath> {
  return HotPath.load({ ...HOT_PATH_DEFAULTS, ...NO_LIMIT, ...settings });
}

export function encode(init: FrameInit): Uint8Array<ArrayBuffer> {
  return toBinary(TelemetryFrameSchema, create(TelemetryFrameSchema, init));
}

export function decode(bytes: Uint8Array): TelemetryFrame {
  return fromBinary(TelemetryFrameSchema, bytes);
}

/** Empties both lanes: what a lane held, by kind, and the receipt. */
export function sealAll(hotPath: HotPath) {
  return [LaneIndex.safety, LaneIndex.bulk].map((lane) => {
    const sealed = hotPath.seal(lane);
    return sealed && { ...sealed, columns: decodeBatch(sealed.raw!) };
  });
}
