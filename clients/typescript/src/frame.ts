// Records → the bytes of one WebSocket message, and how many of them fit into one.
import { create, toBinary } from "@bufbuild/protobuf";
import { type Telemetry, TelemetryFrameSchema } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";

export interface DroneIdentity {
  droneId: string;
  bootId: number;
  /** The formation it declares; by default none. */
  group?: string;
}

/** What an edge takes in one frame: encoded, in bytes, and in records. */
export interface FrameLimits {
  bytesMax: number;
  recordsMax: number;
}

/** The longest frame of the contract; and records enough for one, so that a rate limit lets it pass. */
export const FRAME_LIMITS: FrameLimits = { bytesMax: 65_536, recordsMax: 64 };

/** What a record takes at most in a frame beside the hits of a scan, and each hit: eleven varints, and four. */
const RECORD_BYTES_MAX = 192;
const HIT_BYTES_MAX = 32;

/** A TelemetryFrame of one drone and boot. */
export function encodeFrame({ droneId, bootId, group }: DroneIdentity, records: Telemetry[]): Uint8Array<ArrayBuffer> {
  return toBinary(TelemetryFrameSchema, create(TelemetryFrameSchema, { droneId, bootId, records, group }));
}

/** As many of the records as fit, from one end of the list; one at least, whatever its length. */
export function fitFrame(
  identity: DroneIdentity,
  records: Telemetry[],
  { bytesMax, from }: { bytesMax: number; from: "start" | "end" },
): { frame: Uint8Array<ArrayBuffer>; records: Telemetry[] } {
  const some = (count: number) => from === "start" ? records.slice(0, count) : records.slice(-count);
  let count = records.length;
  for (;;) {
    const fitting = some(count);
    const frame = encodeFrame(identity, fitting);
    if (frame.length <= bytesMax || count <= 1) return { frame, records: fitting };
    count = Math.max(1, Math.min(count - 1, Math.floor((count * bytesMax) / frame.length)));
  }
}

/** Whether a record is longer than any frame may be. */
export function isTooLarge(record: Telemetry, { identity, bytesMax }: { identity: DroneIdentity; bytesMax: number }) {
  const { body, $unknown } = record;
  const hits = body.case === "obstacles" ? body.value.hits.length : 0;
  const mostBytes = RECORD_BYTES_MAX + 3 * identity.droneId.length + hits * HIT_BYTES_MAX;
  return (mostBytes > bytesMax || $unknown !== undefined || body.value?.$unknown !== undefined) &&
    encodeFrame(identity, [record]).length > bytesMax;
}
