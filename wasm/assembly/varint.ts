// Protobuf's wire format, read without ever moving past `end`. A reader leaves the position behind what it read in
// `next`, 0 if that is malformed: a global is WASM's only second return value.
import { RESULT_UNKNOWN_FIELDS } from "./layout";

export const WIRE_VARINT: u32 = 0;
export const WIRE_I64: u32 = 1;
export const WIRE_LEN: u32 = 2;
export const WIRE_I32: u32 = 5;

/** Behind the last value read; 0: it was malformed. */
export let next: usize = 0;

/** At most 10 bytes; bits past the 64th are dropped, as @bufbuild/protobuf does. */
export function readVarint(pos: usize, end: usize): u64 {
  if (pos >= end) return fail();
  const first = load<u8>(pos);
  if (first < 0x80) {
    next = pos + 1;
    return first;
  }
  return readLongVarint(pos, end);
}

function readLongVarint(pos: usize, end: usize): u64 {
  const left = end - pos;
  const bytesMax: usize = left < 10 ? left : 10;
  let value: u64 = 0;
  let shift: u64 = 0;
  for (let i: usize = 0; i < bytesMax; i++) {
    const byte = <u64> load<u8>(pos + i);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      next = pos + i + 1;
      return value;
    }
    shift += 7;
  }
  return fail();
}

/** A tag has at most 5 bytes and 32 bits. */
export function readTag(pos: usize, end: usize): u32 {
  if (pos < end) {
    const first = load<u8>(pos);
    if (first < 0x80) {
      next = pos + 1;
      return first;
    }
  }
  const tag = readVarint(pos, end);
  if (next == 0) return 0;
  const bytes = next - pos;
  if (bytes > 5 || (bytes == 5 && load<u8>(next - 1) > 0x0f)) return <u32> fail();
  return <u32> tag;
}

/** A length that fits between its own end and `end`; `next` is then the first byte of the content. */
export function readLength(pos: usize, end: usize): usize {
  const length = readVarint(pos, end);
  if (next == 0) return 0;
  if (length > <u64> (end - next)) return <usize> fail();
  return <usize> length;
}

/** Skips a field that is not known and counts it; field number 0, groups and wire types 6 and 7 are malformed. */
export function skipUnknown(tag: u32, pos: usize, end: usize): usize {
  const wire = tag & 7;
  if (tag >>> 3 == 0) return 0;
  store<u32>(RESULT_UNKNOWN_FIELDS, load<u32>(RESULT_UNKNOWN_FIELDS) + 1);
  if (wire == WIRE_VARINT) {
    readVarint(pos, end);
    return next;
  }
  if (wire == WIRE_LEN) {
    const length = readLength(pos, end);
    return next == 0 ? 0 : next + length;
  }
  if (wire == WIRE_I64) return end - pos < 8 ? 0 : pos + 8;
  if (wire == WIRE_I32) return end - pos < 4 ? 0 : pos + 4;
  return 0;
}

function fail(): u64 {
  next = 0;
  return 0;
}
