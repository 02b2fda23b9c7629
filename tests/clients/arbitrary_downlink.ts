// Everything that an edge can say to a drone, as bytes of DroneDownlink: often about records that exist, and often not.
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";

type Body = MessageInitShape<typeof DroneDownlinkSchema>["body"];

const uint32 = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const bootId = fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: uint32 });
const seq = fc.oneof(fc.integer({ min: 0, max: 60 }), uint32);
const range = fc.record({ firstSeq: seq, lastSeq: seq });
const ranges = fc.array(range, { maxLength: 4 });

const bodies: fc.Arbitrary<Body> = fc.oneof(
  fc.constant({ case: undefined }),
  fc.record({
    case: fc.constant("hello" as const),
    value: fc.record({
      ...{ serverTimeUs: uint64, session: uint64, edgeId: fc.string(), frameRecordsMax: uint32 },
      frameBytesMax: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 70_000 })),
    }),
  }),
  fc.record({ case: fc.constant("ack" as const), value: fc.record({ bootId, ranges }) }),
  fc.record({
    case: fc.constant("throttle" as const),
    value: fc.record({
      ...{ retryAfterMs: uint32, bootId, refused: fc.option(range, { nil: undefined }), shed: ranges },
      ...{ reason: fc.integer({ min: -1, max: 20 }), frameRecordsMax: uint32 },
    }),
  }),
  fc.record({
    case: fc.constant("alert" as const),
    value: fc.record({
      ...{ alertId: uint64, kind: fc.integer({ min: -1, max: 12 }), revision: uint32, ttlMs: uint32 },
      ...{ droneIds: fc.array(fc.string(), { maxLength: 3 }), changedTimeUs: uint64, detail: fc.string() },
      ...{ state: fc.integer({ min: 0, max: 6 }), severity: fc.integer({ min: 0, max: 3 }) },
    }),
  }),
  fc.record({
    case: fc.constant("frameFault" as const),
    value: fc.record({ reason: fc.string(), frames: uint32 }),
  }),
  fc.record({
    case: fc.constant("heartbeat" as const),
    value: fc.record({ serverTimeUs: uint64, waitingMs: uint32 }),
  }),
);

/** Encoded. */
export const downlinks: fc.Arbitrary<Uint8Array> = fc.record({
  droneId: fc.constantFrom("d", "", "other"),
  body: bodies,
})
  .map((said) => toBinary(DroneDownlinkSchema, create(DroneDownlinkSchema, said)));
