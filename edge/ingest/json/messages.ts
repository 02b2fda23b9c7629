// The messages of a WebSocket as text, subprotocol slipstream.json.v1: each is what it is in protobuf, in the JSON form of
// proto3.
import { toJsonString } from "@bufbuild/protobuf";
import { DroneDownlinkSchema } from "../../../proto/gen/slipstream/v1/downlink_pb.ts";
import type { Word } from "../../drones/downlink.ts";
import { faultOf, readFrame } from "./frames.ts";

export const JSON_FRAMES = {
  protocol: "json" as const,
  read: (data: unknown): Uint8Array | { fault: string } | null => {
    if (typeof data !== "string") return null;
    try {
      return readFrame(data);
    } catch (error) {
      return { fault: faultOf(error) };
    }
  },
  write: ({ message }: Word): string => toJsonString(DroneDownlinkSchema, message),
  kind: "A frame is a text message",
};
