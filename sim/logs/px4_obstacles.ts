// What looked for obstacles in a PX4 log, as the edge makes it of MAVLink: the nearest of a ring, or one look.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type ObstacleScan_HitSchema, ObstacleScanSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { countOf, type Measured, scaled, type Values } from "./measured.ts";

type Hit = MessageInitShape<typeof ObstacleScan_HitSchema>;

const HITS_MAX = 16;
/** A ring has no number of its own, only a kind: away from what single sensors are called. */
const RING_SENSOR_ID = 1000;
const FRAME_GLOBAL = 0;
const BODY = 1;
const UNKNOWN = 0xffff;
const PITCH_UP = 24;
const PITCH_DOWN = 25;

/** obstacle_distance: centimetres all around. */
export function ringRow(timeUs: number, values: Values): Measured | null {
  const [minCm, maxCm] = [countOf(values.min_distance), countOf(values.max_distance)];
  const { angle_offset: offset, increment } = values;
  if (minCm === undefined || maxCm === undefined || !isAngle(offset) || !isAngle(increment)) return null;
  const distances: unknown[] = Array.isArray(values.distances) ? values.distances : [];
  const hits = distances.flatMap((value, index): Hit[] => {
    const rangeCm = countOf(value);
    if (rangeCm === undefined || rangeCm === UNKNOWN || rangeCm < minCm || rangeCm > maxCm) return [];
    const cdeg = Math.round((offset + increment * index) * 100);
    return [{ bearingCdeg: (cdeg % 36_000 + 36_000) % 36_000, rangeCm }];
  });
  const nearest = new Set(hits.toSorted((a, b) => a.rangeCm! - b.rangeCm!).slice(0, HITS_MAX));
  return scanRow(timeUs, {
    sensorId: RING_SENSOR_ID + (countOf(values.sensor_type) ?? 0),
    frame: values.frame === FRAME_GLOBAL ? 0 : BODY,
    maxRangeCm: maxCm,
    hits: hits.filter((hit) => nearest.has(hit)),
  });
}

/** distance_sensor: metres in one direction. Null: it looks neither around nor straight up or down, or saw nothing valid. */
export function lookRow(timeUs: number, { instance, values }: { instance: number; values: Values }): Measured | null {
  const direction = directionOf(values.orientation);
  const [rangeCm, minCm, maxCm] = [values.current_distance, values.min_distance, values.max_distance]
    .map((metres) => scaled(metres, 100));
  if (!direction || values.signal_quality === 0) return null;
  if (rangeCm === undefined || minCm === undefined || maxCm === undefined || maxCm < 0) return null;
  const isHit = rangeCm >= Math.max(0, minCm) && rangeCm <= maxCm;
  const hits = isHit ? [{ ...direction, rangeCm }] : [];
  return scanRow(timeUs, { sensorId: instance, frame: BODY, maxRangeCm: maxCm, hits });
}

function isAngle(degrees: unknown): degrees is number {
  return typeof degrees === "number" && Math.abs(degrees) <= 360;
}

function directionOf(orientation: unknown): Hit | null {
  if (orientation === PITCH_UP) return { elevationCdeg: 9000 };
  if (orientation === PITCH_DOWN) return { elevationCdeg: -9000 };
  const isAround = typeof orientation === "number" && orientation >= 0 && orientation <= 7;
  return isAround ? { bearingCdeg: orientation * 4500 } : null;
}

function scanRow(timeUs: number, scan: MessageInitShape<typeof ObstacleScanSchema>): Measured {
  const obstacles = create(ObstacleScanSchema, scan);
  return { timeUs, position: null, hasVelocity: false, battery: null, obstacles };
}
