// A lane into an encoded TelemetryBatch, the receipt of its records and the slots that occur in it.
import { closeField, HEADER_BYTES, writeColumn, writeHitColumn, writeUint32 } from "./columns";
import { emptyLane, keyCount, keysOf, laneAt } from "./lane";
import { sortBySlot } from "./sort";
import {
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

/** Empties the lane; bytes written to `OUTPUT`, 0 when nothing waited. */
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
  emptyLane(lane);
  return <u32> (at - OUTPUT);
}

// Columns 1 (count) to 4 or 6 are the same for every kind.
function writeCommon(at: usize, keys: usize, count: u32, rows: usize): usize {
  at = writeUint32(at, 1, count);
  at = writeColumn(at, 2, keys, count, rows, RECORD_SLOT);
  at = writeColumn(at, 3, keys, count, rows, RECORD_SEQ);
  at = writeColumn(at, 4, keys, count, rows, RECORD_EVENT_S);
  return writeColumn(at, 5, keys, count, rows, RECORD_EVENT_S + 4);
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
  end = writeColumn(end, 6, keys, count, rows, RECORD_FLAGS);
  end = writeColumn(end, 7, keys, count, rows, RECORD_PRESENCE);
  end = writePayload(end, 8, keys, count, rows, 12);
  return closeField(at, 1, end);
}

function writeBatteries(at: usize, lane: usize): usize {
  const keys = keysOf(lane, KIND_BATTERY);
  const count = keyCount(lane, KIND_BATTERY);
  const rows = lane + LANE_RECORDS;
  let end = writeCommon(at + HEADER_BYTES, keys, count, rows);
  end = writeColumn(end, 6, keys, count, rows, RECORD_FLAGS);
  end = writeColumn(end, 7, keys, count, rows, RECORD_PRESENCE);
  end = writePayload(end, 8, keys, count, rows, 6);
  return closeField(at, 2, end);
}

function writeObstacles(at: usize, lane: usize): usize {
  const keys = keysOf(lane, KIND_OBSTACLES);
  const count = keyCount(lane, KIND_OBSTACLES);
  const rows = lane + LANE_RECORDS;
  let end = writeCommon(at + HEADER_BYTES, keys, count, rows);
  end = writeColumn(end, 6, keys, count, rows, RECORD_FLAGS);
  end = writePayload(end, 7, keys, count, rows, 3);
  end = writeColumn(end, 10, keys, count, rows, RECORD_HIT_COUNT);
  end = writeUint32(end, 11, load<u32>(lane + LANE_HITS_COUNT));
  end = writeHitColumn(end, 12, keys, count, lane, HIT_PRESENCE);
  for (let i: u32 = 0; i < 4; i++) end = writeHitColumn(end, 13 + i, keys, count, lane, i * 4);
  return closeField(at, 3, end);
}

function writeNearDuplicates(at: usize, lane: usize): usize {
  const keys = keysOf(lane, KIND_NEAR_DUPLICATE);
  const count = keyCount(lane, KIND_NEAR_DUPLICATE);
  return closeField(at, 4, writeCommon(at + HEADER_BYTES, keys, count, NEAR_DUPLICATES));
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
