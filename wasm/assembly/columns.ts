// A packed column of deltas as protobuf's `repeated sint32`: wrapping modulo 2^32, trailing zeros left out, nothing at
// all when every delta is zero. Writers take where to write and return where they stopped.
import { HIT_BYTES, LANE_HITS, LANE_RECORDS, RECORD_FIRST_HIT, RECORD_HIT_COUNT } from "./layout";

/** Room for a tag and a length before the content, whose length is known only afterwards. */
export const HEADER_BYTES: usize = 7;
const WIRE_LEN: u32 = 2;

/** One column of the rows at `rows` + the low half of each key; `column` is the value's offset in a row. */
export function writeColumn(at: usize, field: u32, keys: usize, count: u32, rows: usize, column: usize): usize {
  const content = at + HEADER_BYTES;
  const values = rows + column;
  let pos = content;
  let end = content;
  let previous: u32 = 0;
  for (let key = keys, last = keys + count * 8; key < last; key += 8) {
    const value = load<u32>(values + load<u32>(key));
    const zigzag = zigzagOf(value - previous);
    previous = value;
    pos = writeVarint(pos, zigzag);
    end = zigzag == 0 ? end : pos;
  }
  return end == content ? at : closeField(at, field, end);
}

/** The same over the hits of the scans of a lane. */
export function writeHitColumn(at: usize, field: u32, keys: usize, count: u32, lane: usize, column: usize): usize {
  const content = at + HEADER_BYTES;
  let pos = content;
  let end = content;
  let previous: u32 = 0;
  for (let key = keys, last = keys + count * 8; key < last; key += 8) {
    const scan = lane + LANE_RECORDS + load<u32>(key);
    let hit = lane + LANE_HITS + load<u32>(scan + RECORD_FIRST_HIT) * HIT_BYTES + column;
    for (let left = load<u32>(scan + RECORD_HIT_COUNT); left > 0; left--, hit += HIT_BYTES) {
      const value = load<u32>(hit);
      const zigzag = zigzagOf(value - previous);
      previous = value;
      pos = writeVarint(pos, zigzag);
      end = zigzag == 0 ? end : pos;
    }
  }
  return end == content ? at : closeField(at, field, end);
}

/** Puts tag and length before content that ends at `end` and began `HEADER_BYTES` behind `at`; the new end. */
export function closeField(at: usize, field: u32, end: usize): usize {
  const content = at + HEADER_BYTES;
  const length = end - content;
  const start = writeShortVarint(writeShortVarint(at, field << 3 | WIRE_LEN), <u32> length);
  memory.copy(start, content, length);
  return start + length;
}

export function writeUint32(at: usize, field: u32, value: u32): usize {
  return value == 0 ? at : writeVarint(writeVarint(at, field << 3), value);
}

// Writes only its own bytes, which the content behind a header needs.
function writeShortVarint(at: usize, value: u32): usize {
  while (value >= 0x80) {
    store<u8>(at++, value | 0x80);
    value >>>= 7;
  }
  store<u8>(at, value);
  return at + 1;
}

function zigzagOf(delta: u32): u32 {
  return delta << 1 ^ <u32> (<i32> delta >> 31);
}

// Without a branch on the number of bytes: which it is cannot be predicted. Spreads the bits over 8 bytes in three
// steps, marks all but the last, and stores 8; those past the value are overwritten by what follows.
function writeVarint(at: usize, value: u32): usize {
  if (value < 0x80) {
    store<u8>(at, value);
    return at + 1;
  }
  let spread = <u64> value;
  spread = spread & 0xfffffff | (spread & 0xf0000000) << 4;
  spread = spread & 0x3fff | (spread & 0xfffc000) << 2 | spread & 0xf00000000;
  spread = spread & 0x7f | (spread & 0x3f80) << 1 | spread & 0x7f0000 | (spread & 0x3f800000) << 1 |
    spread & 0xf00000000;
  const bytes = (38 - clz<u32>(value)) / 7;
  const marks: u64 = 0x8080808080808080 & ((<u64> 1 << <u64> (bytes * 8 - 8)) - 1);
  store<u64>(at, spread | marks);
  return at + bytes;
}
