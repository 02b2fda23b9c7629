// A log as ArduPilot writes it: a message that says what messages are, one for each kind, and what was logged.

export interface Kind {
  name: string;
  /** A letter for each column. */
  format: string;
  columns: string;
}

export interface Logged {
  kind: Kind;
  /** By column, as numbers of the size that the format says: 1250 for 12.5 where that is in hundredths. */
  values: Record<string, number>;
}

export const FMT: Kind = { name: "FMT", format: "BBnNZ", columns: "Type,Length,Name,Format,Columns" };
export const GPS: Kind = {
  name: "GPS",
  format: "QBBIHBcLLeffffB",
  columns: "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U",
};
export const GPA: Kind = {
  name: "GPA",
  format: "QBCCCCfBIHfB",
  columns: "TimeUS,I,VDop,HAcc,VAcc,SAcc,YAcc,VV,SMS,Delta,Und,cn0",
};
export const POS: Kind = { name: "POS", format: "QLLfff", columns: "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt" };
export const BAT: Kind = {
  name: "BAT",
  format: "QBfffffcfBBB",
  columns: "TimeUS,Inst,Volt,VoltR,Curr,CurrTot,EnrgTot,Temp,Res,RemPct,H,SH",
};
/** Every letter that there is. */
export const ALL: Kind = {
  name: "ALL",
  format: "QabBcCdeEfghHiIL",
  columns: "TimeUS,a,b,B,c,C,d,e,E,f,g,h,H,i,I,L",
};
export const REST: Kind = { name: "REST", format: "MnNqQZ", columns: "M,n,N,q,Q,Z" };

const FMT_TYPE = 0x80;
const FIRST_TYPE = 0x81;
const SIZES: Record<string, number> = {
  ...{ a: 64, b: 1, B: 1, c: 2, C: 2, d: 8, e: 4, E: 4, f: 4, g: 2, h: 2, H: 2, i: 4, I: 4, L: 4, M: 1, n: 4, N: 16 },
  ...{ q: 8, Q: 8, Z: 64 },
};

/** The bytes of a log with these messages, in this order. */
export function dataflashOf(logged: readonly Logged[]): Uint8Array<ArrayBuffer> {
  const kinds = [...new Set(logged.map(({ kind }) => kind))];
  const defined = [definition(FMT_TYPE, FMT), ...kinds.map((kind, i) => definition(FIRST_TYPE + i, kind))];
  const said = logged.map(({ kind, values }) => {
    const data = kind.columns.split(",").flatMap((column, i) => number(kind.format[i]!, values[column] ?? 0));
    return [...header(FIRST_TYPE + kinds.indexOf(kind)), ...data];
  });
  return Uint8Array.from([...defined, ...said].flat());
}

/** The message that says what a kind is, of this length or its own. */
export function definition(type: number, { name, format, columns }: Kind, length?: number): number[] {
  const own = [...format].reduce((sum, letter) => sum + (SIZES[letter] ?? 0), 3);
  return [...header(FMT_TYPE), type, length ?? own, ...text(name, 4), ...text(format, 16), ...text(columns, 64)];
}

function header(type: number): number[] {
  return [0xa3, 0x95, type];
}

function text(value: string, bytes: number): number[] {
  return [...new TextEncoder().encode(value.padEnd(bytes, "\0"))];
}

function number(letter: string, value: number): number[] {
  const view = new DataView(new ArrayBuffer(SIZES[letter]!));
  if (letter === "f") view.setFloat32(0, value, true);
  else if (letter === "d") view.setFloat64(0, value, true);
  else if ("qQ".includes(letter)) view.setBigInt64(0, BigInt(value), true);
  else if (view.byteLength === 4) view.setInt32(0, value, true);
  else if (view.byteLength === 2) view.setInt16(0, value, true);
  else view.setInt8(0, value);
  return [...new Uint8Array(view.buffer)];
}
