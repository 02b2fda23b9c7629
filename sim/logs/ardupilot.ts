// Flights that ArduPilot has logged (.bin): the first receiver's positions, and each pack's battery.
import type { Recording } from "../recording.ts";
import { dataflashMessages, isDataflash } from "./dataflash.ts";
import {
  batteryRow,
  countOf,
  fixTypeOf,
  type Measured,
  positionRow,
  recordingOf,
  scaled,
  scaledAbove0,
  scaledMetres,
  velocityOf,
} from "./measured.ts";

type Numbers = Readonly<Partial<Record<string, number>>>;

const NAMES: ReadonlySet<string> = new Set(["GPS", "GPA", "POS", "BAT"]);
/** What was told of accuracy and height longer ago says nothing of this position. */
const FRESH_US_MAX = 1_000_000;

/** @throws {SyntaxError} naming the file, where it is no such log, or nothing in it says where the drone is. */
export function readDataflash(
  bytes: Uint8Array<ArrayBuffer>,
  { droneId, fileName }: { droneId: string; fileName: string },
): Recording {
  if (!isDataflash(bytes)) throw new SyntaxError(`Cannot read ${fileName}: it is no log of ArduPilot`);
  const measured: Measured[] = [];
  const last: Partial<Record<string, Numbers>> = {};
  for (const { name, values } of dataflashMessages(bytes, NAMES)) {
    if (!Number.isSafeInteger(values.TimeUS)) continue;
    const row = name === "BAT" ? battery(values) : name === "GPS" ? position(values, last) : null;
    if (row) measured.push(row);
    if (name !== "GPA" || isFirst(values)) last[name] = values;
  }
  return recordingOf(measured, { droneId, fileName });
}

function isFirst({ I: instance }: Numbers): boolean {
  return instance === undefined || instance === 0;
}

function position(gps: Numbers, { GPA, POS }: { GPA?: Numbers; POS?: Numbers }): Measured | null {
  if (!isFirst(gps)) return null;
  const timeUs = gps.TimeUS!;
  const fresh = (values: Numbers | undefined) => values && timeUs - values.TimeUS! <= FRESH_US_MAX ? values : undefined;
  const { Spd: speed = NaN, GCrs: courseDeg = NaN, VZ: down } = gps;
  const course = courseDeg * Math.PI / 180;
  return positionRow(timeUs, {
    latE7: scaled(gps.Lat, 1e7),
    lonE7: scaled(gps.Lng, 1e7),
    altMslMm: scaledMetres(gps.Alt, 1000),
    altHomeMm: scaledMetres(fresh(POS)?.RelHomeAlt, 1000),
    velocity: velocityOf(speed * Math.cos(course), speed * Math.sin(course), { down }),
    hAccMm: scaledAbove0(fresh(GPA)?.HAcc, 1000),
    vAccMm: scaledAbove0(fresh(GPA)?.VAcc, 1000),
    fixType: fixTypeOf(gps.Status),
    satellites: countOf(gps.NSats),
  });
}

// What is not measured is NaN, 0 °C or beyond 100 %.
function battery({ TimeUS, Inst, Instance, Volt, Curr, Temp, RemPct = NaN }: Numbers): Measured | null {
  return batteryRow(TimeUS!, {
    id: countOf(Inst) ?? countOf(Instance) ?? 0,
    voltageMv: scaledAbove0(Volt, 1000),
    currentCa: scaled(Curr, 100),
    remainingCpct: RemPct >= 0 && RemPct <= 100 ? scaled(RemPct, 100) : undefined,
    temperatureCdegc: Temp === 0 ? undefined : scaled(Temp, 100),
  });
}
