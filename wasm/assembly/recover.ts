// After a trap: what was half done is taken back, and what can be derived is built anew, whatever the memory holds. Rows of
// drones and boots, and the records in the lanes, are what it is derived from. A trap while a frame was read, or asked
// about, has changed none of them.
import { BOOT_ORDER_FIRST, bootAt, isRetired, rebuildSlots } from "./boots";
import { rebuildDrones } from "./drones";
import { atMost, emptyLane, keyCount, laneAt, rebuildKeys } from "./lane";
import {
  BOOT_BYTES,
  BOOT_GROUP_BYTES,
  BOOT_SEEN,
  BOOT_SLOT,
  BOOT_STARTED,
  BOOT_UNSETTLED,
  BOOTS,
  CHANGE_FRAME,
  CHANGE_NONE,
  DRONE_BOOT_ORDER,
  droneAt,
  DRONES_MAX,
  FIX_SLOT,
  KIND_NEAR_DUPLICATE,
  LANE_RECORDS,
  LANE_RECORDS_COUNT,
  LANE_RECORDS_MAX,
  LANES,
  NEAR_BYTES,
  NEAR_DUPLICATES,
  RECEIPT,
  RECORD_BYTES,
  RECORD_SEQ,
  RECORD_SLOT,
  RESULT_DRONE_INDEX,
  RESULT_SEALED_RECORDS,
  SAVED_BOOT,
  SAVED_LAST_SLOT,
  SAVED_UNSETTLED,
  STATE_CHANGE,
  WINDOW_SEQS,
} from "./layout";
import { endChange, takeBackLanes } from "./savepoint";

export function recoverState(): void {
  const change = load<u32>(STATE_CHANGE);
  if (change == CHANGE_NONE) return;
  if (change == CHANGE_FRAME) {
    takeBackLanes();
    const index = load<u32>(RESULT_DRONE_INDEX);
    if (index < DRONES_MAX) forgetFrames(droneAt(index));
  }
  for (let i: u32 = 0; i < <u32> LANES; i++) rebuildKeys(laneAt(i));
  rebuildDrones();
  rebuildSlots();
  endChange();
}

// The drone keeps its slots; which of its records were seen is forgotten, so that each counts as new: the aggregator
// deduplicates exactly.
function forgetFrames(drone: usize): void {
  store<u32>(drone + FIX_SLOT, 0);
  store<u32>(drone + DRONE_BOOT_ORDER, BOOT_ORDER_FIRST);
  for (let place: u32 = 0; place < <u32> BOOTS; place++) {
    const boot = bootAt(drone, place);
    const slot = load<u32>(boot + BOOT_SLOT);
    // Nobody has heard of the slot yet, or it has left this place already.
    if (slot > load<u32>(SAVED_LAST_SLOT) || isRetired(slot)) {
      memory.fill(boot, 0, BOOT_BYTES);
      continue;
    }
    if (<u32> boot == load<u32>(SAVED_BOOT)) store<u32>(boot + BOOT_UNSETTLED, load<u32>(SAVED_UNSETTLED));
    store<u32>(boot + BOOT_STARTED, 0);
    store<u32>(boot + BOOT_GROUP_BYTES, 0);
    memory.fill(boot + BOOT_SEEN, 0, WINDOW_SEQS / 4);
  }
}

/** What waits in the lane is given up, in whatever state it is: its slots and sequence numbers go to `RECEIPT`. */
export function abandonLane(lane: usize): void {
  let receipt = RECEIPT;
  const records = atMost(load<u32>(lane + LANE_RECORDS_COUNT), LANE_RECORDS_MAX);
  for (let i: u32 = 0; i < records; i++) receipt = writePair(receipt, lane + LANE_RECORDS + i * RECORD_BYTES);
  const near = atMost(keyCount(lane, KIND_NEAR_DUPLICATE), LANE_RECORDS_MAX - records);
  for (let i: u32 = 0; i < near; i++) receipt = writePair(receipt, NEAR_DUPLICATES + i * NEAR_BYTES);
  store<u32>(RESULT_SEALED_RECORDS, <u32> (receipt - RECEIPT) / 8);
  emptyLane(lane);
}

function writePair(receipt: usize, record: usize): usize {
  store<u32>(receipt, load<u32>(record + RECORD_SLOT));
  store<u32>(receipt + 4, load<u32>(record + RECORD_SEQ));
  return receipt + 8;
}
