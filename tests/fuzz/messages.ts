// Changes of protobuf messages that keep most of them readable: fields repeated, removed, moved, taken from another
// message, of other wire types and numbers; varints that are longer than they need be; lengths that lie; groups.
import type { Random } from "../../sim/random.ts";
import { changedBytes, concatenated, pick } from "./bytes.ts";

interface Field {
  tag: number;
  /** All of it. */
  bytes: Uint8Array;
  /** Behind tag and length. */
  content: Uint8Array;
}

const LEN = 2;
const DEPTH_MAX = 6;
const VALUES = [
  0n,
  1n,
  127n,
  128n,
  255n,
  256n,
  65_535n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 32n,
  1n << 63n,
  (1n << 64n) - 1n,
];

/** The fields of a message; null where it is none. */
export function fieldsOf(bytes: Uint8Array): Field[] | null {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = varint(bytes, at);
    if (!tag || tag.value < 8 || tag.value > 0xffff_ffff) return null;
    const end = endOf(bytes, tag.end, tag.value & 7);
    if (!end) return null;
    fields.push({ tag: tag.value, bytes: bytes.subarray(at, end.to), content: bytes.subarray(end.from, end.to) });
    at = end.to;
  }
  return fields;
}

function endOf(bytes: Uint8Array, at: number, wire: number): { from: number; to: number } | null {
  const length = wire === LEN ? varint(bytes, at) : null;
  const from = length?.end ?? at;
  const to = wire === 0
    ? varint(bytes, at)?.end ?? Infinity
    : wire === 1
    ? at + 8
    : wire === 5
    ? at + 4
    : length
    ? length.end + length.value
    : Infinity;
  return to <= bytes.length ? { from, to } : null;
}

function varint(bytes: Uint8Array, at: number): { value: number; end: number } | null {
  let value = 0;
  for (let i = 0; i < 10 && at + i < bytes.length; i++) {
    value += (bytes[at + i]! & 0x7f) * 2 ** (7 * i);
    if (bytes[at + i]! < 0x80) return { value, end: at + i + 1 };
  }
  return null;
}

/** `padding`: so many bytes more than it needs. */
export function encodeVarint(value: bigint | number, padding = 0): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  if (padding > 0) {
    bytes[bytes.length - 1]! |= 128;
    for (let left = padding - 1; left > 0; left--) bytes.push(128);
    bytes.push(0);
  }
  return bytes;
}

function encodeField(tag: number, content: Uint8Array, lie = 0): Uint8Array {
  const length = (tag & 7) === LEN ? encodeVarint(Math.max(0, content.length + lie)) : [];
  return concatenated([encodeVarint(tag), length, content]);
}

type Change = (fields: Uint8Array[], at: number, parts: { field: Field; random: Random; others: Field[] }) => void;

const CHANGES: Change[] = [
  function remove(fields, at) {
    fields.splice(at, 1);
  },
  function repeat(fields, at, { field, random }) {
    fields.splice(at, 0, ...Array<Uint8Array>(random.chance(0.1) ? random.whole(60, 300) : 1).fill(field.bytes));
  },
  function move(fields, at, { field, random }) {
    fields.splice(at, 1);
    fields.splice(random.whole(0, fields.length), 0, field.bytes);
  },
  function take(fields, at, { random, others }) {
    if (others.length > 0) fields.splice(at, random.whole(0, 1), pick(random, others).bytes);
  },
  function changeWireType(fields, at, { field, random }) {
    fields[at] = encodeField(field.tag & ~7 | random.whole(0, 7), field.content);
  },
  function changeNumber(fields, at, { field, random }) {
    fields[at] = encodeField(random.whole(0, 20) << 3 | field.tag & 7, field.content);
  },
  function changeValue(fields, at, { field, random }) {
    if ((field.tag & 7) !== 0) return;
    fields[at] = concatenated([encodeVarint(field.tag), encodeVarint(pick(random, VALUES))]);
  },
  function inflate(fields, at, { field, random }) {
    const value = (field.tag & 7) === 0 ? BigInt(varint(field.content, 0)!.value >>> 0) : null;
    const tag = encodeVarint(field.tag, random.whole(0, 1) * random.whole(0, 4));
    const length = (field.tag & 7) === LEN ? encodeVarint(field.content.length, random.whole(0, 6)) : [];
    const content = value === null ? field.content : encodeVarint(value, random.whole(0, 9));
    fields[at] = concatenated([tag, length, content]);
  },
  function lie(fields, at, { field, random }) {
    fields[at] = encodeField(field.tag, field.content, pick(random, [-1, 1, 7, 2 ** 31, 2 ** 32]));
  },
  function addUnknown(fields, at, { random }) {
    const number = pick(random, [15, 100, 19_000, 2 ** 29 - 1]);
    const content = [[1], Array<number>(8).fill(1), [2, 8, 1], [], [], [1, 2, 3, 4]];
    const wire = pick(random, [0, 1, 2, 5]);
    fields.splice(at, 0, concatenated([encodeVarint(number * 8 + wire), content[wire]!]));
  },
  function addGroups(fields, at, { random }) {
    const depth = pick(random, [1, 2, 50, 150, 5000]);
    const ends = random.chance(0.8) ? depth : depth - 1;
    fields.splice(at, 0, concatenated([new Uint8Array(depth).fill(0x7b), new Uint8Array(ends).fill(0x7c)]));
  },
];

/** Changed somewhere, in a message within it as likely as in itself. */
export function changedMessage(bytes: Uint8Array, random: Random, other: Uint8Array, depth = 0): Uint8Array {
  const fields = bytes.length > 0 && depth < DEPTH_MAX ? fieldsOf(bytes) : null;
  if (!fields) return changedBytes(bytes, random, other);
  const at = random.whole(0, fields.length - 1);
  const field = fields[at]!;
  const parts = fields.map((field) => field.bytes);
  if ((field.tag & 7) === LEN && random.chance(0.6)) {
    parts[at] = encodeField(field.tag, changedMessage(field.content, random, other, depth + 1));
  } else pick(random, CHANGES)(parts, at, { field, random, others: within(other, depth) });
  return concatenated(parts);
}

// What stands as deep in the other message, on one way down.
function within(bytes: Uint8Array, depth: number): Field[] {
  const fields = fieldsOf(bytes) ?? [];
  if (depth === 0) return fields;
  const inner = fields.findLast(({ tag, content }) => (tag & 7) === LEN && fieldsOf(content));
  return inner ? within(inner.content, depth - 1) : fields;
}
