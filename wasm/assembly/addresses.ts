// Where the binding finds things, and how much.
import {
  ALERT_ACKS,
  EVICTED,
  FRAME,
  INVALID,
  LANE_RECORDS_MAX,
  OUTPUT,
  RECEIPT,
  RESULTS,
  SETTLED_DUPLICATES,
  SHED,
  SLOTS,
} from "./layout";

export function frameAddress(): usize {
  return FRAME;
}

export function resultsAddress(): usize {
  return RESULTS;
}

export function settledDuplicatesAddress(): usize {
  return SETTLED_DUPLICATES;
}

export function shedAddress(): usize {
  return SHED;
}

export function invalidAddress(): usize {
  return INVALID;
}

export function alertAcksAddress(): usize {
  return ALERT_ACKS;
}

export function outputAddress(): usize {
  return OUTPUT;
}

export function receiptAddress(): usize {
  return RECEIPT;
}

export function receiptPairsMax(): u32 {
  return LANE_RECORDS_MAX;
}

export function slotsAddress(): usize {
  return SLOTS;
}

export function evictedAddress(): usize {
  return EVICTED;
}
