// What stands in a PUBLISH, as the frame that the hot path takes: telemetry as it is or out of JSON, or the acknowledgement of
// one warning.
import { fromJsonString, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Gate } from "../../../identity/gate.ts";
import { AlertAckSchema, TelemetryFrameSchema } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { HotPath } from "../../../wasm/hot_path.ts";
import type { Connection } from "../../drones/connection.ts";
import { faultOf, readFrame } from "../json/frames.ts";
import { frameSeqs } from "./frame_seqs.ts";
import { Reason, type Refusal } from "./reasons.ts";
import { readTopic, type Topic } from "./topics.ts";

/** A frame, and the drone whose it must be. */
export interface Payload {
  droneId: string;
  frame: Uint8Array;
}

export interface PayloadsParts {
  connection: Connection;
  /** Takes a frame: one of `Verdict`, of which the hot path tells more; null: it was not looked at. */
  receive: (connection: Connection, frame: Uint8Array, only?: { onlyId: Uint8Array<ArrayBuffer> }) => number | null;
  /** What was sent is not even a frame. */
  onUnreadable: (connection: Connection, fault: string) => void;
  frames: Pick<HotPath, "slot" | "bootId" | "records" | "firstSeq" | "fault">;
  gate: Pick<Gate, "note">;
}

/** Ids of a gateway's drones that are known as bytes. */
const IDS_MAX = 1024;
const DRONE_ID = TelemetryFrameSchema.field.droneId.number;
const ALERT_ACKS = TelemetryFrameSchema.field.alertAcks.number;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class Payloads {
  readonly #parts: PayloadsParts;
  readonly #ids = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #topics = new Map<string, Topic | null>();
  #droneId = "";

  constructor(parts: PayloadsParts) {
    this.#parts = parts;
  }

  /** Null: nothing is taken there. The same topic again costs nothing. */
  topic(name: string): Topic | null {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      if (this.#topics.size >= IDS_MAX) this.#topics.clear();
      this.#topics.set(name, topic = readTopic(name));
    }
    return topic;
  }

  /** Null: the connection may speak for the drone of that topic. */
  refusalOf({ droneId }: Topic): Refusal | null {
    const { connection: { identity }, gate } = this.#parts;
    if (identity.droneIds === null || identity.droneIds.has(droneId)) return null;
    gate.note("foreign-drone", identity.uri);
    return { reason: Reason.notAuthorized, why: `Cannot speak for ${droneId}: the proof is of another one` };
  }

  read({ droneId, what }: Topic, payload: Uint8Array): Payload | Refusal {
    if (what === "telemetry") return { droneId, frame: payload };
    if (what === "alerts/ack") return { droneId, frame: acknowledging(droneId, payload) };
    try {
      const text = decoder.decode(payload);
      if (what === "telemetry/json") return { droneId, frame: readFrame(text, { droneId }) };
      const ack = toBinary(AlertAckSchema, fromJsonString(AlertAckSchema, text));
      return { droneId, frame: acknowledging(droneId, ack) };
    } catch (error) {
      const why = faultOf(error);
      this.#parts.onUnreadable(this.#parts.connection, why);
      return { reason: Reason.payloadFormatInvalid, why };
    }
  }

  /** One of `Verdict`; null: it was not looked at. */
  take({ droneId, frame }: Payload): number | null {
    const { receive, connection } = this.#parts;
    this.#droneId = droneId;
    return receive(connection, frame, { onlyId: this.#idOf(droneId) });
  }

  /** Of the frame that was accepted last, which is this one; null: it had none. */
  recordsOf(frame: Uint8Array): { droneId: string; bootId: number; seqs: Set<number> } | null {
    const { slot, bootId, records, firstSeq } = this.#parts.frames;
    if (slot === 0) return null;
    return { droneId: this.#droneId, bootId, seqs: records === 1 ? new Set([firstSeq]) : frameSeqs(frame) };
  }

  /** What is wrong with the one that was malformed last. */
  get fault(): string {
    return this.#parts.frames.fault;
  }

  // The same bytes each time: the hot path does not look at them again then.
  #idOf(droneId: string): Uint8Array<ArrayBuffer> {
    let id = this.#ids.get(droneId);
    if (!id) {
      if (this.#ids.size >= IDS_MAX) this.#ids.clear();
      this.#ids.set(droneId, id = encoder.encode(droneId));
    }
    return id;
  }
}

// A frame without records. What is no AlertAck makes it no frame, as the hot path sees.
function acknowledging(droneId: string, ack: Uint8Array): Uint8Array {
  return new BinaryWriter()
    .tag(DRONE_ID, WireType.LengthDelimited).string(droneId)
    .tag(ALERT_ACKS, WireType.LengthDelimited).bytes(ack)
    .finish();
}
