// The scalar fields of a body, for all kinds with one loop: which numbers are varints, which of those are zigzag,
// which are fixed32, and which bit of `presence` a number has, come as constants. As for a Position:
//
//   field number   12 11 10  9  8  7  6  5  4  3  2  1  0
//   varint          1  1  1  1  1  1  1  1  1  1  0  0  0     0b1_1111_1111_1000
//     zigzag        0  0  0  0  0  1  1  1  1  1  0  0  0     0b0_0000_1111_1000: sint32
//   fixed32         0  0  0  0  0  0  0  0  0  0  1  1  0     0b0_0000_0000_0110: lat_e7, lon_e7
//   presence + 1    6  0  5  4  3  0  0  0  2  1  0  0  0     0x6_0543_0002_1000: what is `optional`, in order
//
// A value lands in the payload at (number - 1) * 4, whatever its type.
import { next, readLength, readTag, readVarint, skipUnknown, WIRE_I32, WIRE_LEN, WIRE_VARINT } from "./varint";
import {
  FRAME_HITS_MAX,
  HIT_BYTES,
  HIT_PRESENCE,
  KIND_BATTERY,
  KIND_POSITION,
  RECORD_HIT_COUNT,
  RECORD_PAYLOAD,
  RECORD_PRESENCE,
  SCRATCH_HITS,
  STATE_FRAME_HITS,
} from "./layout";

// One bit a field number; presence holds 4 bits a field number: the presence bit + 1, 0 for none.
const POSITION_VARINTS: u32 = 0b1_1111_1111_1000;
const POSITION_ZIGZAGS: u32 = 0b0_0000_1111_1000;
const POSITION_FIXED: u32 = 0b110;
const POSITION_PRESENCE: u64 = 0x6_0543_0002_1000;
const BATTERY_VARINTS: u32 = 0b111_1110;
const BATTERY_ZIGZAGS: u32 = 0b010_1000;
const BATTERY_PRESENCE: u64 = 0x43_2100;
const SCAN_VARINTS: u32 = 0b1110;
const SCAN_HITS_TAG: u32 = 4 << 3 | WIRE_LEN;
const HIT_VARINTS: u32 = 0b1_1110;
const HIT_ZIGZAGS: u32 = 0b1_0110;
const HIT_PRESENCE_BITS: u64 = 0x1_0000;

/** Reads a body of `kind` into a scratch record, over what it already holds: embedded messages merge. */
export function readBody(record: usize, kind: u32, pos: usize, end: usize): bool {
  const payload = record + RECORD_PAYLOAD;
  const presence = record + RECORD_PRESENCE;
  if (kind == KIND_POSITION) {
    return readFields(
      pos,
      end,
      payload,
      presence,
      POSITION_VARINTS,
      POSITION_ZIGZAGS,
      POSITION_FIXED,
      POSITION_PRESENCE,
    );
  }
  if (kind == KIND_BATTERY) {
    return readFields(pos, end, payload, presence, BATTERY_VARINTS, BATTERY_ZIGZAGS, 0, BATTERY_PRESENCE);
  }
  return readScan(record, pos, end);
}

// More arguments than the style allows: they are constants at each call, and the function is the inner loop.
function readFields(
  pos: usize,
  end: usize,
  payload: usize,
  presence: usize,
  varints: u32,
  zigzags: u32,
  fixed: u32,
  presenceBits: u64,
): bool {
  let present = load<u32>(presence);
  while (pos < end) {
    const tag = readTag(pos, end);
    if (next == 0) return false;
    pos = next;
    const wire = tag & 7;
    const field = tag >>> 3;
    // A shift wraps at 32, so the number is checked before it is looked up.
    if (wire == WIRE_VARINT && field < 16 && (varints >>> field & 1) != 0) {
      const raw = <u32> readVarint(pos, end);
      if (next == 0) return false;
      pos = next;
      const zigzag = zigzags >>> field & 1;
      store<u32>(payload + (field - 1) * 4, zigzag ? raw >>> 1 ^ (0 - (raw & 1)) : raw);
      present |= <u32> 1 << <u32> (presenceBits >>> <u64> (field * 4) & 15) >>> 1;
    } else if (wire == WIRE_I32 && field < 16 && (fixed >>> field & 1) != 0) {
      if (end - pos < 4) return false;
      store<u32>(payload + (field - 1) * 4, load<u32>(pos));
      pos += 4;
    } else {
      pos = skipUnknown(tag, pos, end);
      if (pos == 0) return false;
    }
  }
  store<u32>(presence, present);
  return true;
}

function readScan(record: usize, pos: usize, end: usize): bool {
  while (pos < end) {
    const tag = readTag(pos, end);
    if (next == 0) return false;
    pos = next;
    const field = tag >>> 3;
    if (tag == SCAN_HITS_TAG) {
      const length = readLength(pos, end);
      if (next == 0) return false;
      pos = next + length;
      if (!readHit(record, next, pos)) return false;
    } else if ((tag & 7) == WIRE_VARINT && field < 16 && (SCAN_VARINTS >>> field & 1) != 0) {
      const raw = <u32> readVarint(pos, end);
      if (next == 0) return false;
      pos = next;
      store<u32>(record + RECORD_PAYLOAD + (field - 1) * 4, raw);
    } else {
      pos = skipUnknown(tag, pos, end);
      if (pos == 0) return false;
    }
  }
  return true;
}

function readHit(record: usize, pos: usize, end: usize): bool {
  const hits = load<u32>(STATE_FRAME_HITS);
  assert(hits < FRAME_HITS_MAX);
  const hit = SCRATCH_HITS + hits * HIT_BYTES;
  memory.fill(hit, 0, HIT_BYTES);
  store<u32>(STATE_FRAME_HITS, hits + 1);
  store<u32>(record + RECORD_HIT_COUNT, load<u32>(record + RECORD_HIT_COUNT) + 1);
  return readFields(pos, end, hit, hit + HIT_PRESENCE, HIT_VARINTS, HIT_ZIGZAGS, 0, HIT_PRESENCE_BITS);
}
