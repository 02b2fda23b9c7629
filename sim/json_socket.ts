// JSON over a WebSocket as what carries a drone's connection: to the client it is a WebSocket that speaks slipstream.v1.
import { fromBinary, fromJsonString, toBinary, toJsonString } from "@bufbuild/protobuf";
import { DroneDownlinkSchema } from "../proto/gen/slipstream/v1/downlink_pb.ts";
import { TelemetryFrameSchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import { CloseCode, JSON_SUBPROTOCOL } from "../proto/words.ts";
import { CarriedSocket } from "../clients/typescript/src/carried_socket.ts";

export class JsonSocket extends CarriedSocket {
  constructor(connect: (subprotocol: string) => WebSocket) {
    super(connect(JSON_SUBPROTOCOL));
  }

  protected override carrierOpened(): void {
    this.opened();
  }

  protected override carrierHeard(data: ArrayBuffer | string): void {
    if (typeof data !== "string") return this.close(CloseCode.unsupportedData);
    this.heard(toBinary(DroneDownlinkSchema, fromJsonString(DroneDownlinkSchema, data)));
  }

  override send(frame: Uint8Array<ArrayBuffer>): void {
    this.carrier.send(textOf(frame));
  }
}

// What is no frame in protobuf is none in JSON either.
function textOf(frame: Uint8Array): string {
  try {
    return toJsonString(TelemetryFrameSchema, fromBinary(TelemetryFrameSchema, frame));
  } catch (error) {
    if (error instanceof Error) return "{";
    throw error;
  }
}
