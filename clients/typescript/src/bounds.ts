// Between what each number of a record must be: what its protobuf type holds, and what its unit allows.
import { FieldError } from "./problem.ts";

/** Both ends are allowed. */
type Bounds = readonly [least: number, most: number];

export const UINT32: Bounds = [0, 2 ** 32 - 1];
const SINT32: Bounds = [-(2 ** 31), 2 ** 31 - 1];

export const POSITION_BOUNDS: Record<string, Bounds> = {
  latE7: [-900_000_000, 900_000_000],
  lonE7: [-1_800_000_000, 1_800_000_000],
  ...{ altMslMm: SINT32, altHomeMm: SINT32, vnCms: SINT32, veCms: SINT32, vdCms: SINT32 },
  headingCdeg: [0, 35_999],
  ...{ hAccMm: UINT32, vAccMm: UINT32, fixType: UINT32, satellites: UINT32 },
};

export const BATTERY_BOUNDS: Record<string, Bounds> = {
  ...{ id: UINT32, voltageMv: UINT32, currentCa: SINT32 },
  remainingCpct: [0, 10_000],
  ...{ temperatureCdegc: SINT32, chargeState: UINT32 },
};

export const SCAN_BOUNDS: Record<string, Bounds> = { sensorId: UINT32, frame: [0, 1], maxRangeCm: UINT32 };

export const HIT_BOUNDS: Record<string, Bounds> = {
  ...{ bearingCdeg: SINT32, elevationCdeg: SINT32, rangeCm: UINT32, rangeRateCms: SINT32 },
};

/** @throws {FieldError} naming the first of its fields that is unknown, or not between its bounds */
export function checkFields(name: string, fields: object, bounds: Record<string, Bounds>): void {
  for (const [field, value] of Object.entries(fields)) {
    const own = bounds[field];
    if (!own && !field.startsWith("$")) {
      throw new FieldError(`${name}.${field}`, `a record has ${Object.keys(bounds).join(", ")} there`);
    }
    if (own && value !== undefined) checkWhole(`${name}.${field}`, value, own);
  }
}

/** @throws {FieldError} */
export function checkWhole(name: string, value: unknown, [least, most]: Bounds): void {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    throw new FieldError(name, `it must be a whole number from ${least} to ${most}`, { value });
  }
}

/** UTF-8 of so many bytes at least and at most. @throws {FieldError} */
export function checkText(name: string, value: unknown, [least, most]: Bounds): void {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value).length : -1;
  const isWhole = typeof value === "string" && value.isWellFormed();
  if (!isWhole || bytes < least || bytes > most) {
    throw new FieldError(name, `it must be ${least} to ${most} bytes of UTF-8`, {
      value: bytes < 0 ? value : `${bytes} bytes`,
    });
  }
}
