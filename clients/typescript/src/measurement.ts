// What a drone measured, as its software has it, made records; what no record can hold is refused, by the field's name.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type BatterySchema,
  type ObstacleScanSchema,
  type PositionSchema,
  type Telemetry,
  TelemetrySchema,
} from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { BATTERY_BOUNDS, checkFields, checkWhole, HIT_BOUNDS, POSITION_BOUNDS, SCAN_BOUNDS, UINT32 } from "./bounds.ts";
import { FieldError } from "./problem.ts";

/** Measured at one time: one record of each that is there. Fields and units are those of telemetry.proto. */
export interface Measurement {
  position?: MessageInitShape<typeof PositionSchema>;
  battery?: MessageInitShape<typeof BatterySchema>;
  obstacles?: MessageInitShape<typeof ObstacleScanSchema>;
  /** Bits of RecordFlag; 0 by default. */
  flags?: number;
  /** Unix µs, UTC; by default now. */
  eventTimeUs?: bigint;
}

const NAMES = ["position", "battery", "obstacles", "flags", "eventTimeUs"];
/** Unix time in seconds has 32 bits. */
const EVENT_TIME_US_MAX = 2n ** 32n * 1_000_000n - 1n;

/**
 * Records of a measurement, numbered from `seq` on, in the order position, battery, obstacles.
 * @throws {FieldError} naming the first field that no record can hold
 */
export function recordsOf(measurement: Measurement, { seq, nowMs }: { seq: number; nowMs: number }): Telemetry[] {
  const { position, battery, obstacles, flags = 0 } = measurement;
  const eventTimeUs = measurement.eventTimeUs ?? BigInt(Math.floor(nowMs * 1000));
  const strange = Object.keys(measurement).find((name) => !NAMES.includes(name));
  if (strange !== undefined) throw new FieldError(strange, `a measurement has ${NAMES.join(", ")}`);
  checkWhole("flags", flags, UINT32);
  if (typeof eventTimeUs !== "bigint" || eventTimeUs < 0n || eventTimeUs > EVENT_TIME_US_MAX) {
    throw new FieldError("eventTimeUs", `it must be Unix µs, a bigint from 0 to ${EVENT_TIME_US_MAX}`, {
      value: eventTimeUs,
    });
  }
  const bodies: Telemetry["body"][] = [];
  const add = (body: MessageInitShape<typeof TelemetrySchema>["body"]) =>
    bodies.push(create(TelemetrySchema, { body }).body);
  if (position) {
    checkFields("position", position, POSITION_BOUNDS);
    for (const name of ["latE7", "lonE7"] as const) {
      if (position[name] === undefined) throw new FieldError(`position.${name}`, "a position has one");
    }
    add({ case: "position", value: position });
  }
  if (battery) {
    checkFields("battery", battery, BATTERY_BOUNDS);
    add({ case: "battery", value: battery });
  }
  if (obstacles) {
    const { hits = [], ...scan } = obstacles;
    checkFields("obstacles", scan, SCAN_BOUNDS);
    for (const [i, hit] of hits.entries()) checkFields(`obstacles.hits[${i}]`, hit, HIT_BOUNDS);
    add({ case: "obstacles", value: obstacles });
  }
  if (bodies.length === 0) throw new FieldError("position", "a measurement has a position, a battery or obstacles");
  return bodies.map((body, i) => create(TelemetrySchema, { seq: seq + i, eventTimeUs, flags, body }));
}
