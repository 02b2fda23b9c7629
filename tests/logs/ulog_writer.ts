// A log as PX4 writes it, by the public description of ULog: formats, then subscriptions and data.

type Type = "bool" | "int8_t" | "uint8_t" | "uint16_t" | "int32_t" | "uint64_t" | "float" | "double";

export interface Topic {
  name: string;
  /** Behind the timestamp: name, type, and how many where it is an array. */
  fields: readonly (readonly [name: string, type: Type, count?: number])[];
}

/** In one log: what a message says, and when. */
export interface Logged {
  topic: Topic;
  instance?: number;
  timeUs: number;
  values: Record<string, number | readonly number[]>;
}

const MAGIC = [0x55, 0x4c, 0x6f, 0x67, 0x01, 0x12, 0x35, 1];
const SETTERS: Record<Type, [bytes: number, set: (view: DataView, value: number) => void]> = {
  bool: [1, (view, value) => view.setUint8(0, value)],
  int8_t: [1, (view, value) => view.setInt8(0, value)],
  uint8_t: [1, (view, value) => view.setUint8(0, value)],
  uint16_t: [2, (view, value) => view.setUint16(0, value, true)],
  int32_t: [4, (view, value) => view.setInt32(0, value, true)],
  uint64_t: [8, (view, value) => view.setBigUint64(0, BigInt(value), true)],
  float: [4, (view, value) => view.setFloat32(0, value, true)],
  double: [8, (view, value) => view.setFloat64(0, value, true)],
};

/** The bytes of a log with these messages, in this order. */
export function ulogOf(logged: readonly Logged[]): Uint8Array<ArrayBuffer> {
  const topics = [...new Set(logged.map(({ topic }) => topic))];
  const ids = new Map<string, number>();
  const bytes = [...MAGIC, ...number(0, "uint64_t"), ...message("B", new Array<number>(40).fill(0))];
  for (const { name, fields } of topics) {
    const of = fields.map(([field, type, count]) => `${type}${count === undefined ? "" : `[${count}]`} ${field};`);
    // Padding at the end is in the format, and not in the data.
    bytes.push(...message("F", text(`${name}:uint64_t timestamp;${of.join("")}uint8_t[3] _padding0;`)));
  }
  for (const { topic, instance = 0, timeUs, values } of logged) {
    const key = `${topic.name} ${instance}`;
    const id = ids.get(key) ?? ids.size;
    if (!ids.has(key)) {
      ids.set(key, id);
      bytes.push(...message("A", [instance, ...number(id, "uint16_t"), ...text(topic.name)]));
    }
    const data = topic.fields.flatMap(([name, type, count = 1]) => {
      const value = values[name] ?? 0;
      return Array.from({ length: count }, (_, i) => typeof value === "number" ? value : value[i] ?? 0)
        .flatMap((one) => number(one, type));
    });
    bytes.push(...message("D", [...number(id, "uint16_t"), ...number(timeUs, "uint64_t"), ...data]));
  }
  return Uint8Array.from(bytes);
}

function message(type: string, payload: readonly number[]): number[] {
  return [...number(payload.length, "uint16_t"), type.charCodeAt(0), ...payload];
}

function number(value: number, type: Type): number[] {
  const [bytes, set] = SETTERS[type];
  const view = new DataView(new ArrayBuffer(bytes));
  set(view, value);
  return [...new Uint8Array(view.buffer)];
}

function text(value: string): number[] {
  return [...new TextEncoder().encode(value)];
}
