// Which sequence numbers of a boot were seen, and which of them are open (not settled yet), within a bounded window.
// Below the window nothing is known and a record counts as new: the aggregator deduplicates exactly.
import { bootOfSlot } from "./boots";
import { BOOT_OPEN, BOOT_SEEN, BOOT_SEQ_MAX, BOOT_STARTED, BOOT_UNSETTLED, RECEIPT, WINDOW_SEQS } from "./layout";

const MASK: u32 = WINDOW_SEQS - 1;

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

/** A record was appended to a lane. */
export function markOpen(boot: usize, seq: u32): void {
  store<u32>(boot + BOOT_UNSETTLED, load<u32>(boot + BOOT_UNSETTLED) + 1);
  if (load<u32>(boot + BOOT_SEQ_MAX) - seq >= WINDOW_SEQS) return;
  setBit(boot + BOOT_SEEN, seq);
  setBit(boot + BOOT_OPEN, seq);
}

export function isOpen(boot: usize, seq: u32): bool {
  return hasBit(boot + BOOT_OPEN, seq);
}

/** Settles the first `pairs` (slot, seq) of `RECEIPT`. */
export function settlePairs(pairs: u32): void {
  const end = RECEIPT + pairs * 8;
  for (let pair = RECEIPT; pair < end; pair += 8) {
    const boot = bootOfSlot(load<u32>(pair));
    if (boot == 0) continue;
    const seq = load<u32>(pair + 4);
    const unsettled = load<u32>(boot + BOOT_UNSETTLED);
    if (unsettled > 0) store<u32>(boot + BOOT_UNSETTLED, unsettled - 1);
    const seqMax = load<u32>(boot + BOOT_SEQ_MAX);
    if (seq <= seqMax && seqMax - seq < WINDOW_SEQS) clearBit(boot + BOOT_OPEN, seq);
  }
}

// From seqMax + 1 to seq the places still hold what left the window.
function slide(boot: usize, seqMax: u32, seq: u32): void {
  if (seq - seqMax >= WINDOW_SEQS) {
    memory.fill(boot + BOOT_SEEN, 0, WINDOW_SEQS / 4);
    return;
  }
  for (let place = seqMax + 1, left = seq - seqMax; left > 0; place++, left--) {
    clearBit(boot + BOOT_SEEN, place);
    clearBit(boot + BOOT_OPEN, place);
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
