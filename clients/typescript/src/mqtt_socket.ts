// MQTT 5 as what carries a drone's connection: to the client it is a WebSocket that speaks slipstream.v1. A frame goes up as a
// PUBLISH of QoS 1; its PUBACK comes back as the Ack of its records, a refusal as what a WebSocket would have been told.
import { Buffer } from "node:buffer";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  generate,
  type IConnackPacket,
  type IPubackPacket,
  type IPublishPacket,
  type Packet,
  parser,
} from "mqtt-packet";
import { AlertSchema } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
import { DroneDownlinkSchema, RefusalReason } from "../../../proto/gen/slipstream/v1/downlink_pb.ts";
import { TelemetryFrameSchema } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { CloseCode, MQTT_SUBPROTOCOL } from "../../../proto/words.ts";
import { CarriedSocket } from "./carried_socket.ts";

export interface MqttSocketSettings {
  droneId: string;
  /** Of the connection. */
  clientId: string;
  /** A socket to the edge's /mqtt. */
  connect: (subprotocol: string) => WebSocket;
  /** Monotonic ms. */
  clock: () => number;
}

type Body = MessageInitShape<typeof DroneDownlinkSchema>["body"];

const VERSION = { protocolVersion: 5 } as const;
const PACKET_IDS = 65_535;
/** Beside what is sent, the edge is asked so often whether it is there. */
const PING_MS = 3000;
const QUOTA_EXCEEDED = 0x97;
/** For good: it is in the loss ledger. */
const LOST = 0x83;
const PAYLOAD_FORMAT_INVALID = 0x99;
const FAILURE_MIN = 0x80;
/** How long the edge holds what it has not acknowledged, nobody says. */
const UNKNOWN_MS = 0xffff_ffff;

/** Of the records of a PUBLISH that is not acknowledged. */
interface Sent {
  bootId: number;
  seqs: number[];
}

export class MqttSocket extends CarriedSocket {
  readonly #settings: MqttSocketSettings;
  readonly #parser = parser(VERSION);
  readonly #sent = new Map<number, Sent>();
  #lastId = 0;
  #pingedMs: number;

  constructor(settings: MqttSocketSettings) {
    super(settings.connect(MQTT_SUBPROTOCOL));
    this.#settings = settings;
    this.#pingedMs = settings.clock();
    this.#parser.on("packet", (packet: Packet) => this.#take(packet));
    this.#parser.on("error", () => this.close(CloseCode.protocolError));
  }

  protected override carrierOpened(): void {
    this.#write({ cmd: "connect", clientId: this.#settings.clientId, clean: true, keepalive: 0, ...VERSION });
  }

  protected override carrierHeard(data: ArrayBuffer | string): void {
    if (typeof data === "string") this.close(CloseCode.unsupportedData);
    else this.#parser.parse(Buffer.from(data));
  }

  override send(frame: Uint8Array<ArrayBuffer>): void {
    const nowMs = this.#settings.clock();
    const messageId = this.#lastId = this.#lastId % PACKET_IDS + 1;
    this.#sent.set(messageId, recordsOf(frame));
    const payload = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
    const topic = `fleet/${this.#settings.droneId}/telemetry`;
    this.#write({ cmd: "publish", topic, payload, qos: 1, messageId, dup: false, retain: false });
    if (nowMs - this.#pingedMs < PING_MS) return;
    this.#pingedMs = nowMs;
    this.#write({ cmd: "pingreq" });
  }

  #write(packet: Packet): void {
    this.carrier.send(generate(packet, VERSION) as Uint8Array<ArrayBuffer>);
  }

  #take(packet: Packet): void {
    if (packet.cmd === "connack") this.#connected(packet);
    else if (packet.cmd === "puback") this.#answered(packet);
    else if (packet.cmd === "publish") this.#warned(packet);
    else if (packet.cmd === "pingresp") {
      this.#tell({ case: "heartbeat", value: { serverTimeUs: 0n, waitingMs: UNKNOWN_MS } });
    } else if (packet.cmd === "disconnect") this.close(CloseCode.policyViolation);
  }

  #connected({ reasonCode = 0 }: IConnackPacket): void {
    if (reasonCode >= FAILURE_MIN) return this.close(CloseCode.policyViolation);
    const topic = `fleet/${this.#settings.droneId}/alerts`;
    this.#write({ cmd: "subscribe", messageId: PACKET_IDS, subscriptions: [{ topic, qos: 1 }] });
    this.opened();
  }

  #answered({ messageId = 0, reasonCode = 0, properties }: IPubackPacket): void {
    const sent = this.#sent.get(messageId);
    this.#sent.delete(messageId);
    if (!sent || sent.seqs.length === 0) return;
    const { bootId, seqs } = sent;
    const ranges = seqRanges(seqs);
    if (reasonCode < FAILURE_MIN) return this.#tell({ case: "ack", value: { bootId, ranges } });
    if (reasonCode === PAYLOAD_FORMAT_INVALID) {
      return this.#tell({ case: "frameFault", value: { reason: properties?.reasonString ?? "", frames: 1 } });
    }
    const refused = { firstSeq: Math.min(...seqs), lastSeq: Math.max(...seqs) };
    if (reasonCode === LOST) return this.#lost(sent, String(properties?.userProperties?.lost ?? ""));
    const reason = reasonCode === QUOTA_EXCEEDED ? RefusalReason.DRONE_RATE : RefusalReason.FULL;
    const retryAfterMs = Number(properties?.userProperties?.["retry-after-ms"] ?? 1000);
    this.#tell({ case: "throttle", value: { bootId, reason, retryAfterMs, refused } });
  }

  // Those that are not named are on disk.
  #lost({ bootId, seqs }: Sent, named: string): void {
    const lost = new Set(named.split(",").map(Number));
    const [shed, ranges] = [true, false].map((isLost) => seqRanges(seqs.filter((seq) => lost.has(seq) === isLost)));
    this.#tell({ case: "throttle", value: { bootId, reason: RefusalReason.SHED, refused: shed![0], shed } });
    if (ranges!.length > 0) this.#tell({ case: "ack", value: { bootId, ranges } });
  }

  #warned({ payload, qos, messageId }: IPublishPacket): void {
    if (qos === 1) this.#write({ cmd: "puback", messageId });
    this.#tell({ case: "alert", value: fromBinary(AlertSchema, payload as Uint8Array) });
  }

  #tell(body: Body): void {
    const { droneId } = this.#settings;
    this.heard(toBinary(DroneDownlinkSchema, create(DroneDownlinkSchema, { droneId, body })));
  }
}

// Those of one frame mostly follow each other.
function seqRanges(seqs: number[]): { firstSeq: number; lastSeq: number }[] {
  const ranges: { firstSeq: number; lastSeq: number }[] = [];
  for (const seq of seqs) {
    const last = ranges.at(-1);
    if (last && seq === last.lastSeq + 1) last.lastSeq = seq;
    else ranges.push({ firstSeq: seq, lastSeq: seq });
  }
  return ranges;
}

// What is no frame has none.
function recordsOf(frame: Uint8Array): Sent {
  try {
    const { bootId, records } = fromBinary(TelemetryFrameSchema, frame);
    return { bootId, seqs: records.map(({ seq }) => seq) };
  } catch (error) {
    if (error instanceof Error) return { bootId: 0, seqs: [] };
    throw error;
  }
}
