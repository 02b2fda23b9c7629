// Records → the bytes of one WebSocket message.
import { create, toBinary } from "@bufbuild/protobuf";
import { type Telemetry, TelemetryFrameSchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";

export interface DroneIdentity {
  droneId: string;
  bootId: number;
}

/** A TelemetryFrame of one drone and boot. */
export function encodeFrame({ droneId, bootId }: DroneIdentity, records: Telemetry[]): Uint8Array<ArrayBuffer> {
  return toBinary(TelemetryFrameSchema, create(TelemetryFrameSchema, { droneId, bootId, records }));
}
