// A TelemetryFrame into scratch: nothing else is changed, so a malformed frame leaves no trace. Read as Google's
// implementations read proto3; a known number with another wire type is an unknown field.
import { next, readLength, readTag, readVarint, skipUnknown, WIRE_LEN } from "./varint";
import { isUtf8 } from "./utf8";
import { readBody } from "./fields";
import { laneOf } from "./lane_choice";
import {
  ALERT_ACK_BYTES,
  ALERT_ACK_ID,
  ALERT_ACK_RECEIVED_US,
  ALERT_ACK_REVISION,
  ALERT_ACKS,
  ALERT_ACKS_MAX,
  FRAME,
  GROUP_BYTES_MAX,
  ID_BYTES_MAX,
  KIND_NONE,
  KIND_OBSTACLES,
  KIND_POSITION,
  NEEDED,
  NEEDED_BYTES,
  NEEDED_HITS,
  NEEDED_RECORDS,
  RECORD_BYTES,
  RECORD_EVENT_S,
  RECORD_EVENT_US,
  RECORD_FIRST_HIT,
  RECORD_FLAGS,
  RECORD_HIT_COUNT,
  RECORD_KIND,
  RECORD_LANE,
  RECORD_PRESENCE,
  RECORD_SEQ,
  RECORDS_MAX,
  RESULT_ALERT_ACKS,
  RESULT_BOOT_ID,
  RESULT_FAULT,
  RESULT_FIRST_SEQ,
  RESULT_GROUP_ADDRESS,
  RESULT_GROUP_BYTES,
  RESULT_ID_ADDRESS,
  RESULT_ID_BYTES,
  RESULT_LAST_SEQ,
  RESULT_RECORDS,
  SCRATCH_RECORDS,
  STATE_FRAME_HITS,
} from "./layout";

const FRAME_DRONE_ID: u32 = 1 << 3 | 2;
const FRAME_BOOT_ID: u32 = 2 << 3;
const FRAME_RECORDS: u32 = 3 << 3 | 2;
const FRAME_ALERT_ACKS: u32 = 4 << 3 | 2;
const FRAME_GROUP: u32 = 5 << 3 | 2;
const RECORD_SEQ_TAG: u32 = 1 << 3;
const RECORD_EVENT_TIME_TAG: u32 = 2 << 3 | 1;
const RECORD_FLAGS_TAG: u32 = 3 << 3;
const BODY_POSITION: u32 = 4;
const BODY_OBSTACLES: u32 = 6;
const ACK_ALERT_ID_TAG: u32 = 1 << 3;
const ACK_RECEIVED_TIME_TAG: u32 = 2 << 3 | 1;
const ACK_REVISION_TAG: u32 = 3 << 3;
/** 2^32 s, in µs: the first event time that the columns cannot hold. */
const EVENT_TIME_US_MAX: u64 = 4294967296000000;

/** Why a frame is malformed; the binding has the words. */
const FAULT_DRONE_ID: u32 = 1;
const FAULT_RECORDS: u32 = 2;
const FAULT_ALERT_ACKS: u32 = 3;
export const FAULT_BYTES: u32 = 4;
const FAULT_GROUP: u32 = 5;

/** Fills scratch and the frame's results; false: malformed. */
export function readFrame(bytes: usize): bool {
  let pos = FRAME;
  const end = FRAME + bytes;
  store<u64>(NEEDED, 0);
  store<u64>(NEEDED + NEEDED_BYTES, 0);
  store<u32>(STATE_FRAME_HITS, 0);
  while (pos < end) {
    const tag = readTag(pos, end);
    if (next == 0) return false;
    pos = next;
    if (tag == FRAME_BOOT_ID) {
      const bootId = <u32> readVarint(pos, end);
      if (next == 0) return false;
      store<u32>(RESULT_BOOT_ID, bootId);
      pos = next;
    } else if (tag == FRAME_DRONE_ID || tag == FRAME_RECORDS || tag == FRAME_ALERT_ACKS || tag == FRAME_GROUP) {
      const length = readLength(pos, end);
      if (next == 0) return false;
      const content = next;
      pos = content + length;
      if (tag == FRAME_RECORDS) {
        if (!readRecord(content, pos)) return false;
      } else if (tag == FRAME_ALERT_ACKS) {
        if (!readAlertAck(content, pos)) return false;
      } else if (tag == FRAME_GROUP) {
        if (!isUtf8(content, pos)) return isWrong(FAULT_GROUP);
        store<u32>(RESULT_GROUP_ADDRESS, <u32> content);
        store<u32>(RESULT_GROUP_BYTES, <u32> length);
      } else {
        if (!isUtf8(content, pos)) return isWrong(FAULT_DRONE_ID);
        store<u32>(RESULT_ID_ADDRESS, <u32> content);
        store<u32>(RESULT_ID_BYTES, <u32> length);
      }
    } else {
      pos = skipUnknown(tag, pos, end);
      if (pos == 0) return false;
    }
  }
  if (load<u32>(RESULT_GROUP_BYTES) > GROUP_BYTES_MAX) return isWrong(FAULT_GROUP);
  return load<u32>(RESULT_ID_BYTES) - 1 < ID_BYTES_MAX || isWrong(FAULT_DRONE_ID);
}

function isWrong(fault: u32): bool {
  store<u32>(RESULT_FAULT, fault);
  return false;
}

function readRecord(pos: usize, end: usize): bool {
  const index = load<u32>(RESULT_RECORDS);
  if (index >= RECORDS_MAX) return isWrong(FAULT_RECORDS);
  const record = SCRATCH_RECORDS + index * RECORD_BYTES;
  const hitsBefore = load<u32>(STATE_FRAME_HITS);
  for (let i: usize = 0; i < RECORD_BYTES; i += 8) store<u64>(record + i, 0);
  let eventTimeUs: u64 = 0;
  let kind = KIND_NONE;
  while (pos < end) {
    const tag = readTag(pos, end);
    if (next == 0) return false;
    pos = next;
    if (tag == RECORD_SEQ_TAG || tag == RECORD_FLAGS_TAG) {
      const value = <u32> readVarint(pos, end);
      if (next == 0) return false;
      store<u32>(record + (tag == RECORD_SEQ_TAG ? RECORD_SEQ : RECORD_FLAGS), value);
      pos = next;
    } else if (tag == RECORD_EVENT_TIME_TAG) {
      if (end - pos < 8) return false;
      eventTimeUs = load<u64>(pos);
      pos += 8;
    } else if ((tag & 7) == WIRE_LEN && tag >>> 3 >= BODY_POSITION && tag >>> 3 <= BODY_OBSTACLES) {
      const length = readLength(pos, end);
      if (next == 0) return false;
      const content = next;
      pos = content + length;
      const bodyKind = (tag >>> 3) - BODY_POSITION + KIND_POSITION;
      if (bodyKind != kind) startBody(record, bodyKind, hitsBefore);
      kind = bodyKind;
      if (!readBody(record, kind, content, pos)) return false;
    } else {
      pos = skipUnknown(tag, pos, end);
      if (pos == 0) return false;
    }
  }
  finishRecord(record, index, kind, eventTimeUs);
  return true;
}

// Another member of the oneof clears what the earlier one left.
function startBody(record: usize, kind: u32, hitsBefore: u32): void {
  memory.fill(record + RECORD_PRESENCE, 0, RECORD_BYTES - RECORD_PRESENCE);
  store<u32>(STATE_FRAME_HITS, hitsBefore);
  if (kind == KIND_OBSTACLES) store<u32>(record + RECORD_FIRST_HIT, hitsBefore);
}

function finishRecord(record: usize, index: u32, kind: u32, eventTimeUs: u64): void {
  const seq = load<u32>(record + RECORD_SEQ);
  if (index == 0 || seq < load<u32>(RESULT_FIRST_SEQ)) store<u32>(RESULT_FIRST_SEQ, seq);
  if (index == 0 || seq > load<u32>(RESULT_LAST_SEQ)) store<u32>(RESULT_LAST_SEQ, seq);
  store<u32>(RESULT_RECORDS, index + 1);
  if (eventTimeUs >= EVENT_TIME_US_MAX) kind = KIND_NONE;
  store<u8>(record + RECORD_KIND, kind);
  if (kind == KIND_NONE) return;
  // Exact below 2^53, and several times faster than dividing integers of 64 bits.
  const seconds = <u64> (<f64> eventTimeUs / 1e6);
  store<u32>(record + RECORD_EVENT_S, <u32> seconds);
  store<u32>(record + RECORD_EVENT_US, <u32> (eventTimeUs - seconds * 1000000));
  const lane = laneOf(record, kind);
  store<u8>(record + RECORD_LANE, lane);
  const needed = NEEDED + lane * NEEDED_BYTES;
  store<u32>(needed + NEEDED_RECORDS, load<u32>(needed + NEEDED_RECORDS) + 1);
  if (kind == KIND_OBSTACLES) {
    store<u32>(needed + NEEDED_HITS, load<u32>(needed + NEEDED_HITS) + load<u32>(record + RECORD_HIT_COUNT));
  }
}

function readAlertAck(pos: usize, end: usize): bool {
  const index = load<u32>(RESULT_ALERT_ACKS);
  if (index >= ALERT_ACKS_MAX) return isWrong(FAULT_ALERT_ACKS);
  const ack = ALERT_ACKS + index * ALERT_ACK_BYTES;
  memory.fill(ack, 0, ALERT_ACK_BYTES);
  while (pos < end) {
    const tag = readTag(pos, end);
    if (next == 0) return false;
    pos = next;
    if (tag == ACK_ALERT_ID_TAG || tag == ACK_REVISION_TAG) {
      const value = readVarint(pos, end);
      if (next == 0) return false;
      if (tag == ACK_ALERT_ID_TAG) store<u64>(ack + ALERT_ACK_ID, value);
      else store<u32>(ack + ALERT_ACK_REVISION, <u32> value);
      pos = next;
    } else if (tag == ACK_RECEIVED_TIME_TAG) {
      if (end - pos < 8) return false;
      store<u64>(ack + ALERT_ACK_RECEIVED_US, load<u64>(pos));
      pos += 8;
    } else {
      pos = skipUnknown(tag, pos, end);
      if (pos == 0) return false;
    }
  }
  store<u32>(RESULT_ALERT_ACKS, index + 1);
  return true;
}
