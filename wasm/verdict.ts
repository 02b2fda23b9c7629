// What the hot path says of a frame.

/** What became of a frame as a whole. Anything but `accepted` has changed nothing. */
export const Verdict = {
  accepted: 0,
  malformed: 1,
  refusedDroneRate: 2,
  refusedNodeRate: 3,
  full: 4,
  /** More records than the drone, or the node, may ever send at once. */
  tooLarge: 5,
  /** Another source speaks as this boot of this drone: push it as that of the next one. */
  clash: 6,
  /** Of another drone than the only one whose frames are taken. */
  foreign: 7,
  /** Its instance trapped over it, and was replaced: of its drone's records none is known as seen any more. */
  trapped: 8,
} as const;

/** What is wrong with a malformed frame, for people; by the numbers that assembly/frame.ts gives. */
export const FAULTS = [
  "Not a TelemetryFrame message",
  "drone_id must be 1 to 64 bytes of UTF-8",
  "More than 256 records",
  "More than 64 alert acknowledgements",
  "Longer than 64 KiB",
  "group must be at most 64 bytes of UTF-8",
] as const;
