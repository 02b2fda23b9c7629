// What logs of autopilots have in common: values in units of their own, of which some are not known.
import { create } from "@bufbuild/protobuf";
import {
  type Battery,
  BatterySchema,
  type Position,
  PositionSchema,
} from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { RecordedRow, Recording } from "../recording.ts";

/** By name, as the log has them. */
export type Values = Readonly<Record<string, unknown>>;

/** One row, by the log's clock. */
export interface Measured extends Omit<RecordedRow, "offsetUs"> {
  timeUs: number;
}

export interface Velocity {
  vnCms: number;
  veCms: number;
  vdCms: number;
}

type Fields<T> = Partial<Omit<T, "$typeName" | "$unknown">>;

const INT32_MAX = 2 ** 31 - 1;
/** What is higher or faster is no drone, but a value that was never written. */
const M_MAX = 100_000;
const FIX_3D = 3;
const FIX_RTK = 6;

/** In a smaller unit, as an integer; undefined: it is no number, or too large a one. */
export function scaled(value: unknown, scale: number): number | undefined {
  const result = typeof value === "number" ? Math.round(value * scale) : NaN;
  return Math.abs(result) <= INT32_MAX ? result : undefined;
}

/** As `scaled`, of metres or metres a second. */
export function scaledMetres(value: unknown, scale: number): number | undefined {
  return typeof value === "number" && Math.abs(value) <= M_MAX ? scaled(value, scale) : undefined;
}

/** An integer from 0 on, as it is; undefined: it is none, whatever it should be by its name. */
export function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= INT32_MAX ? value : undefined;
}

/** As `scaled`; undefined as well: it is not above 0, which stands for what is not known. */
export function scaledAbove0(value: unknown, scale: number): number | undefined {
  const result = scaled(value, scale);
  return result !== undefined && result > 0 ? result : undefined;
}

/** Undefined: a part of it is not known. */
export function velocityOf(north: unknown, east: unknown, { down }: { down: unknown }): Velocity | undefined {
  const [vnCms, veCms, vdCms] = [scaledMetres(north, 100), scaledMetres(east, 100), scaledMetres(down, 100)];
  return vnCms === undefined || veCms === undefined ? undefined : { vnCms, veCms, vdCms: vdCms ?? 0 };
}

/** As MAVLink GPS_FIX_TYPE; what is newer than its RTK is a fix in three dimensions at least. */
export function fixTypeOf(value: unknown): number {
  const fixType = countOf(value) ?? 0;
  return fixType > FIX_RTK ? FIX_3D : fixType;
}

/** Null: it is no place on Earth, or 0, 0, which autopilots write before they know one. */
export function positionRow(
  timeUs: number,
  { velocity, ...rest }: Omit<Fields<Position>, keyof Velocity> & { velocity: Velocity | undefined },
): Measured | null {
  const { latE7, lonE7 } = rest;
  const isOnEarth = latE7 !== undefined && lonE7 !== undefined && Math.abs(latE7) <= 9e8 && Math.abs(lonE7) <= 18e8;
  if (!isOnEarth || (latE7 === 0 && lonE7 === 0)) return null;
  const position = create(PositionSchema, { ...rest, ...velocity });
  return { timeUs, position, hasVelocity: velocity !== undefined, battery: null, obstacles: null };
}

/** Null: nothing of it is known. */
export function batteryRow(timeUs: number, values: Fields<Battery>): Measured | null {
  const { id: _, chargeState = 0, ...measured } = values;
  if (chargeState === 0 && Object.values(measured).every((value) => value === undefined)) return null;
  return { timeUs, position: null, hasVelocity: false, battery: create(BatterySchema, values), obstacles: null };
}

/**
 * One drone's recording.
 *
 * @throws {SyntaxError} naming the file, where the drone never says where it is.
 */
export function recordingOf(measured: Measured[], { droneId, fileName }: {
  droneId: string;
  fileName: string;
}): Recording {
  if (!measured.some(({ position }) => position)) {
    throw new SyntaxError(`Cannot read ${fileName}: nothing in it says where the drone is`);
  }
  const firstUs = measured.reduce((least, { timeUs }) => Math.min(least, timeUs), Infinity);
  return { droneId, rows: measured.map(({ timeUs, ...row }) => ({ ...row, offsetUs: timeUs - firstUs })) };
}
