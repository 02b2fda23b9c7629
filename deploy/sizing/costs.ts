// What a record costs, as it was measured: docs/scale.md says how, and how to measure it on another machine.

/** What uses processors. */
export const PARTS = ["edge", "aggregator", "broker", "flink"] as const;

export type Part = typeof PARTS[number];

/** µs of one core for a record. */
export const COST_US: Record<Part, number> = { edge: 0, aggregator: 0, broker: 0, flink: 0 };

/** A FleetRecord without its key and headers. */
export const RECORD_BYTES = 80;
