// What must be known to take back a change that a trap ends in the middle. Lanes only grow while a frame is taken: their
// heads are enough. Tables can be built anew from the rows of drones and boots: see recover.ts.
import { laneAt } from "./lane";
import {
  BOOT_UNSETTLED,
  CHANGE_FRAME,
  CHANGE_NONE,
  CHANGE_UPKEEP,
  LANE_BULK,
  LANE_RECORDS,
  LANE_SAFETY,
  SAVED_BOOT,
  SAVED_LANES,
  SAVED_LAST_SLOT,
  SAVED_UNSETTLED,
  STATE_CHANGE,
  STATE_LAST_SLOT,
} from "./layout";

/** The frame in scratch is taken from here on, as this boot's; 0: as that of a new one. */
export function beginFrame(boot: usize): void {
  saveHead(laneAt(LANE_SAFETY), SAVED_LANES);
  saveHead(laneAt(LANE_BULK), SAVED_LANES + LANE_RECORDS);
  store<u32>(SAVED_LAST_SLOT, load<u32>(STATE_LAST_SLOT));
  store<u32>(SAVED_BOOT, <u32> boot);
  store<u32>(SAVED_UNSETTLED, boot == 0 ? 0 : load<u32>(boot + BOOT_UNSETTLED));
  store<u32>(STATE_CHANGE, CHANGE_FRAME);
}

/** Something else changes. */
export function beginUpkeep(): void {
  store<u32>(STATE_CHANGE, CHANGE_UPKEEP);
}

export function endChange(): void {
  store<u32>(STATE_CHANGE, CHANGE_NONE);
}

/** Nothing of the frame waits in a lane any more. */
export function takeBackLanes(): void {
  saveHead(SAVED_LANES, laneAt(LANE_SAFETY));
  saveHead(SAVED_LANES + LANE_RECORDS, laneAt(LANE_BULK));
}

function saveHead(from: usize, to: usize): void {
  for (let i: usize = 0; i < LANE_RECORDS; i += 8) store<u64>(to + i, load<u64>(from + i));
}
