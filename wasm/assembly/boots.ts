// The two boots that each drone remembers, their session slots, and the way back from a slot to its boot. A third
// boot replaces the one used least recently, whose slot is retired: `evictIdle` reports it once it is settled.
import { findValue, insertBucket, removeBucket, replaceBucket } from "./table";
import { droneAt } from "./drones";
import {
  BOOT_BYTES,
  BOOT_ID,
  BOOT_SLOT,
  BOOT_UNSETTLED,
  BOOTS,
  DRONE_BOOTS,
  DRONE_RECENT_BOOT,
  EVICTED,
  RETIRED,
  RETIRED_MAX,
  SLOT_BUCKETS,
  SLOT_TABLE,
  STATE_LAST_SLOT,
  STATE_RETIRED,
} from "./layout";

const MASK: u32 = SLOT_BUCKETS - 1;
/** Odd, so that distinct slots have distinct keys; spreads neighbours. */
const SPREAD: u32 = 0x9e3779b1;
/** Values of the slot table from here on are places in `RETIRED`. */
const RETIRED_BASE: u32 = 0x10000;

export function bootAt(drone: usize, boot: u32): usize {
  return drone + DRONE_BOOTS + boot * BOOT_BYTES;
}

/** The drone's boot with this id; 0: not remembered. */
export function findBoot(drone: usize, bootId: u32): usize {
  const recent = load<u32>(drone + DRONE_RECENT_BOOT);
  for (let i: u32 = 0; i < <u32> BOOTS; i++) {
    const boot = bootAt(drone, recent ^ i);
    if (load<u32>(boot + BOOT_ID) == bootId && load<u32>(boot + BOOT_SLOT) != 0) {
      store<u32>(drone + DRONE_RECENT_BOOT, recent ^ i);
      return boot;
    }
  }
  return 0;
}

/** A new boot has no place: session slots or places for retired ones are used up. */
export function isBootFull(drone: usize): bool {
  if (load<u32>(STATE_LAST_SLOT) == u32.MAX_VALUE) return true;
  if (drone == 0 || load<u32>(STATE_RETIRED) < RETIRED_MAX) return false;
  return load<u32>(bootAt(drone, load<u32>(drone + DRONE_RECENT_BOOT) ^ 1) + BOOT_SLOT) != 0;
}

/** Gives a new boot the place used least recently and the next session slot. */
export function insertBoot(index: u32, bootId: u32): usize {
  const drone = droneAt(index);
  const recent = load<u32>(drone + DRONE_RECENT_BOOT);
  // A drone's first boot takes the place that counts as used, as nothing is there yet.
  const place = load<u32>(bootAt(drone, recent) + BOOT_SLOT) == 0 ? recent : recent ^ 1;
  const boot = bootAt(drone, place);
  if (load<u32>(boot + BOOT_SLOT) != 0) retire(boot, index * 2 + place);
  memory.fill(boot, 0, BOOT_BYTES);
  const slot = load<u32>(STATE_LAST_SLOT) + 1;
  store<u32>(STATE_LAST_SLOT, slot);
  store<u32>(boot + BOOT_SLOT, slot);
  store<u32>(boot + BOOT_ID, bootId);
  store<u32>(drone + DRONE_RECENT_BOOT, place);
  insertBucket(SLOT_TABLE, MASK, slot * SPREAD, index * 2 + place);
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
  if (<u32> value < RETIRED_BASE) return bootAt(droneAt(<u32> value >>> 1), <u32> value & 1);
  const unsettled = RETIRED + (<u32> value - RETIRED_BASE) * 8 + 4;
  const records = load<u32>(unsettled);
  if (records > 0) store<u32>(unsettled, records - 1);
  return 0;
}

export function hasUnsettled(drone: usize): bool {
  return (load<u32>(bootAt(drone, 0) + BOOT_UNSETTLED) | load<u32>(bootAt(drone, 1) + BOOT_UNSETTLED)) != 0;
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
