// What an edge sends, read.
import { fromBinary } from "@bufbuild/protobuf";
import { type EdgeUplink, EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";

/** Null: it is no such message. */
export function readUplink(data: ArrayBuffer): EdgeUplink | null {
  try {
    return fromBinary(EdgeUplinkSchema, new Uint8Array(data));
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
