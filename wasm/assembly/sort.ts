// Sorts keys by their upper half, the slot, keeping the order of equal ones: by insertion when they are few, else by
// counting, 11 bits at a time, over the bits in which the slots differ.
import { HISTOGRAM, HISTOGRAM_DIGITS, SORT_KEYS } from "./layout";

const INSERTION_MAX: u32 = 32;
const DIGIT_BITS: u64 = 11;
const DIGIT_MASK: u64 = HISTOGRAM_DIGITS - 1;

export function sortBySlot(keys: usize, count: u32): void {
  if (count <= INSERTION_MAX) {
    insertionSort(keys, keys + count * 8);
    return;
  }
  const end = keys + count * 8;
  let slotMin = u32.MAX_VALUE;
  let slotMax: u32 = 0;
  for (let key = keys; key < end; key += 8) {
    const slot = load<u32>(key + 4);
    slotMin = slot < slotMin ? slot : slotMin;
    slotMax = slot > slotMax ? slot : slotMax;
  }
  const base = <u64> slotMin << 32;
  let source = keys;
  let target = SORT_KEYS;
  for (let shift: u64 = 32; (<u64> (slotMax - slotMin) << 32) >>> shift != 0; shift += DIGIT_BITS) {
    countingPass(source, target, count, base, shift);
    const sorted = target;
    target = source;
    source = sorted;
  }
  if (source != keys) memory.copy(keys, source, count * 8);
}

function insertionSort(keys: usize, end: usize): void {
  for (let key = keys + 8; key < end; key += 8) {
    const moving = load<u64>(key);
    let place = key;
    while (place > keys && load<u64>(place - 8) >>> 32 > moving >>> 32) {
      store<u64>(place, load<u64>(place - 8));
      place -= 8;
    }
    store<u64>(place, moving);
  }
}

function countingPass(source: usize, target: usize, count: u32, base: u64, shift: u64): void {
  memory.fill(HISTOGRAM, 0, HISTOGRAM_DIGITS * 4);
  const end = source + count * 8;
  for (let key = source; key < end; key += 8) {
    const cell = cellOf(load<u64>(key) - base, shift);
    store<u32>(cell, load<u32>(cell) + 1);
  }
  let before: u32 = 0;
  for (let cell = HISTOGRAM; cell < HISTOGRAM + HISTOGRAM_DIGITS * 4; cell += 4) {
    const equal = load<u32>(cell);
    store<u32>(cell, before);
    before += equal;
  }
  for (let key = source; key < end; key += 8) {
    const cell = cellOf(load<u64>(key) - base, shift);
    const place = load<u32>(cell);
    store<u32>(cell, place + 1);
    store<u64>(target + place * 8, load<u64>(key));
  }
}

function cellOf(key: u64, shift: u64): usize {
  return HISTOGRAM + <usize> (key >>> shift & DIGIT_MASK) * 4;
}
