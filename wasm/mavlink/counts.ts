// What came of a link's frames, under the names of `link::Count` in src/link.rs, in its order.

const NAMES = [
  "wrongChecksums",
  "unknown",
  "records",
  "remembered",
  "traffic",
  "unmapped",
  "unsigned",
  "wrongSignatures",
  "replayed",
  "unreadable",
  "denied",
  "noVehicles",
] as const;

/**
 * Frames with a right checksum, each counted once; and before them `wrongChecksums`, of what claims to be a frame, and
 * `unknown`, of vehicles' messages that the definitions do not have. All count up to 2^32 and begin again.
 */
export type LinkCounts = Record<typeof NAMES[number], number>;

export const COUNTS = NAMES.length;

export function readCounts(words: Uint32Array): LinkCounts {
  return Object.fromEntries(NAMES.map((name, i) => [name, words[i]!])) as LinkCounts;
}
