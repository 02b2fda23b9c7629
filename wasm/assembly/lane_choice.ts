// Which lane a record leaves in, from the record alone.
import {
  BATTERY_CHARGE_STATE,
  BATTERY_REMAINING_CPCT,
  BATTERY_VOLTAGE_MV,
  HIT_BYTES,
  HIT_PRESENCE,
  HIT_RANGE_CM,
  HIT_RANGE_RATE_CMS,
  KIND_BATTERY,
  KIND_POSITION,
  LANE_BULK,
  LANE_SAFETY,
  RECORD_FIRST_HIT,
  RECORD_FLAGS,
  RECORD_HIT_COUNT,
  RECORD_PRESENCE,
  SCRATCH_HITS,
} from "./layout";

const FLAG_EMERGENCY: u32 = 8;
const URGENT_RANGE_CM: u32 = 1000;
const URGENT_TIME_S: i64 = 5;
const CRITICAL_CPCT: u32 = 1000;
const CHARGE_CRITICAL: u32 = 3;
const CHARGE_FAILED: u32 = 5;
const VOLTAGE_PRESENT: u32 = 1;
const REMAINING_PRESENT: u32 = 4;

/** Positions are safety, should they be forwarded. */
export function laneOf(record: usize, kind: u32): u32 {
  if (kind == KIND_POSITION || (load<u32>(record + RECORD_FLAGS) & FLAG_EMERGENCY) != 0) return LANE_SAFETY;
  const urgent = kind == KIND_BATTERY ? isBatteryCritical(record) : isObstacleUrgent(record);
  return urgent ? LANE_SAFETY : LANE_BULK;
}

function isBatteryCritical(record: usize): bool {
  const chargeState = load<u32>(record + BATTERY_CHARGE_STATE);
  if (chargeState >= CHARGE_CRITICAL && chargeState <= CHARGE_FAILED) return true;
  const presence = load<u32>(record + RECORD_PRESENCE);
  if ((presence & REMAINING_PRESENT) == 0) return false;
  const remainingCpct = load<u32>(record + BATTERY_REMAINING_CPCT);
  if (remainingCpct > CRITICAL_CPCT) return false;
  // 0 % beside 0 V is how a battery that is not measured looks.
  return !(remainingCpct == 0 && (presence & VOLTAGE_PRESENT) != 0 && load<u32>(record + BATTERY_VOLTAGE_MV) == 0);
}

function isObstacleUrgent(record: usize): bool {
  let hit = SCRATCH_HITS + load<u32>(record + RECORD_FIRST_HIT) * HIT_BYTES;
  const end = hit + load<u32>(record + RECORD_HIT_COUNT) * HIT_BYTES;
  for (; hit < end; hit += HIT_BYTES) {
    const rangeCm = load<u32>(hit + HIT_RANGE_CM);
    if (rangeCm <= URGENT_RANGE_CM) return true;
    if (load<u32>(hit + HIT_PRESENCE) == 0) continue;
    const rangeRateCms = <i64> load<i32>(hit + HIT_RANGE_RATE_CMS);
    if (rangeRateCms < 0 && <i64> rangeCm <= -rangeRateCms * URGENT_TIME_S) return true;
  }
  return false;
}
