// MAVLink as what carries a drone's connection: to the client it is a WebSocket that speaks slipstream.v1. Nobody acknowledges
// anything in MAVLink: what was sent is all that an autopilot knows, and what the client is told.
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { AlertSeverity, AlertState } from "../proto/gen/slipstream/v1/alert_pb.ts";
import { DroneDownlinkSchema } from "../proto/gen/slipstream/v1/downlink_pb.ts";
import { type TelemetryFrame, TelemetryFrameSchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import { CloseCode, MAVLINK_SUBPROTOCOL } from "../proto/words.ts";
import { CarriedSocket } from "../clients/typescript/src/carried_socket.ts";
import { MavlinkFrames } from "./mavlink_frames.ts";

export interface MavlinkSocketSettings {
  droneId: string;
  /** A socket to the edge's /v1/mavlink, as that drone. */
  connect: (subprotocol: string) => WebSocket;
}

type Body = MessageInitShape<typeof DroneDownlinkSchema>["body"];

const STATUSTEXT = 253;
const TEXT_BYTES = 50;
const CHUNK_AT = 53;
/** MAV_SEVERITY. */
const [CRITICAL, INFO] = [2, 6];

export class MavlinkSocket extends CarriedSocket {
  readonly #droneId: string;
  readonly #frames = new MavlinkFrames();
  #alerts = 0n;

  constructor({ droneId, connect }: MavlinkSocketSettings) {
    super(connect(MAVLINK_SUBPROTOCOL));
    this.#droneId = droneId;
  }

  protected override carrierOpened(): void {
    this.opened();
  }

  // Each message of an edge is whole frames.
  protected override carrierHeard(data: ArrayBuffer | string): void {
    if (typeof data === "string") return this.close(CloseCode.unsupportedData);
    const bytes = new Uint8Array(data);
    for (let at = 0; at + 12 <= bytes.length; at += 12 + bytes[at + 1]! + (bytes[at + 2]! & 1 ? 13 : 0)) {
      const id = bytes[at + 7]! | bytes[at + 8]! << 8 | bytes[at + 9]! << 16;
      if (id === STATUSTEXT) this.#text(bytes.subarray(at + 10, at + 10 + bytes[at + 1]!));
    }
  }

  override send(bytes: Uint8Array<ArrayBuffer>): void {
    const frame = frameOf(bytes);
    if (!frame) return this.carrier.send(bytes);
    const { bootId, records } = frame;
    for (const record of records) for (const each of this.#frames.of(record)) this.carrier.send(each);
    if (records.length === 0) return;
    const ranges = records.map(({ seq }) => ({ firstSeq: seq, lastSeq: seq }));
    // When the client knows that it has sent them.
    queueMicrotask(() => this.#tell({ case: "ack", value: { bootId, ranges } }));
  }

  // Each alert has one; those of several chunks begin with the first.
  #text(payload: Uint8Array): void {
    if ((payload[CHUNK_AT] ?? 0) !== 0) return;
    const [severity = 0, ...text] = payload.subarray(0, 1 + TEXT_BYTES);
    this.#tell({
      case: "alert",
      value: {
        alertId: ++this.#alerts,
        revision: 1,
        severity: severity <= CRITICAL ? AlertSeverity.CRITICAL : AlertSeverity.WARNING,
        state: severity === INFO ? AlertState.RESOLVED : AlertState.RAISED,
        message: String.fromCharCode(...text.filter((byte) => byte !== 0)),
      },
    });
  }

  #tell(body: Body): void {
    const droneId = this.#droneId;
    this.heard(toBinary(DroneDownlinkSchema, create(DroneDownlinkSchema, { droneId, body })));
  }
}

// What is no frame in protobuf is none here either.
function frameOf(bytes: Uint8Array): TelemetryFrame | null {
  try {
    return fromBinary(TelemetryFrameSchema, bytes);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
