// The table of drones: found by the whole id, never by hash alone.
import { insertBucket, removeBucket } from "./table";
import { BOOT_ORDER_FIRST, dropBoots, hasUnsettled } from "./boots";
import {
  DRONE_BOOT_ORDER,
  DRONE_BUCKETS,
  DRONE_BYTES,
  DRONE_HASH,
  DRONE_ID,
  DRONE_ID_BYTES,
  DRONE_TABLE,
  DRONE_TOKENS,
  DRONE_TOKENS_MS,
  droneAt,
  DRONES_MAX,
  EVICTIONS_MAX,
  FREE_DRONES,
  ID_BYTES_MAX,
  SCRATCH_ID,
  SEEN_MS,
  STATE_DRONE_BURST,
  STATE_DRONES,
  STATE_EVICTION_CURSOR,
  STATE_HASH_SEED,
} from "./layout";

const MASK: u32 = DRONE_BUCKETS - 1;
const MIX: u64 = 0x9e3779b97f4a7c15;

/** All places are free. */
export function initDrones(): void {
  for (let i: u32 = 0; i < DRONES_MAX; i++) {
    store<u32>(FREE_DRONES + i * 4, DRONES_MAX - 1 - i);
    store<f64>(SEEN_MS + i * 8, -1);
  }
}

/** Copies an id of 1 to 64 bytes to `SCRATCH_ID` and fills up with zeros; its hash. */
export function takeId(id: usize, bytes: u32): u32 {
  assert(bytes - 1 < ID_BYTES_MAX);
  const words = bytes >>> 3;
  const rest = bytes & 7;
  let hash: u64 = <u64> load<u32>(STATE_HASH_SEED) << 32 | <u64> bytes;
  for (let i: u32 = 0; i < words; i++) {
    const word = load<u64>(id + i * 8);
    store<u64>(SCRATCH_ID + i * 8, word);
    hash = mix(hash ^ word);
  }
  if (rest != 0) {
    const word = readRest(id, bytes, rest);
    store<u64>(SCRATCH_ID + words * 8, word);
    hash = mix(hash ^ word);
  }
  return <u32> (hash >>> 32);
}

// The last 1 to 7 bytes without touching what lies behind them.
function readRest(id: usize, bytes: u32, rest: u32): u64 {
  if (bytes >= 8) return load<u64>(id + bytes - 8) >>> <u64> (64 - rest * 8);
  let word: u64 = 0;
  for (let i: u32 = 0; i < rest; i++) word |= <u64> load<u8>(id + i) << <u64> (i * 8);
  return word;
}

function mix(value: u64): u64 {
  value = (value ^ value >>> 32) * MIX;
  return value ^ value >>> 29;
}

/** Index of the drone whose id is in `SCRATCH_ID`; -1: none. */
export function findDrone(hash: u32, bytes: u32): i32 {
  let i = hash & MASK;
  let bucket = load<u64>(DRONE_TABLE + i * 8);
  while (bucket != 0) {
    if (<u32> (bucket >>> 32) == hash) {
      const index = <u32> bucket - 1;
      if (hasId(droneAt(index), bytes)) return <i32> index;
    }
    i = (i + 1) & MASK;
    bucket = load<u64>(DRONE_TABLE + i * 8);
  }
  return -1;
}

function hasId(drone: usize, bytes: u32): bool {
  if (load<u32>(drone + DRONE_ID_BYTES) != bytes) return false;
  for (let i: usize = 0; i < bytes; i += 8) {
    if (load<u64>(drone + DRONE_ID + i) != load<u64>(SCRATCH_ID + i)) return false;
  }
  return true;
}

export function isTableFull(): bool {
  return load<u32>(STATE_DRONES) == DRONES_MAX;
}

/** Puts the drone of `SCRATCH_ID` into a free place; its index. */
export function insertDrone(hash: u32, bytes: u32, nowMs: f64): u32 {
  const drones = load<u32>(STATE_DRONES);
  assert(drones < DRONES_MAX);
  const index = load<u32>(FREE_DRONES + (DRONES_MAX - 1 - drones) * 4);
  store<u32>(STATE_DRONES, drones + 1);
  const drone = droneAt(index);
  memory.fill(drone, 0, DRONE_BYTES);
  store<u32>(drone + DRONE_ID_BYTES, bytes);
  store<u32>(drone + DRONE_HASH, hash);
  for (let i: usize = 0; i < bytes; i += 8) store<u64>(drone + DRONE_ID + i, load<u64>(SCRATCH_ID + i));
  store<u32>(drone + DRONE_BOOT_ORDER, BOOT_ORDER_FIRST);
  store<f64>(drone + DRONE_TOKENS, load<f64>(STATE_DRONE_BURST));
  store<f64>(drone + DRONE_TOKENS_MS, nowMs);
  insertBucket(DRONE_TABLE, MASK, hash, index);
  return index;
}

export function touchDrone(index: u32, nowMs: f64): void {
  store<f64>(SEEN_MS + index * 8, nowMs);
}

/** Removes idle drones that have no unsettled records, going on where the last call stopped; slots written so far. */
export function evictDrones(nowMs: f64, idleMs: f64): u32 {
  let slots: u32 = 0;
  let evictions: u32 = 0;
  let index = load<u32>(STATE_EVICTION_CURSOR);
  for (let visited: u32 = 0; visited < DRONES_MAX && evictions < EVICTIONS_MAX; visited++) {
    const seenMs = load<f64>(SEEN_MS + index * 8);
    if (seenMs >= 0 && nowMs - seenMs >= idleMs && !hasUnsettled(droneAt(index))) {
      slots = dropBoots(droneAt(index), slots);
      removeDrone(index);
      evictions++;
    }
    index = (index + 1) & (DRONES_MAX - 1);
  }
  store<u32>(STATE_EVICTION_CURSOR, index);
  return slots;
}

function removeDrone(index: u32): void {
  const drones = load<u32>(STATE_DRONES) - 1;
  removeBucket(DRONE_TABLE, MASK, load<u32>(droneAt(index) + DRONE_HASH), index);
  store<f64>(SEEN_MS + index * 8, -1);
  store<u32>(FREE_DRONES + (DRONES_MAX - 1 - drones) * 4, index);
  store<u32>(STATE_DRONES, drones);
}

/** Table and free places, from the rows: those seen at some time are taken. */
export function rebuildDrones(): void {
  memory.fill(DRONE_TABLE, 0, DRONE_BUCKETS * 8);
  let free: u32 = 0;
  for (let i: u32 = 0; i < DRONES_MAX; i++) {
    const index = DRONES_MAX - 1 - i;
    if (load<f64>(SEEN_MS + index * 8) >= 0) {
      insertBucket(DRONE_TABLE, MASK, load<u32>(droneAt(index) + DRONE_HASH), index);
    } else store<u32>(FREE_DRONES + free++ * 4, index);
  }
  store<u32>(STATE_DRONES, DRONES_MAX - free);
}
