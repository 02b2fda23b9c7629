// What an edge says to a drone, as bytes of DroneDownlink.
import { create, toBinary } from "@bufbuild/protobuf";
import type { Alert } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { DroneDownlinkSchema, type RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";

type Bytes = Uint8Array<ArrayBuffer>;

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

export function encodeHello(hello: Greeting): Bytes {
  return encode({ body: { case: "hello", value: hello } });
}

export function encodeHeartbeat(
  heartbeat: { serverTimeUs: bigint; waitingMs: number; cutOff: boolean; stopping: boolean },
): Bytes {
  return encode({ body: { case: "heartbeat", value: heartbeat } });
}

export function encodeFrameFault(fault: { reason: string; frames: number }): Bytes {
  return encode({ body: { case: "frameFault", value: fault } });
}

export function encodeAck(
  to: { droneId: string; bootId: number },
  ranges: readonly { first: number; last: number }[],
): Bytes {
  return encode({
    droneId: to.droneId,
    body: {
      case: "ack",
      value: { bootId: to.bootId, ranges: ranges.map(({ first, last }) => ({ firstSeq: first, lastSeq: last })) },
    },
  });
}

export function encodeThrottle(throttle: {
  droneId: string;
  bootId: number;
  firstSeq: number;
  lastSeq: number;
  retryAfterMs: number;
  reason: RefusalReason;
  /** With FRAME_TOO_LARGE, else 0. */
  frameRecordsMax: number;
}): Bytes {
  const { droneId, firstSeq, lastSeq, ...value } = throttle;
  return encode({ droneId, body: { case: "throttle", value: { ...value, refused: { firstSeq, lastSeq } } } });
}

/** Records that are lost for good, for a final reason. */
export function encodeLost(
  { droneId, bootId }: { droneId: string; bootId: number },
  { reason, ranges }: { reason: RefusalReason; ranges: readonly { first: number; last: number }[] },
): Bytes {
  const shed = ranges.map(({ first, last }) => ({ firstSeq: first, lastSeq: last }));
  const refused = { firstSeq: shed[0]?.firstSeq ?? 0, lastSeq: shed.at(-1)?.lastSeq ?? 0 };
  return encode({ droneId, body: { case: "throttle", value: { bootId, refused, shed, reason } } });
}

export function encodeAlert(droneId: string, alert: Alert): Bytes {
  return encode({ droneId, body: { case: "alert", value: alert } });
}

function encode(downlink: Parameters<typeof create<typeof DroneDownlinkSchema>>[1]): Bytes {
  return toBinary(DroneDownlinkSchema, create(DroneDownlinkSchema, downlink));
}
