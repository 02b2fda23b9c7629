// What an edge sends, read.
import { fromBinary } from "@bufbuild/protobuf";
import { type EdgeUplink, EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import type { Arrival } from "../journal/entries.ts";

const LINK_LOSSES_MAX = 256;
const REPORTS_MAX = 256;

/** Null: it is no such message. */
export function readUplink(data: ArrayBuffer): EdgeUplink | null {
  try {
    return fromBinary(EdgeUplinkSchema, new Uint8Array(data));
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

/** What an edge tells of others, as it enters the pipeline: as much of it as may be told at once. */
export function toldOf(
  body: Extract<EdgeUplink["body"], { case: "linkLosses" | "traffic" }>,
  edgeId: string,
): Extract<Arrival, { type: "link-losses" | "traffic" }> {
  return body.case === "linkLosses"
    ? { type: "link-losses", edgeId, droneIds: body.value.droneIds.slice(0, LINK_LOSSES_MAX) }
    : { type: "traffic", edgeId, reports: body.value.reports.slice(0, REPORTS_MAX) };
}
