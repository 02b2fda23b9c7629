// Logs of ArduPilot (.bin). They say themselves what is in them: FMT messages name the others and their fields.

/** One message: its fields by name, numbers in the units that the log says they have; what TYPES does not read is left out. */
export interface DataflashMessage {
  name: string;
  values: Record<string, number>;
}

interface Field {
  name: string;
  at: number;
  read: (view: DataView, at: number) => number;
}

interface Format {
  name: string;
  bytes: number;
  fields: Field[];
}

const HEAD = [0xa3, 0x95] as const;
const HEADER_BYTES = 3;
const FMT = { type: 0x80, bytes: 89, name: [5, 9], format: [9, 25], columns: [25, 89] } as const;

const i16 = (view: DataView, at: number) => view.getInt16(at, true);
const u16 = (view: DataView, at: number) => view.getUint16(at, true);
const i32 = (view: DataView, at: number) => view.getInt32(at, true);
const u32 = (view: DataView, at: number) => view.getUint32(at, true);

/** By letter of FMT.Format: bytes, and how a number is read; without: what no field here is, such as a text. */
const TYPES: Partial<Record<string, [bytes: number, read?: Field["read"]]>> = {
  a: [64],
  b: [1, (view, at) => view.getInt8(at)],
  B: [1, (view, at) => view.getUint8(at)],
  c: [2, (view, at) => i16(view, at) / 100],
  C: [2, (view, at) => u16(view, at) / 100],
  d: [8, (view, at) => view.getFloat64(at, true)],
  e: [4, (view, at) => i32(view, at) / 100],
  E: [4, (view, at) => u32(view, at) / 100],
  f: [4, (view, at) => view.getFloat32(at, true)],
  g: [2],
  h: [2, i16],
  H: [2, u16],
  i: [4, i32],
  I: [4, u32],
  L: [4, (view, at) => i32(view, at) / 1e7],
  M: [1, (view, at) => view.getUint8(at)],
  n: [4],
  N: [16],
  q: [8, (view, at) => Number(view.getBigInt64(at, true))],
  Q: [8, (view, at) => Number(view.getBigUint64(at, true))],
  Z: [64],
};

/** Whether it begins as such a log does. */
export function isDataflash(bytes: Uint8Array): boolean {
  return bytes[0] === HEAD[0] && bytes[1] === HEAD[1];
}

/**
 * The messages with these names, in the order of the log. What is none is skipped, byte by byte; a message that the log
 * ends in is left out.
 */
export function* dataflashMessages(
  bytes: Uint8Array<ArrayBuffer>,
  names: ReadonlySet<string>,
): Generator<DataflashMessage> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const formats: (Format | undefined)[] = [];
  formats[FMT.type] = { name: "FMT", bytes: FMT.bytes, fields: [] };
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const format = bytes[at] === HEAD[0] && bytes[at + 1] === HEAD[1] ? formats[bytes[at + 2]!] : undefined;
    if (!format) {
      at++;
      continue;
    }
    if (at + format.bytes > bytes.length) break;
    if (bytes[at + 2] === FMT.type) define(formats, bytes.subarray(at, at + FMT.bytes));
    else if (names.has(format.name)) yield { name: format.name, values: valuesOf(view, { format, at }) };
    at += format.bytes;
  }
}

// A message that is defined anew is what it was last said to be; one whose length does not fit its fields is skipped.
function define(formats: (Format | undefined)[], message: Uint8Array<ArrayBuffer>): void {
  const text = ([from, to]: readonly [number, number]) =>
    new TextDecoder().decode(message.subarray(from, to)).replace(/\0.*$/s, "");
  const [type, bytes] = [message[HEADER_BYTES]!, message[HEADER_BYTES + 1]!];
  if (type === FMT.type) return;
  const columns = text(FMT.columns).split(",");
  const fields: Field[] = [];
  let at = HEADER_BYTES;
  for (const [i, letter] of [...text(FMT.format)].entries()) {
    const [size, read] = TYPES[letter] ?? [Infinity];
    const name = columns[i];
    if (read && name) fields.push({ name, at, read });
    at += size;
  }
  formats[type] = bytes < HEADER_BYTES
    ? undefined
    : { name: text(FMT.name), bytes, fields: at === bytes ? fields : [] };
}

function valuesOf(view: DataView, { format, at }: { format: Format; at: number }): Record<string, number> {
  return Object.fromEntries(format.fields.map((field) => [field.name, field.read(view, at + field.at)]));
}
