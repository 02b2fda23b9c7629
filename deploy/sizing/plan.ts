// What a fleet takes: rates times costs. Everything is taken to grow with the number of records, and with nothing else.
import { type Part, PARTS } from "./costs.ts";

export interface Plan {
  recordsPerS: number;
  /** All that it uses, and how many to have so that each is as busy as it may be. */
  parts: Record<Part, { cores: number; count: number }>;
  /** MB/s into each replica's brokers together. */
  mbPerS: number;
  /** TB that each replica keeps of a day. */
  tbPerDay: number;
}

export interface Fleet {
  drones: number;
  recordsPerDroneS: number;
  costUs: Record<Part, number>;
  recordBytes: number;
  /** Of a core's time, what may be used. */
  busyPct: number;
  /** One aggregator's, at most. */
  dronesPerAggregator: number;
  /** Brokers that have each record. */
  replicas: number;
}

const DAY_S = 86_400;

export function plan(fleet: Fleet): Plan {
  const { drones, recordsPerDroneS, costUs, recordBytes, busyPct, dronesPerAggregator, replicas } = fleet;
  const recordsPerS = drones * recordsPerDroneS;
  const parts = Object.fromEntries(PARTS.map((part) => {
    const cores = recordsPerS * costUs[part] * (part === "broker" ? replicas : 1) / 1e6;
    return [part, { cores, count: Math.ceil(cores * 100 / busyPct) }];
  })) as Plan["parts"];
  // Each has one thread that publishes.
  parts.aggregator.count = Math.max(Math.ceil(drones / dronesPerAggregator), parts.publishing.count);
  const mbPerS = recordsPerS * recordBytes / 1e6;
  return { recordsPerS, parts, mbPerS, tbPerDay: mbPerS * DAY_S / 1e6 };
}
