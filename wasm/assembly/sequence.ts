// Which sequence numbers of a boot were seen, with which content, and which of them are open (not settled yet), within a
// bounded window. Below the window nothing is known and a record counts as new: the aggregator deduplicates exactly.
import { bootOfSlot, droneOfSlot } from "./boots";
import {
  BOOT_OPEN,
  BOOT_PRINTS,
  BOOT_SEEN,
  BOOT_SEQ_MAX,
  BOOT_STARTED,
  BOOT_UNSETTLED,
  FIX_SLOT,
  KIND_NONE,
  RECEIPT,
  RECORD_BYTES,
  RECORD_EVENT_S,
  RECORD_KIND,
  RECORD_SEQ,
  RESULT_FIRST_SEQ,
  RESULT_RECORDS,
  SCRATCH_RECORDS,
  WINDOW_SEQS,
} from "./layout";

const MASK: u32 = WINDOW_SEQS - 1;
const MIX: u64 = 0x9e3779b97f4a7c15;

/** Moves the window when needed; true: seen before, and nothing changed. */
export function isDuplicate(boot: usize, seq: u32): bool {
  const seqMax = load<u32>(boot + BOOT_SEQ_MAX);
  if (seq > seqMax || load<u32>(boot + BOOT_STARTED) == 0) {
    if (load<u32>(boot + BOOT_STARTED) != 0) slide(boot, seqMax, seq);
    store<u32>(boot + BOOT_STARTED, 1);
    store<u32>(boot + BOOT_SEQ_MAX, seq);
    return false;
  }
  return seqMax - seq < WINDOW_SEQS && hasBit(boot + BOOT_SEEN, seq);
}

/**
 * The frame in scratch says of a sequence number that was seen something else than was said before: somebody else speaks
 * as this boot. A frame that goes on where the last one stopped, as nearly all do, costs one comparison.
 */
export function isClash(boot: usize): bool {
  const seqMax = load<u32>(boot + BOOT_SEQ_MAX);
  if (load<u32>(RESULT_FIRST_SEQ) > seqMax || load<u32>(boot + BOOT_STARTED) == 0) return false;
  const prints = <usize> load<u32>(boot + BOOT_PRINTS);
  const end = SCRATCH_RECORDS + load<u32>(RESULT_RECORDS) * RECORD_BYTES;
  for (let record = SCRATCH_RECORDS; record < end; record += RECORD_BYTES) {
    const seq = load<u32>(record + RECORD_SEQ);
    if (seq > seqMax || seqMax - seq >= WINDOW_SEQS || load<u8>(record + RECORD_KIND) == KIND_NONE) continue;
    if (hasBit(boot + BOOT_SEEN, seq) && load<u8>(prints + (seq & MASK)) != printOf(record)) return true;
  }
  return false;
}

// Of event time and kind. Mixed twice: two sources whose clocks differ by a constant must not agree all the time.
function printOf(record: usize): u8 {
  let value = load<u64>(record + RECORD_EVENT_S) ^ <u64> load<u8>(record + RECORD_KIND) << 24;
  value = (value ^ value >>> 32) * MIX;
  value = (value ^ value >>> 29) * MIX;
  return <u8> (value >>> 56);
}

/** A record was appended to a lane. */
export function markOpen(boot: usize, record: usize): void {
  const seq = load<u32>(record + RECORD_SEQ);
  store<u32>(boot + BOOT_UNSETTLED, load<u32>(boot + BOOT_UNSETTLED) + 1);
  if (load<u32>(boot + BOOT_SEQ_MAX) - seq >= WINDOW_SEQS) return;
  setBit(boot + BOOT_SEEN, seq);
  setBit(boot + BOOT_OPEN, seq);
  store<u8>(<usize> load<u32>(boot + BOOT_PRINTS) + (seq & MASK), printOf(record));
}

export function isOpen(boot: usize, seq: u32): bool {
  return hasBit(boot + BOOT_OPEN, seq);
}

/**
 * Settles the first `pairs` (slot, seq) of `RECEIPT`; `lost`: they are in no journal, and no longer known. Each that is
 * done is struck out there, so that whoever does it again after a trap goes on.
 */
export function settlePairs(pairs: u32, lost: bool): void {
  const end = RECEIPT + pairs * 8;
  for (let pair = RECEIPT; pair < end; pair += 8) {
    const slot = load<u32>(pair);
    if (slot != 0) settleOne(slot, load<u32>(pair + 4), lost);
    store<u32>(pair, 0);
  }
}

function settleOne(slot: u32, seq: u32, lost: bool): void {
  const boot = bootOfSlot(slot);
  if (boot == 0) return;
  const unsettled = load<u32>(boot + BOOT_UNSETTLED);
  if (unsettled > 0) store<u32>(boot + BOOT_UNSETTLED, unsettled - 1);
  const seqMax = load<u32>(boot + BOOT_SEQ_MAX);
  const isWithin = seq <= seqMax && seqMax - seq < WINDOW_SEQS;
  if (isWithin) clearBit(boot + BOOT_OPEN, seq);
  if (!lost) return;
  if (isWithin) clearBit(boot + BOOT_SEEN, seq);
  // What was lost may be the fix with which the next ones are compared.
  const drone = droneOfSlot(slot);
  if (load<u32>(drone + FIX_SLOT) == slot) store<u32>(drone + FIX_SLOT, 0);
}

// From seqMax + 1 to seq the places still hold what left the window.
function slide(boot: usize, seqMax: u32, seq: u32): void {
  if (seq - seqMax >= WINDOW_SEQS) {
    memory.fill(boot + BOOT_SEEN, 0, WINDOW_SEQS / 4);
    return;
  }
  // A jump costs what its words do, 32 numbers each: a frame of nothing but jumps is no dearer than others.
  for (let place = seqMax + 1, left = seq - seqMax; left > 0;) {
    const bit = place & 31;
    const bits = left < 32 - bit ? left : 32 - bit;
    const kept = ~(<u32> ((<u64> 1 << <u64> bits) - 1) << bit);
    const word = wordOf(boot + BOOT_SEEN, place);
    store<u32>(word, load<u32>(word) & kept);
    const open = wordOf(boot + BOOT_OPEN, place);
    store<u32>(open, load<u32>(open) & kept);
    place += bits;
    left -= bits;
  }
}

function wordOf(bitmap: usize, seq: u32): usize {
  return bitmap + ((seq & MASK) >>> 5) * 4;
}

function hasBit(bitmap: usize, seq: u32): bool {
  return (load<u32>(wordOf(bitmap, seq)) >>> (seq & 31) & 1) != 0;
}

function setBit(bitmap: usize, seq: u32): void {
  const word = wordOf(bitmap, seq);
  store<u32>(word, load<u32>(word) | 1 << (seq & 31));
}

function clearBit(bitmap: usize, seq: u32): void {
  const word = wordOf(bitmap, seq);
  store<u32>(word, load<u32>(word) & ~(1 << (seq & 31)));
}
