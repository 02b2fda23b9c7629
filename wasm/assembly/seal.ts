// A lane into an encoded TelemetryBatch, the receipt of its records and the slots that occur in it.
import { closeField, HEADER_BYTES, writeColumn, writeHitColumn, writeUint32 } from "./columns";
import { keyCount, keysOf, laneAt } from "./lane";
import { sortBySlot } from "./sort";
import {
  HIT_BEARING_CDEG,
  HIT_PRESENCE,
  KIND_BATTERY,
  KIND_NEAR_DUPLICATE,
  KIND_OBSTACLES,
  KIND_POSITION,
  KINDS,
  LANE_HITS_COUNT,
  LANE_RECORDS,
  MEMORY_END,
  MERGE_CURSORS,
  NEAR_DUPLICATES,
  OUTPUT,
  RECEIPT,
  RECORD_EVENT_S,
  RECORD_EVENT_US,
  RECORD_FLAGS,
  RECORD_HIT_COUNT,
  RECORD_PAYLOAD,
  RECORD_PRESENCE,
  RECORD_SEQ,
  RECORD_SLOT,
  RESULT_SEALED_RECORDS,
  RESULT_SEALED_SLOTS,
  SLOTS,
} from "./layout";

// Field numbers of TelemetryBatch, and of its columns; those of the bodies' own fields follow one another.
const BATCH_POSITIONS: u32 = 1;
const BATCH_BATTERIES: u32 = 2;
const BATCH_OBSTACLES: u32 = 3;
const BATCH_NEAR_DUPLICATES: u32 = 4;
const COLUMN_COUNT: u32 = 1;
const COLUMN_SLOT: u32 = 2;
const COLUMN_SEQ: u32 = 3;
const COLUMN_EVENT_S: u32 = 4;
const COLUMN_EVENT_US: u32 = 5;
const COLUMN_FLAGS: u32 = 6;
const COLUMN_PRESENCE: u32 = 7;
const POSITION_LAT_E7: u32 = 8;
const POSITION_FIELDS: u32 = 12;
const BATTERY_ID: u32 = 8;
const BATTERY_FIELDS: u32 = 6;
const SCAN_SENSOR_ID: u32 = 7;
const SCAN_FIELDS: u32 = 3;
const SCAN_HIT_COUNT: u32 = 10;
const SCAN_HITS: u32 = 11;
const HITS_PRESENCE: u32 = 12;
const HITS_BEARING_CDEG: u32 = 13;
const HIT_FIELDS: u32 = 4;

/** What is in the lane, which keeps it; bytes written to `OUTPUT`, 0 when nothing waited. */
export function sealLane(index: u32): u32 {
  const lane = laneAt(index);
  for (let kind: u32 = 0; kind < <u32> KINDS; kind++) sortBySlot(keysOf(lane, kind), keyCount(lane, kind));
  let at = OUTPUT;
  if (keyCount(lane, KIND_POSITION) > 0) at = writePositions(at, lane);
  if (keyCount(lane, KIND_BATTERY) > 0) at = writeBatteries(at, lane);
  if (keyCount(lane, KIND_OBSTACLES) > 0) at = writeObstacles(at, lane);
  if (keyCount(lane, KIND_NEAR_DUPLICATE) > 0) at = writeNearDuplicates(at, lane);
  assert(at <= MEMORY_END);
  writeReceipt(lane);
  return <u32> (at - OUTPUT);
}

// The same for every kind of record.
function writeCommon(at: usize, keys: usize, count: u32, rows: usize): usize {
  at = writeUint32(at, COLUMN_COUNT, count);
  at = writeColumn(at, COLUMN_SLOT, keys, count, rows, RECORD_SLOT);
  at = writeColumn(at, COLUMN_SEQ, keys, count, rows, RECORD_SEQ);
  at = writeColumn(at, COLUMN_EVENT_S, keys, count, rows, RECORD_EVENT_S);
  return writeColumn(at, COLUMN_EVENT_US, keys, count, rows, RECORD_EVENT_US);
}

// `columns` fields of the payload, one after another, from field number `first` on.
function writePayload(at: usize, first: u32, keys: usize, count: u32, rows: usize, columns: u32): usize {
  for (let i: u32 = 0; i < columns; i++) {
    at = writeColumn(at, first + i, keys, count, rows, RECORD_PAYLOAD + i * 4);
  }
  return at;
}

function writePositions(at: usize, lane: usize): usize {
  const keys = keysOf(lane, KIND_POSITION);
  const count = keyCount(lane, KIND_POSITION);
  const rows = lane + LANE_RECORDS;
  let end = writeCommon(at + HEADER_BYTES, keys, count, rows);
  end = writeColumn(end, COLUMN_FLAGS, keys, count, rows, RECORD_FLAGS);
  end = writeColumn(end, COLUMN_PRESENCE, keys, count, rows, RECORD_PRESENCE);
  end = writePayload(end, POSITION_LAT_E7, keys, count, rows, POSITION_FIELDS);
  return closeField(at, BATCH_POSITIONS, end);
}

function writeBatteries(at: usize, lane: usize): usize {
  const keys = keysOf(lane, KIND_BATTERY);
  const count = keyCount(lane, KIND_BATTERY);
  const rows = lane + LANE_RECORDS;
  let end = writeCommon(at + HEADER_BYTES, keys, count, rows);
  end = writeColumn(end, COLUMN_FLAGS, keys, count, rows, RECORD_FLAGS);
  end = writeColumn(end, COLUMN_PRESENCE, keys, count, rows, RECORD_PRESENCE);
  end = writePayload(end, BATTERY_ID, keys, count, rows, BATTERY_FIELDS);
  return closeField(at, BATCH_BATTERIES, end);
}

function writeObstacles(at: usize, lane: usize): usize {
  const keys = keysOf(lane, KIND_OBSTACLES);
  const count = keyCount(lane, KIND_OBSTACLES);
  const rows = lane + LANE_RECORDS;
  let end = writeCommon(at + HEADER_BYTES, keys, count, rows);
  end = writeColumn(end, COLUMN_FLAGS, keys, count, rows, RECORD_FLAGS);
  end = writePayload(end, SCAN_SENSOR_ID, keys, count, rows, SCAN_FIELDS);
  end = writeColumn(end, SCAN_HIT_COUNT, keys, count, rows, RECORD_HIT_COUNT);
  end = writeUint32(end, SCAN_HITS, load<u32>(lane + LANE_HITS_COUNT));
  end = writeHitColumn(end, HITS_PRESENCE, keys, count, lane, HIT_PRESENCE);
  for (let i: u32 = 0; i < HIT_FIELDS; i++) {
    end = writeHitColumn(end, HITS_BEARING_CDEG + i, keys, count, lane, HIT_BEARING_CDEG + i * 4);
  }
  return closeField(at, BATCH_OBSTACLES, end);
}

function writeNearDuplicates(at: usize, lane: usize): usize {
  const keys = keysOf(lane, KIND_NEAR_DUPLICATE);
  const count = keyCount(lane, KIND_NEAR_DUPLICATE);
  return closeField(at, BATCH_NEAR_DUPLICATES, writeCommon(at + HEADER_BYTES, keys, count, NEAR_DUPLICATES));
}

// Merges the kinds, each sorted by slot: the receipt and the slots come out sorted without a further pass.
function writeReceipt(lane: usize): void {
  let receipt = RECEIPT;
  let slots = SLOTS;
  for (let kind: u32 = 0; kind < <u32> KINDS; kind++) store<u32>(MERGE_CURSORS + kind * 4, <u32> keysOf(lane, kind));
  for (let slot = nextSlot(lane); slot != 0; slot = nextSlot(lane)) {
    store<u32>(slots, slot);
    slots += 4;
    for (let kind: u32 = 0; kind < <u32> KINDS; kind++) receipt = takeSlot(lane, kind, slot, receipt);
  }
  store<u32>(RESULT_SEALED_RECORDS, <u32> (receipt - RECEIPT) / 8);
  store<u32>(RESULT_SEALED_SLOTS, <u32> (slots - SLOTS) / 4);
}

// The lowest slot not taken yet; 0: none.
function nextSlot(lane: usize): u32 {
  let lowest: u32 = 0;
  for (let kind: u32 = 0; kind < <u32> KINDS; kind++) {
    const cursor = <usize> load<u32>(MERGE_CURSORS + kind * 4);
    if (cursor == keysOf(lane, kind) + keyCount(lane, kind) * 8) continue;
    const slot = load<u32>(cursor + 4);
    // 0 - 1 wraps: every slot is lower than none.
    if (slot - 1 < lowest - 1) lowest = slot;
  }
  return lowest;
}

function takeSlot(lane: usize, kind: u32, slot: u32, receipt: usize): usize {
  const rows = kind == KIND_NEAR_DUPLICATE ? NEAR_DUPLICATES : lane + LANE_RECORDS;
  const end = keysOf(lane, kind) + keyCount(lane, kind) * 8;
  let cursor = <usize> load<u32>(MERGE_CURSORS + kind * 4);
  for (; cursor < end && load<u32>(cursor + 4) == slot; cursor += 8, receipt += 8) {
    store<u32>(receipt, slot);
    store<u32>(receipt + 4, load<u32>(rows + load<u32>(cursor) + RECORD_SEQ));
  }
  store<u32>(MERGE_CURSORS + kind * 4, <u32> cursor);
  return receipt;
}
