// What an edge says to a drone, as bytes of DroneDownlink.
import { create, toBinary } from "@bufbuild/protobuf";
import type { Alert } from "../proto/gen/slipstream/v1/alert_pb.ts";
import { DroneDownlinkSchema, RefusalReason } from "../proto/gen/slipstream/v1/downlink_pb.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export function encodeHello(hello: { serverTimeUs: bigint; session: bigint; edgeId: string }): Bytes {
  return encode({ body: { case: "hello", value: hello } });
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
}): Bytes {
  const { droneId, bootId, firstSeq, lastSeq, retryAfterMs, reason } = throttle;
  return encode({
    droneId,
    body: { case: "throttle", value: { retryAfterMs, bootId, refused: { firstSeq, lastSeq }, reason } },
  });
}

/** Records that were given up: final. */
export function encodeShed(
  { droneId, bootId }: { droneId: string; bootId: number },
  ranges: readonly { first: number; last: number }[],
): Bytes {
  const shed = ranges.map(({ first, last }) => ({ firstSeq: first, lastSeq: last }));
  const refused = { firstSeq: shed[0]?.firstSeq ?? 0, lastSeq: shed.at(-1)?.lastSeq ?? 0 };
  return encode({ droneId, body: { case: "throttle", value: { bootId, refused, shed, reason: RefusalReason.SHED } } });
}

export function encodeAlert(droneId: string, alert: Alert): Bytes {
  return encode({ droneId, body: { case: "alert", value: alert } });
}

function encode(downlink: Parameters<typeof create<typeof DroneDownlinkSchema>>[1]): Bytes {
  return toBinary(DroneDownlinkSchema, create(DroneDownlinkSchema, downlink));
}
