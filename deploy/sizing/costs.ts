// What a record costs, as it was measured: docs/scale.md says how. On another machine, or another day, it is something else.

/** What uses processors. */
export const PARTS = ["edge", "aggregator", "publishing", "broker", "flink"] as const;

export type Part = typeof PARTS[number];

/** µs of one core for a record; `publishing` is of the aggregator's thread for Kafka, which has one core at most. */
export const COST_US: Record<Part, number> = { edge: 18, aggregator: 4.3, publishing: 17.8, broker: 5.4, flink: 12.6 };

/** A FleetRecord without its key and headers. */
export const RECORD_BYTES = 80;
