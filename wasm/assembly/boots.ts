// The boots that each drone remembers, one for each source that speaks as it, their session slots, and the way back from
// a slot to its boot. A fifth boot replaces the one used least recently, whose slot is retired: `evictIdle` reports it
// once it is settled.
import { findValue, insertBucket, removeBucket, replaceBucket } from "./table";
import {
  BOOT_BYTES,
  BOOT_ID,
  BOOT_PRINTS,
  BOOT_SLOT,
  BOOT_SOURCE,
  BOOT_UNSETTLED,
  BOOTS,
  DRONE_BOOT_ORDER,
  DRONE_BOOTS,
  droneAt,
  DRONES_MAX,
  EVICTED,
  PRINTS,
  RETIRED,
  RETIRED_MAX,
  SEEN_MS,
  SLOT_BUCKETS,
  SLOT_TABLE,
  STATE_LAST_SLOT,
  STATE_RETIRED,
  WINDOW_SEQS,
} from "./layout";

/** The places of the boots of a drone that has none: the last one is taken first. */
export const BOOT_ORDER_FIRST: u32 = 0x03020100;

const MASK: u32 = SLOT_BUCKETS - 1;
/** Odd, so that distinct slots have distinct keys; spreads neighbours. */
const SPREAD: u32 = 0x9e3779b1;
/** Values of the slot table from here on are places in `RETIRED`; below it drone · BOOTS + place. */
const RETIRED_BASE: u32 = DRONES_MAX * <u32> BOOTS;
const LAST_PLACE: u32 = <u32> BOOTS - 1;

export function bootAt(drone: usize, place: u32): usize {
  return drone + DRONE_BOOTS + place * BOOT_BYTES;
}

/** The drone's boot with this id, as this source speaks for it; 0: not remembered. */
export function findBoot(drone: usize, bootId: u32, source: u32): usize {
  let order = load<u32>(drone + DRONE_BOOT_ORDER);
  for (let i: u32 = 0; i < <u32> BOOTS; i++, order >>>= 8) {
    const boot = bootAt(drone, order & 0xff);
    if (
      load<u32>(boot + BOOT_ID) == bootId && load<u32>(boot + BOOT_SOURCE) == source && load<u32>(boot + BOOT_SLOT) != 0
    ) return boot;
  }
  return 0;
}

/** It is the one used last from now on. */
export function touchBoot(drone: usize, boot: usize): void {
  const order = load<u32>(drone + DRONE_BOOT_ORDER);
  if (bootAt(drone, order & 0xff) == boot) return;
  let at: u32 = 1;
  while (bootAt(drone, placeAt(order, at)) != boot) at++;
  bringToFront(drone, order, at);
}

function placeAt(order: u32, at: u32): u32 {
  return order >>> (at * 8) & 0xff;
}

function bringToFront(drone: usize, order: u32, at: u32): void {
  assert(at < <u32> BOOTS);
  const before = <u32> ((<u64> 1 << <u64> (at * 8)) - 1);
  const behind = ~<u32> ((<u64> 1 << <u64> (at * 8 + 8)) - 1);
  store<u32>(drone + DRONE_BOOT_ORDER, order & behind | (order & before) << 8 | placeAt(order, at));
}

/** A new boot has no place: session slots or places for retired ones are used up. */
export function isBootFull(drone: usize): bool {
  if (load<u32>(STATE_LAST_SLOT) == u32.MAX_VALUE) return true;
  if (drone == 0 || load<u32>(STATE_RETIRED) < RETIRED_MAX) return false;
  return load<u32>(bootAt(drone, placeAt(load<u32>(drone + DRONE_BOOT_ORDER), LAST_PLACE)) + BOOT_SLOT) != 0;
}

/** Gives a new boot the place used least recently and the next session slot. */
export function insertBoot(index: u32, bootId: u32, source: u32): usize {
  const drone = droneAt(index);
  const order = load<u32>(drone + DRONE_BOOT_ORDER);
  const place = placeAt(order, LAST_PLACE);
  const boot = bootAt(drone, place);
  const value = index * <u32> BOOTS + place;
  if (load<u32>(boot + BOOT_SLOT) != 0) retire(boot, value);
  memory.fill(boot, 0, BOOT_BYTES);
  const slot = load<u32>(STATE_LAST_SLOT) + 1;
  store<u32>(STATE_LAST_SLOT, slot);
  store<u32>(boot + BOOT_SLOT, slot);
  store<u32>(boot + BOOT_ID, bootId);
  store<u32>(boot + BOOT_SOURCE, source);
  store<u32>(boot + BOOT_PRINTS, <u32> PRINTS + (place * DRONES_MAX + index) * WINDOW_SEQS);
  bringToFront(drone, order, LAST_PLACE);
  insertBucket(SLOT_TABLE, MASK, slot * SPREAD, value);
  return boot;
}

function retire(boot: usize, value: u32): void {
  const retired = load<u32>(STATE_RETIRED);
  assert(retired < RETIRED_MAX);
  const slot = load<u32>(boot + BOOT_SLOT);
  store<u32>(RETIRED + retired * 8, slot);
  store<u32>(RETIRED + retired * 8 + 4, load<u32>(boot + BOOT_UNSETTLED));
  store<u32>(STATE_RETIRED, retired + 1);
  replaceBucket(SLOT_TABLE, MASK, slot * SPREAD, value, RETIRED_BASE + retired);
}

/** The boot of a slot; 0: unknown. A record of a retired slot is settled here. */
export function bootOfSlot(slot: u32): usize {
  const value = findValue(SLOT_TABLE, MASK, slot * SPREAD);
  if (value < 0) return 0;
  if (<u32> value < RETIRED_BASE) return bootAt(droneAt(<u32> value / <u32> BOOTS), <u32> value % <u32> BOOTS);
  const unsettled = RETIRED + (<u32> value - RETIRED_BASE) * 8 + 4;
  const records = load<u32>(unsettled);
  if (records > 0) store<u32>(unsettled, records - 1);
  return 0;
}

/** The drone of a slot whose boot is remembered; 0: none. */
export function droneOfSlot(slot: u32): usize {
  const value = findValue(SLOT_TABLE, MASK, slot * SPREAD);
  return value < 0 || <u32> value >= RETIRED_BASE ? 0 : droneAt(<u32> value / <u32> BOOTS);
}

export function hasUnsettled(drone: usize): bool {
  let unsettled: u32 = 0;
  for (let i: u32 = 0; i < <u32> BOOTS; i++) unsettled |= load<u32>(bootAt(drone, i) + BOOT_UNSETTLED);
  return unsettled != 0;
}

/** Forgets the slots of a drone and appends them to `EVICTED`; how many are there then. */
export function dropBoots(drone: usize, evicted: u32): u32 {
  for (let i: u32 = 0; i < <u32> BOOTS; i++) {
    const slot = load<u32>(bootAt(drone, i) + BOOT_SLOT);
    if (slot == 0) continue;
    const key = slot * SPREAD;
    removeBucket(SLOT_TABLE, MASK, key, <u32> findValue(SLOT_TABLE, MASK, key));
    store<u32>(EVICTED + evicted * 4, slot);
    evicted++;
  }
  return evicted;
}

/** The same for retired slots without unsettled records; the others move together. */
export function dropRetired(evicted: u32): u32 {
  const retired = load<u32>(STATE_RETIRED);
  let kept: u32 = 0;
  for (let i: u32 = 0; i < retired; i++) {
    const slot = load<u32>(RETIRED + i * 8);
    const key = slot * SPREAD;
    if (load<u32>(RETIRED + i * 8 + 4) == 0) {
      removeBucket(SLOT_TABLE, MASK, key, RETIRED_BASE + i);
      store<u32>(EVICTED + evicted * 4, slot);
      evicted++;
      continue;
    }
    if (kept != i) {
      store<u64>(RETIRED + kept * 8, load<u64>(RETIRED + i * 8));
      replaceBucket(SLOT_TABLE, MASK, key, RETIRED_BASE + i, RETIRED_BASE + kept);
    }
    kept++;
  }
  store<u32>(STATE_RETIRED, kept);
  return evicted;
}

export function isRetired(slot: u32): bool {
  const retired = retiredSlots();
  for (let i: u32 = 0; i < retired; i++) if (load<u32>(RETIRED + i * 8) == slot) return true;
  return false;
}

/** The way from slots to boots, from the rows and what is retired; of two entries of a slot the first. */
export function rebuildSlots(): void {
  memory.fill(SLOT_TABLE, 0, SLOT_BUCKETS * 8);
  for (let index: u32 = 0; index < DRONES_MAX; index++) {
    if (!(load<f64>(SEEN_MS + index * 8) >= 0)) continue;
    for (let place: u32 = 0; place < <u32> BOOTS; place++) {
      insertSlot(load<u32>(bootAt(droneAt(index), place) + BOOT_SLOT), index * <u32> BOOTS + place);
    }
  }
  const retired = retiredSlots();
  let kept: u32 = 0;
  for (let i: u32 = 0; i < retired; i++) {
    store<u64>(RETIRED + kept * 8, load<u64>(RETIRED + i * 8));
    if (insertSlot(load<u32>(RETIRED + kept * 8), RETIRED_BASE + kept)) kept++;
  }
  store<u32>(STATE_RETIRED, kept);
}

function retiredSlots(): u32 {
  const retired = load<u32>(STATE_RETIRED);
  return retired < RETIRED_MAX ? retired : RETIRED_MAX;
}

function insertSlot(slot: u32, value: u32): bool {
  if (slot == 0 || findValue(SLOT_TABLE, MASK, slot * SPREAD) >= 0) return false;
  insertBucket(SLOT_TABLE, MASK, slot * SPREAD, value);
  return true;
}
