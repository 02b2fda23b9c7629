// What waits in a lane: records as they were decoded, their hits, and for each kind the keys by which they are sorted.
import {
  HIT_BYTES,
  KIND_NEAR_DUPLICATE,
  KIND_OBSTACLES,
  KINDS,
  LANE_AREAS,
  LANE_BULK,
  LANE_BYTES,
  LANE_HITS,
  LANE_HITS_COUNT,
  LANE_HITS_MAX,
  LANE_KEY_COUNTS,
  LANE_KEYS,
  LANE_KEYS_BYTES,
  LANE_RECORDS,
  LANE_RECORDS_COUNT,
  LANE_RECORDS_MAX,
  NEAR_BYTES,
  NEAR_DUPLICATES,
  NEEDED,
  NEEDED_BYTES,
  NEEDED_HITS,
  NEEDED_RECORDS,
  RECORD_BYTES,
  RECORD_FIRST_HIT,
  RECORD_HIT_COUNT,
  RECORD_KIND,
  RECORD_LANE,
  RECORD_SLOT,
  SCRATCH_HITS,
  STATE_SHEDDING,
} from "./layout";

export function laneAt(lane: u32): usize {
  return LANE_AREAS + lane * LANE_BYTES;
}

export function keysOf(lane: usize, kind: u32): usize {
  return lane + LANE_KEYS + kind * LANE_KEYS_BYTES;
}

export function keyCount(lane: usize, kind: u32): u32 {
  return load<u32>(lane + LANE_KEY_COUNTS + kind * 4);
}

/** Records that wait in a lane; near-duplicates wait in bulk. */
export function waitingRecords(lane: usize): u32 {
  return load<u32>(lane + LANE_RECORDS_COUNT) + keyCount(lane, KIND_NEAR_DUPLICATE);
}

/** Both lanes can take the frame in scratch, should all of it be new; bulk need not when all of bulk is given up. */
export function lanesHaveRoom(): bool {
  const lanes: u32 = load<u32>(STATE_SHEDDING) == 2 ? LANE_BULK : LANE_BULK + 1;
  for (let i: u32 = 0; i < lanes; i++) {
    const lane = laneAt(i);
    const needed = NEEDED + i * NEEDED_BYTES;
    if (waitingRecords(lane) + load<u32>(needed + NEEDED_RECORDS) > LANE_RECORDS_MAX) return false;
    if (load<u32>(lane + LANE_HITS_COUNT) + load<u32>(needed + NEEDED_HITS) > LANE_HITS_MAX) return false;
  }
  return true;
}

/** A near-duplicate may take a place in bulk that no other record of the frame needs; without one it is forwarded. */
export function bulkHasRoomForNearDuplicate(): bool {
  const needed = load<u32>(NEEDED + LANE_BULK * NEEDED_BYTES + NEEDED_RECORDS);
  return waitingRecords(laneAt(LANE_BULK)) + needed < LANE_RECORDS_MAX;
}

/** Copies a scratch record, and its hits, to the lane chosen for it. */
export function appendRecord(record: usize, slot: u32): void {
  const lane = laneAt(load<u8>(record + RECORD_LANE));
  const kind = <u32> load<u8>(record + RECORD_KIND);
  const count = load<u32>(lane + LANE_RECORDS_COUNT);
  assert(count < LANE_RECORDS_MAX);
  const offset = count * RECORD_BYTES;
  const target = lane + LANE_RECORDS + offset;
  store<u32>(record + RECORD_SLOT, slot);
  for (let i: usize = 0; i < RECORD_BYTES; i += 8) store<u64>(target + i, load<u64>(record + i));
  store<u32>(lane + LANE_RECORDS_COUNT, count + 1);
  appendKey(lane, kind, slot, offset);
  if (kind == KIND_OBSTACLES) appendHits(lane, target);
}

/** Of a near-duplicate only slot, seq and event time are kept. */
export function appendNearDuplicate(record: usize, slot: u32): void {
  const lane = laneAt(LANE_BULK);
  const offset = keyCount(lane, KIND_NEAR_DUPLICATE) * NEAR_BYTES;
  assert(offset < LANE_RECORDS_MAX * NEAR_BYTES);
  store<u32>(record + RECORD_SLOT, slot);
  store<u64>(NEAR_DUPLICATES + offset, load<u64>(record));
  store<u64>(NEAR_DUPLICATES + offset + 8, load<u64>(record + 8));
  appendKey(lane, KIND_NEAR_DUPLICATE, slot, offset);
}

/** Nothing waits any more. */
export function emptyLane(lane: usize): void {
  memory.fill(lane, 0, LANE_RECORDS);
}

/** The keys by which the lane is sorted, by arrival, from the records in it; counts beyond its room are cut. */
export function rebuildKeys(lane: usize): void {
  const records = atMost(load<u32>(lane + LANE_RECORDS_COUNT), LANE_RECORDS_MAX);
  const near = atMost(keyCount(lane, KIND_NEAR_DUPLICATE), LANE_RECORDS_MAX - records);
  store<u32>(lane + LANE_RECORDS_COUNT, records);
  memory.fill(lane + LANE_KEY_COUNTS, 0, KINDS * 4);
  for (let i: u32 = 0; i < records; i++) {
    const offset = i * RECORD_BYTES;
    const record = lane + LANE_RECORDS + offset;
    const kind = <u32> load<u8>(record + RECORD_KIND);
    if (kind != KIND_NEAR_DUPLICATE && kind < <u32> KINDS) {
      appendKey(lane, kind, load<u32>(record + RECORD_SLOT), offset);
    }
  }
  for (let i: u32 = 0; i < near; i++) {
    const offset = i * NEAR_BYTES;
    appendKey(lane, KIND_NEAR_DUPLICATE, load<u32>(NEAR_DUPLICATES + offset + RECORD_SLOT), offset);
  }
}

export function atMost(value: u32, max: u32): u32 {
  return value < max ? value : max;
}

function appendKey(lane: usize, kind: u32, slot: u32, offset: usize): void {
  const count = keyCount(lane, kind);
  assert(count < LANE_RECORDS_MAX);
  store<u64>(keysOf(lane, kind) + count * 8, <u64> slot << 32 | <u64> offset);
  store<u32>(lane + LANE_KEY_COUNTS + kind * 4, count + 1);
}

function appendHits(lane: usize, record: usize): void {
  const hits = load<u32>(record + RECORD_HIT_COUNT);
  const count = load<u32>(lane + LANE_HITS_COUNT);
  assert(count + hits <= LANE_HITS_MAX);
  const source = SCRATCH_HITS + load<u32>(record + RECORD_FIRST_HIT) * HIT_BYTES;
  memory.copy(lane + LANE_HITS + count * HIT_BYTES, source, hits * HIT_BYTES);
  store<u32>(record + RECORD_FIRST_HIT, count);
  store<u32>(lane + LANE_HITS_COUNT, count + hits);
}
