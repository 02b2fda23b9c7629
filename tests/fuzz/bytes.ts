// Changes of bytes that know nothing of what they mean.
import type { Random } from "../../sim/random.ts";

export function concatenated(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.whole(0, from.length - 1)]!;
}

/** Where limits are. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff];

type Change = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const CHANGES: Change[] = [
  function flip(bytes, random) {
    const changed = bytes.slice();
    for (let left = random.whole(1, 4); left > 0; left--) {
      const at = random.whole(0, bytes.length - 1);
      changed[at] = changed[at]! ^ 1 << random.whole(0, 7);
    }
    return changed;
  },
  function overwrite(bytes, random) {
    const changed = bytes.slice();
    const at = random.whole(0, bytes.length - 1);
    changed.fill(pick(random, EDGES), at, at + random.whole(1, 8));
    return changed;
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.whole(0, bytes.length - 1));
  },
  function remove(bytes, random) {
    const at = random.whole(0, bytes.length - 1);
    return concatenated([bytes.subarray(0, at), bytes.subarray(at + random.whole(1, 16))]);
  },
  function insert(bytes, random) {
    const at = random.whole(0, bytes.length);
    const added = Uint8Array.from({ length: random.whole(1, 12) }, () => random.whole(0, 255));
    return concatenated([bytes.subarray(0, at), added, bytes.subarray(at)]);
  },
  function repeat(bytes, random) {
    const at = random.whole(0, bytes.length - 1);
    const part = bytes.subarray(at, at + random.whole(1, 64));
    const times = random.chance(0.1) ? random.whole(2, 300) : 2;
    return concatenated([bytes.subarray(0, at), ...Array<Uint8Array>(times).fill(part), bytes.subarray(at)]);
  },
  function splice(bytes, random, other) {
    return concatenated([
      bytes.subarray(0, random.whole(0, bytes.length)),
      other.subarray(random.whole(0, other.length)),
    ]);
  },
];

/** Changed somewhere; `other`: what it may take a part of. */
export function changedBytes(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  if (bytes.length === 0) return other.slice(0, random.whole(0, other.length));
  return pick(random, CHANGES)(bytes, random, other);
}
