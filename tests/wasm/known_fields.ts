// The wire format read by the book, driven by the schema: what the hot path must accept, without what it must skip.
import { type DescMessage, ScalarType } from "@bufbuild/protobuf";

const WIRE_OF_SCALAR: Partial<Record<ScalarType, number>> = {
  [ScalarType.UINT32]: 0,
  [ScalarType.UINT64]: 0,
  [ScalarType.SINT32]: 0,
  [ScalarType.FIXED64]: 1,
  [ScalarType.STRING]: 2,
  [ScalarType.SFIXED32]: 5,
};

/** The message with its known fields alone; null when it is malformed. A known number of another wire type is unknown. */
export function knownFields(bytes: Uint8Array, message: DescMessage): number[] | null {
  const out: number[] = [];
  let pos = 0;
  while (pos < bytes.length) {
    const tag = varint(bytes, pos);
    if (!tag || tag.value >= 2n ** 32n || tag.end - pos > 5) return null;
    pos = tag.end;
    const wire = Number(tag.value & 7n);
    const number = Number(tag.value >> 3n);
    if (number === 0) return null;
    const content = contentOf(bytes, pos, wire);
    if (!content) return null;
    pos = content.end;
    const field = message.fields.find((field) => field.number === number);
    const child = field?.message;
    const expected = child ? 2 : WIRE_OF_SCALAR[field?.scalar ?? ScalarType.BOOL] ?? wireOfList(field);
    if (wire !== expected) continue;
    let value = [...content.value];
    if (child) {
      const inner = knownFields(content.value, child);
      if (!inner) return null;
      value = inner;
    } else if (wire === 2 && !isUtf8(content.value)) return null;
    out.push(...encodeVarint(Number(tag.value)), ...(wire === 2 ? encodeVarint(value.length) : []), ...value);
  }
  return out;
}

function wireOfList(field: DescMessage["fields"][number] | undefined): number | undefined {
  return field?.fieldKind === "list" && field.listKind === "message" ? 2 : undefined;
}

function contentOf(bytes: Uint8Array, pos: number, wire: number): { value: Uint8Array; end: number } | null {
  let from = pos;
  let end = pos;
  if (wire === 0) end = varint(bytes, pos)?.end ?? Infinity;
  else if (wire === 1) end = pos + 8;
  else if (wire === 5) end = pos + 4;
  else if (wire === 2) {
    const length = varint(bytes, pos);
    if (!length) return null;
    from = length.end;
    end = from + Number(length.value);
  } else return null;
  return end <= bytes.length ? { value: bytes.subarray(from, end), end } : null;
}

function varint(bytes: Uint8Array, pos: number): { value: bigint; end: number } | null {
  let value = 0n;
  for (let i = 0; i < 10 && pos + i < bytes.length; i++) {
    value |= BigInt(bytes[pos + i]! & 0x7f) << BigInt(7 * i);
    if (bytes[pos + i]! < 0x80) return { value: value & (2n ** 64n - 1n), end: pos + i + 1 };
  }
  return null;
}

function encodeVarint(value: number): number[] {
  const out: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) out.push(value % 128 | 128);
  return [...out, value];
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
