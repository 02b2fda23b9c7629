// Open addressing with linear probing. A bucket is a u64: key in the upper half, value + 1 in the lower, 0 empty; the
// key's low bits are its home. Tables are at most half full, so a probe always meets an empty bucket.

export function insertBucket(table: usize, mask: u32, key: u32, value: u32): void {
  let i = key & mask;
  while (load<u64>(table + i * 8) != 0) i = (i + 1) & mask;
  store<u64>(table + i * 8, <u64> key << 32 | <u64> (value + 1));
}

/** The value of a key that occurs at most once; -1: none. */
export function findValue(table: usize, mask: u32, key: u32): i32 {
  let i = key & mask;
  let bucket = load<u64>(table + i * 8);
  while (bucket != 0) {
    if (<u32> (bucket >>> 32) == key) return <i32> <u32> bucket - 1;
    i = (i + 1) & mask;
    bucket = load<u64>(table + i * 8);
  }
  return -1;
}

export function replaceBucket(table: usize, mask: u32, key: u32, value: u32, newValue: u32): void {
  const i = indexOf(table, mask, key, value);
  store<u64>(table + i * 8, <u64> key << 32 | <u64> (newValue + 1));
}

/** Closes the gap by moving later buckets back (Knuth, TAOCP 3, algorithm 6.4 R): no tombstones ever. */
export function removeBucket(table: usize, mask: u32, key: u32, value: u32): void {
  let gap = indexOf(table, mask, key, value);
  let i = gap;
  for (;;) {
    i = (i + 1) & mask;
    const bucket = load<u64>(table + i * 8);
    if (bucket == 0) break;
    const home = <u32> (bucket >>> 32) & mask;
    if (((i - home) & mask) < ((i - gap) & mask)) continue;
    store<u64>(table + gap * 8, bucket);
    gap = i;
  }
  store<u64>(table + gap * 8, 0);
}

function indexOf(table: usize, mask: u32, key: u32, value: u32): u32 {
  const wanted = <u64> key << 32 | <u64> (value + 1);
  let i = key & mask;
  while (load<u64>(table + i * 8) != wanted) {
    assert(load<u64>(table + i * 8) != 0);
    i = (i + 1) & mask;
  }
  return i;
}
