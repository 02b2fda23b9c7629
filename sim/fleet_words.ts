// What the fleet's process tells the demo on its standard output: a line of JSON each.
import type { TrafficOptions } from "./options.ts";
import type { RunSummary } from "./run.ts";
import type { ExpectedAlert } from "./truth.ts";

/** What stands before its first word: all drones are connected. */
export const FLEET_READY = "connected to ";

/** What the fleet's process is started with. */
export interface FleetOrder {
  options: TrafficOptions;
  /** Of the edge's telemetry socket. */
  url: string;
  /** Folder of the PKI whose certificates the drones have; null: they have none. */
  pki: string | null;
}

export type FleetWord =
  /** The edge's connection to the aggregator is to be cut, or healed. */
  | { type: "cut"; isCut: boolean }
  /** How late it sends, each second. */
  | { type: "lag"; lagMs: number }
  | { type: "ended"; flight: Flight };

/** A run that has ended. */
export interface Flight {
  summary: RunSummary;
  /** Null when there is no truth, as for recordings. */
  expectedAlerts: ExpectedAlert[] | null;
  /** Unix µs of the last record. */
  endUs: number;
  /** How late it was then. */
  lagMs: number;
}

/** @throws {SyntaxError} when it is none */
export function readWord(line: string): FleetWord {
  // Of a process of ours: the shape is its word.
  return JSON.parse(line) as FleetWord;
}
