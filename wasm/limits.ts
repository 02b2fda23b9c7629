// What the hot path is asked in, and how much it holds: as assembly/layout.ts has it.

/** How soon a record leaves: safety at once, bulk once a window. */
export const LaneIndex = { safety: 0, bulk: 1 } as const;

/** Of bulk: nothing, three records in four, everything. */
export type Shedding = 0 | 1 | 2;

/** What `haversineM` measures between: degrees scaled by 1e7. */
export type FixE7 = { latE7: number; lonE7: number };

/** Sources that may speak as one boot of a drone at once, numbered from 0. */
export const SOURCES_MAX = 4;
/** Drones known at once; a frame of one more is answered `full`. */
export const DRONES_MAX = 32_768;

/** No id: frames of all drones are taken. */
export const ANY_DRONE = new Uint8Array();

/** Pages of 64 KiB of an instance's memory, all of them reserved at once. */
export const MEMORY_PAGES = 3096;
