// Recorded flights from CSV: positions with an optional battery, or a battery alone. An empty cell is a value that the
// source did not have. A row that repeats the one before is a measurement as well.
import { create } from "@bufbuild/protobuf";
import {
  type Battery,
  BatterySchema,
  type ObstacleScan,
  type Position,
  PositionSchema,
} from "../proto/gen/slipstream/v1/telemetry_pb.ts";

/** One row: what was measured at one time. */
export interface RecordedRow {
  /** Since the first row of the file. */
  offsetUs: number;
  position: Position | null;
  /** Whether the position's horizontal velocity is in the source; where it is not, 0 stands there. */
  hasVelocity: boolean;
  battery: Battery | null;
  obstacles: ObstacleScan | null;
}

export interface Recording {
  droneId: string;
  rows: RecordedRow[];
}

const FLIGHT_COLUMNS = "t_ms,drone_id,lat_deg,lon_deg,alt_m,vn_mps,ve_mps,vd_mps,battery_v,battery_pct".split(",");
const BATTERY_COLUMNS = "t_s,drone_id,voltage_v,current_a,consumed_mah".split(",");
const FIX_3D = 3;
const PROBLEMS_MAX = 10;
/** What each column may hold; the rest are speeds and altitudes, bounded by what their integers can carry. */
const LIMITS: Record<string, [low: number, high: number]> = {
  t_ms: [0, 1e15],
  t_s: [0, 1e12],
  lat_deg: [-90, 90],
  lon_deg: [-180, 180],
  battery_v: [0, 1000],
  voltage_v: [0, 1000],
  battery_pct: [0, 100],
};
const LIMIT_DEFAULT: [number, number] = [-100_000, 100_000];

/**
 * Reads one CSV file: one recording for each drone id in it, in the order of the rows.
 *
 * @throws {SyntaxError} naming the file and the line of each bad row.
 */
export function readRecordings(csv: string, fileName: string): Recording[] {
  const lines = csv.split(/\r?\n/);
  const header = lines[0] ?? "";
  const columns = [FLIGHT_COLUMNS, BATTERY_COLUMNS].find((known) => known.join(",") === header);
  if (!columns) {
    throw new SyntaxError(
      `Cannot read ${fileName}:1: the header must be ${FLIGHT_COLUMNS.join(",")} or ${BATTERY_COLUMNS.join(",")}`,
    );
  }
  const problems: string[] = [];
  const recordings = new Map<string, Recording>();
  let firstUs: number | undefined;
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line === "") continue;
    const row = readRow(line, columns);
    if (typeof row === "string") {
      problems.push(`Cannot read ${fileName}:${index + 1}: ${row}`);
      continue;
    }
    firstUs ??= row.timeUs;
    const recording = recordings.get(row.droneId) ?? { droneId: row.droneId, rows: [] };
    recordings.set(row.droneId, recording);
    recording.rows.push({ offsetUs: row.timeUs - firstUs, ...measurements(row.values) });
  }
  if (problems.length === 0 && recordings.size === 0) problems.push(`Cannot read ${fileName}:2: there are no rows`);
  if (problems.length > 0) {
    const more = problems.length - PROBLEMS_MAX;
    throw new SyntaxError([...problems.slice(0, PROBLEMS_MAX), ...(more > 0 ? [`and ${more} more`] : [])].join("\n"));
  }
  return [...recordings.values()];
}

interface Row {
  timeUs: number;
  droneId: string;
  values: Partial<Record<string, number>>;
}

// What is wrong, where a row is bad.
function readRow(line: string, columns: string[]): Row | string {
  const cells = line.split(",");
  if (cells.length !== columns.length) return `${cells.length} cells instead of ${columns.length}`;
  const values: Partial<Record<string, number>> = {};
  for (const [i, column] of columns.entries()) {
    const cell = cells[i]!.trim();
    if (column === "drone_id" || cell === "") continue;
    const value = Number(cell);
    const [low, high] = LIMITS[column] ?? LIMIT_DEFAULT;
    if (!Number.isFinite(value)) return `${column} is "${cell}", not a number`;
    if (value < low || value > high) return `${column} is ${cell}, not within ${low} and ${high}`;
    values[column] = value;
  }
  const timeUs = values.t_ms !== undefined ? values.t_ms * 1000 : (values.t_s ?? NaN) * 1e6;
  if (Number.isNaN(timeUs)) return `${columns[0]} is empty`;
  const droneId = cells[1]!.trim();
  const idBytes = new TextEncoder().encode(droneId).length;
  if (idBytes < 1 || idBytes > 64) return `drone_id has ${idBytes} bytes, not 1 to 64`;
  if ((values.lat_deg === undefined) !== (values.lon_deg === undefined)) return "one of lat_deg and lon_deg is empty";
  return { timeUs: Math.round(timeUs), droneId, values };
}

function measurements(values: Row["values"]): Omit<RecordedRow, "offsetUs"> {
  const scaled = (column: string, scale: number) => {
    const value = values[column];
    return value === undefined ? undefined : Math.round(value * scale);
  };
  const latE7 = scaled("lat_deg", 1e7);
  const lonE7 = scaled("lon_deg", 1e7);
  const voltageMv = scaled("battery_v", 1000) ?? scaled("voltage_v", 1000);
  const remainingCpct = scaled("battery_pct", 100);
  const currentCa = scaled("current_a", 100);
  const hasBattery = voltageMv !== undefined || remainingCpct !== undefined || currentCa !== undefined;
  return {
    position: latE7 === undefined || lonE7 === undefined ? null : create(PositionSchema, {
      latE7,
      lonE7,
      altMslMm: scaled("alt_m", 1000),
      vnCms: scaled("vn_mps", 100),
      veCms: scaled("ve_mps", 100),
      vdCms: scaled("vd_mps", 100),
      fixType: FIX_3D,
    }),
    hasVelocity: values.vn_mps !== undefined && values.ve_mps !== undefined,
    battery: hasBattery ? create(BatterySchema, { voltageMv, currentCa, remainingCpct }) : null,
    obstacles: null,
  };
}
