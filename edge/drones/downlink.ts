// What an edge says to a drone, whatever that speaks: a DroneDownlink, which each protocol puts into its own words.
import { create, toBinary } from "@bufbuild/protobuf";
import type { Alert } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import {
  type DroneDownlink,
  DroneDownlinkSchema,
  type RefusalReason,
} from "../../proto/gen/slipstream/v1/downlink_pb.ts";

/** One thing that is said, perhaps on several connections. */
export class Word {
  readonly message: DroneDownlink;
  #bytes: Uint8Array<ArrayBuffer> | null = null;

  constructor(message: DroneDownlink) {
    this.message = message;
  }

  /** In protobuf: written once, for the first who speaks it. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes ??= toBinary(DroneDownlinkSchema, this.message);
  }
}

/** What an edge says first. */
export interface Greeting {
  serverTimeUs: bigint;
  session: bigint;
  edgeId: string;
  /** Of the edge's software. */
  version: string;
  /** Which version of slipstream.v1 it speaks. */
  protocol: number;
  /** The edge does not reach the aggregator. */
  cutOff: boolean;
  /** The longest frame that is taken, and the most records that can ever pass in one. */
  frameBytesMax: number;
  frameRecordsMax: number;
}

export function helloWord(hello: Greeting): Word {
  return word({ body: { case: "hello", value: hello } });
}

export function heartbeatWord(
  heartbeat: { serverTimeUs: bigint; waitingMs: number; cutOff: boolean; stopping: boolean },
): Word {
  return word({ body: { case: "heartbeat", value: heartbeat } });
}

export function frameFaultWord(fault: { reason: string; frames: number }): Word {
  return word({ body: { case: "frameFault", value: fault } });
}

export function ackWord(
  to: { droneId: string; bootId: number },
  ranges: readonly { first: number; last: number }[],
): Word {
  return word({
    droneId: to.droneId,
    body: {
      case: "ack",
      value: { bootId: to.bootId, ranges: ranges.map(({ first, last }) => ({ firstSeq: first, lastSeq: last })) },
    },
  });
}

export function throttleWord(throttle: {
  droneId: string;
  bootId: number;
  firstSeq: number;
  lastSeq: number;
  retryAfterMs: number;
  reason: RefusalReason;
  /** With FRAME_TOO_LARGE, else 0. */
  frameRecordsMax: number;
}): Word {
  const { droneId, firstSeq, lastSeq, ...value } = throttle;
  return word({ droneId, body: { case: "throttle", value: { ...value, refused: { firstSeq, lastSeq } } } });
}

/** Records that are lost for good, for a final reason. */
export function lostWord(
  { droneId, bootId }: { droneId: string; bootId: number },
  { reason, ranges }: { reason: RefusalReason; ranges: readonly { first: number; last: number }[] },
): Word {
  const shed = ranges.map(({ first, last }) => ({ firstSeq: first, lastSeq: last }));
  const refused = { firstSeq: shed[0]?.firstSeq ?? 0, lastSeq: shed.at(-1)?.lastSeq ?? 0 };
  return word({ droneId, body: { case: "throttle", value: { bootId, refused, shed, reason } } });
}

export function alertWord(droneId: string, alert: Alert): Word {
  return word({ droneId, body: { case: "alert", value: alert } });
}

function word(downlink: Parameters<typeof create<typeof DroneDownlinkSchema>>[1]): Word {
  return new Word(create(DroneDownlinkSchema, downlink));
}
