// Where records are kept for the drone's software that comes after this one, should this one be killed.
import type { Telemetry } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";

/** What was found of an earlier life of the drone's software. */
export interface KeptRecords {
  bootId: number;
  /** The last number that was given. */
  lastSeq: number;
  /** Not acknowledged yet, oldest first. */
  records: Telemetry[];
}

export interface RecordStore {
  /** Once, before anything else. @param bootId if nothing is kept yet. @throws {Error} when it cannot be read */
  open(droneId: string, bootId: number): KeptRecords;
  /** Before they are sent. @throws {Error} when it cannot be written: they are kept with the next that can */
  put(records: readonly Telemetry[]): void;
  /** Acknowledged, or lost. @throws {Error} when it cannot be written: they may be sent again after a restart */
  forget(seqs: readonly number[]): void;
  close(): void;
}

/** Keeps nothing beyond this process: a drone starts a new boot each time. */
export const NO_STORE: RecordStore = {
  open: (_, bootId) => ({ bootId, lastSeq: 0, records: [] }),
  put: () => {},
  forget: () => {},
  close: () => {},
};
