// A TelemetryFrame in the JSON form of proto3, as the hot path takes it.
import { create, fromJsonString, toBinary } from "@bufbuild/protobuf";
import { TelemetryFrameSchema } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";

/**
 * @param droneId whose it is where it does not say
 * @throws {Error} naming the field that cannot be read
 */
export function readFrame(text: string, { droneId = "" } = {}): Uint8Array<ArrayBuffer> {
  const frame = fromJsonString(TelemetryFrameSchema, text);
  return toBinary(
    TelemetryFrameSchema,
    frame.droneId === "" ? create(TelemetryFrameSchema, { ...frame, droneId }) : frame,
  );
}

/** What is wrong with a text that could not be read, with the field's name, in one line for people. */
export function faultOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  return error.message.replace(/\s+/g, " ").slice(0, 200);
}
