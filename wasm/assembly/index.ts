// The exports, and the life of a frame: decode, find the drone, ask for tokens and room, and only then change anything.
import { droneAllows, isTooLarge, nodeAllows, takeNodeTokens, takeTokens } from "./admission";
import { dropRetired, findBoot, insertBoot, isBootFull, touchBoot } from "./boots";
import { abandonLane, recoverState } from "./recover";
import { beginFrame, beginUpkeep, endChange } from "./savepoint";
import { evictDrones, findDrone, initDrones, insertDrone, isTableFull, takeId, touchDrone } from "./drones";
import { FAULT_BYTES, readFrame } from "./frame";
import { takeGroup } from "./group";
import { cosE7, haversine } from "./haversine";
import { appendNearDuplicate, appendRecord, bulkHasRoomForNearDuplicate, lanesHaveRoom } from "./lane";
import { emptyLane, laneAt, waitingRecords } from "./lane";
import { isNearDuplicate, keepFix } from "./near_duplicate";
import { isForeign } from "./own";
import { sealLane } from "./seal";
import { isClash, isDuplicate, isOpen, markOpen, settlePairs } from "./sequence";
import {
  BOOT_SLOT,
  DRONE_ALERT_OPEN,
  droneAt,
  FRAME,
  FRAME_BYTES_MAX,
  ID_BYTES_MAX,
  INVALID,
  KIND_NONE,
  KIND_POSITION,
  LANE_BULK,
  LANE_RECORDS_MAX,
  LANES,
  MEMORY_END,
  MEMORY_PAGES,
  PUSH_RESULT_BYTES,
  RECORD_BYTES,
  RECORD_KIND,
  RECORD_LANE,
  RECORD_SEQ,
  RESULT_BOOT_ID,
  RESULT_DRONE_INDEX,
  RESULT_DUPLICATES,
  RESULT_FAULT,
  RESULT_FORWARDED,
  RESULT_ID_ADDRESS,
  RESULT_ID_BYTES,
  RESULT_IS_NEW_GROUP,
  RESULT_IS_NEW_SLOT,
  RESULT_MALFORMED_RECORDS,
  RESULT_NEAR_DUPLICATES,
  RESULT_RECORDS,
  RESULT_SETTLED_DUPLICATES,
  RESULT_SHED,
  RESULT_SLOT,
  RESULT_SOURCE,
  RESULTS,
  SCRATCH_RECORDS,
  SETTLED_DUPLICATES,
  SHED,
  STATE_DRONE_BURST,
  STATE_DRONE_RATE,
  STATE_DRONES,
  STATE_HASH_SEED,
  STATE_NODE_BURST,
  STATE_NODE_RATE,
  STATE_NODE_TOKENS,
  STATE_SHEDDING,
} from "./layout";

export { takeOnly } from "./own";
export * from "./addresses";

const ACCEPTED: u32 = 0;
const MALFORMED: u32 = 1;
const REFUSED_DRONE_RATE: u32 = 2;
const REFUSED_NODE_RATE: u32 = 3;
const FULL: u32 = 4;
const TOO_LARGE: u32 = 5;
const CLASH: u32 = 6;
const FOREIGN: u32 = 7;

/** What is given up of bulk from now on: 0 nothing, 1 three records in four, 2 all. */
export function setShedding(shedding: u32): void {
  assert(shedding <= 2);
  store<u32>(STATE_SHEDDING, shedding);
}

/** What the node lets in a second, from now on; what it had until now is kept. */
export function setNodeRate(ratePerS: f64, nowMs: f64): void {
  takeNodeTokens(0, nowMs);
  store<f64>(STATE_NODE_RATE, ratePerS);
}

/** Once, before anything else. */
export function configure(droneRate: f64, droneBurst: f64, nodeRate: f64, nodeBurst: f64, seed: u32): void {
  assert(MEMORY_END <= <usize> MEMORY_PAGES * 65536 && <u32> memory.size() == MEMORY_PAGES);
  store<f64>(STATE_DRONE_RATE, droneRate);
  store<f64>(STATE_DRONE_BURST, droneBurst);
  store<f64>(STATE_NODE_RATE, nodeRate);
  store<f64>(STATE_NODE_BURST, nodeBurst);
  store<f64>(STATE_NODE_TOKENS, nodeBurst);
  store<u32>(STATE_HASH_SEED, seed);
  initDrones();
}

/** Whose the frame at `FRAME` is, in the results; nothing else changes. False: malformed. */
export function identify(bytes: u32): bool {
  clearResults();
  if (bytes <= FRAME_BYTES_MAX && readFrame(bytes)) return true;
  malformed();
  return false;
}

/** The frame at `FRAME`, as this source speaks for the drone; a verdict, and the results. */
export function push(bytes: u32, nowMs: f64, source: u32): u32 {
  clearResults();
  store<u32>(RESULT_SOURCE, source);
  if (bytes > FRAME_BYTES_MAX) store<u32>(RESULT_FAULT, FAULT_BYTES);
  if (bytes > FRAME_BYTES_MAX || !readFrame(bytes)) return malformed();
  const idBytes = load<u32>(RESULT_ID_BYTES);
  const hash = takeId(load<u32>(RESULT_ID_ADDRESS), idBytes);
  const found = findDrone(hash, idBytes);
  store<i32>(RESULT_DRONE_INDEX, found);
  if (isForeign(idBytes)) return FOREIGN;
  const records = load<u32>(RESULT_RECORDS);
  if (records == 0) {
    if (found >= 0) touchDrone(found, nowMs);
    return ACCEPTED;
  }
  if (isTooLarge(records)) return TOO_LARGE;
  const drone = found >= 0 ? droneAt(found) : 0;
  if (!droneAllows(drone, records, nowMs)) return REFUSED_DRONE_RATE;
  if (!nodeAllows(records, nowMs)) return REFUSED_NODE_RATE;
  const bootId = load<u32>(RESULT_BOOT_ID);
  let boot = found >= 0 ? findBoot(drone, bootId, source) : 0;
  if (!lanesHaveRoom() || (found < 0 && isTableFull()) || (boot == 0 && isBootFull(drone))) return FULL;
  if (boot != 0 && isClash(boot)) return CLASH;
  beginFrame(boot);
  const index = found >= 0 ? <u32> found : insertDrone(hash, idBytes, nowMs);
  store<u32>(RESULT_DRONE_INDEX, index);
  touchDrone(index, nowMs);
  takeTokens(droneAt(index), records, nowMs);
  if (boot == 0) {
    boot = insertBoot(index, bootId, source);
    store<u32>(RESULT_IS_NEW_SLOT, 1);
  } else touchBoot(drone, boot);
  store<u32>(RESULT_SLOT, load<u32>(boot + BOOT_SLOT));
  const end = SCRATCH_RECORDS + records * RECORD_BYTES;
  for (let record = SCRATCH_RECORDS; record < end; record += RECORD_BYTES) {
    applyRecord(record, droneAt(index), boot, nowMs);
  }
  if (load<u32>(RESULT_FORWARDED) + load<u32>(RESULT_NEAR_DUPLICATES) > 0 && takeGroup(boot)) {
    store<u32>(RESULT_IS_NEW_GROUP, 1);
  }
  endChange();
  return ACCEPTED;
}

function applyRecord(record: usize, drone: usize, boot: usize, nowMs: f64): void {
  const kind = <u32> load<u8>(record + RECORD_KIND);
  const seq = load<u32>(record + RECORD_SEQ);
  if (kind == KIND_NONE) {
    store<u32>(INVALID + load<u32>(RESULT_MALFORMED_RECORDS) * 4, seq);
    return count(RESULT_MALFORMED_RECORDS);
  }
  if (isDuplicate(boot, seq)) {
    if (!isOpen(boot, seq)) {
      store<u32>(SETTLED_DUPLICATES + load<u32>(RESULT_SETTLED_DUPLICATES) * 4, seq);
      count(RESULT_SETTLED_DUPLICATES);
    }
    return count(RESULT_DUPLICATES);
  }
  if (load<u8>(record + RECORD_LANE) == LANE_BULK && isShed(seq)) {
    store<u32>(SHED + load<u32>(RESULT_SHED) * 4, seq);
    return count(RESULT_SHED);
  }
  markOpen(boot, record);
  const slot = load<u32>(boot + BOOT_SLOT);
  if (kind == KIND_POSITION) {
    if (isNearDuplicate(drone, slot, record, nowMs) && bulkHasRoomForNearDuplicate()) {
      appendNearDuplicate(record, slot);
      return count(RESULT_NEAR_DUPLICATES);
    }
    // Bulk took no near-duplicate, or it is none: safety has room for every position of the frame.
    keepFix(drone, slot, record, nowMs);
  }
  appendRecord(record, slot);
  count(RESULT_FORWARDED);
}

// Every fourth is kept: kinds of records that take turns in sevens or thirties all keep their share.
function isShed(seq: u32): bool {
  const shedding = load<u32>(STATE_SHEDDING);
  return shedding == 2 || (shedding == 1 && (seq & 3) != 0);
}

function count(result: usize): void {
  store<u32>(result, load<u32>(result) + 1);
}

function clearResults(): void {
  for (let i: usize = 0; i < PUSH_RESULT_BYTES; i += 8) store<u64>(RESULTS + i, 0);
}

// Only how many records the frame is worth survives, and what is wrong with it.
function malformed(): u32 {
  const records = load<u32>(RESULT_RECORDS);
  const fault = load<u32>(RESULT_FAULT);
  clearResults();
  store<u32>(RESULT_FAULT, fault);
  store<u32>(RESULT_RECORDS, records > 0 ? records : 1);
  store<i32>(RESULT_DRONE_INDEX, -1);
  return MALFORMED;
}

/** An instance before this one trapped over this memory: what it left half done is taken back. */
export function recover(): void {
  recoverState();
  malformed();
}

/** Empties a lane that cannot be sealed; its records are in `RECEIPT`, by arrival. */
export function abandon(lane: u32): void {
  assert(lane < <u32> LANES);
  abandonLane(laneAt(lane));
}

export function waiting(lane: u32): u32 {
  assert(lane < <u32> LANES);
  return waitingRecords(laneAt(lane));
}

/** Bytes at `OUTPUT`; 0: nothing waits. */
export function seal(lane: u32): u32 {
  assert(lane < <u32> LANES);
  beginUpkeep();
  const bytes = sealLane(lane);
  endChange();
  // Last: whoever is told of the records holds them now.
  emptyLane(laneAt(lane));
  return bytes;
}

export function settle(pairs: u32): void {
  assert(pairs <= LANE_RECORDS_MAX);
  beginUpkeep();
  settlePairs(pairs, false);
  endChange();
}

export function forget(pairs: u32): void {
  assert(pairs <= LANE_RECORDS_MAX);
  beginUpkeep();
  settlePairs(pairs, true);
  endChange();
}

/** The drone whose id is at `FRAME`. */
export function setAlertOpen(idBytes: u32, open: u32): void {
  if (idBytes - 1 >= ID_BYTES_MAX) return;
  const index = findDrone(takeId(FRAME, idBytes), idBytes);
  if (index >= 0) store<u32>(droneAt(index) + DRONE_ALERT_OPEN, open);
}

/** How many slots are at `EVICTED`. */
export function evictIdle(nowMs: f64, idleMs: f64): u32 {
  beginUpkeep();
  const slots = dropRetired(evictDrones(nowMs, idleMs));
  endChange();
  return slots;
}

export function droneCount(): u32 {
  return load<u32>(STATE_DRONES);
}

export function haversineM(latA: i32, lonA: i32, latB: i32, lonB: i32): f64 {
  return haversine(<i64> latB - <i64> latA, <i64> lonB - <i64> lonA, cosE7(latA), cosE7(latB));
}
