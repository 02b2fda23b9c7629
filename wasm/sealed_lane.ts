// What the hot path hands over when a lane is sealed.
import type { Exports } from "./exports.ts";

/** What a lane held. */
export interface SealedLane {
  /**
   * An encoded TelemetryBatch: a view, valid until the next call of any method. Null: the lane cannot be encoded, what was
   * in it is held no longer, and slots are not listed.
   */
  raw: Uint8Array<ArrayBuffer> | null;
  /** Records of every kind, near-duplicates included. */
  records: number;
  /** (slot, seq) pairs of all of them, for `settle`, ascending by slot. */
  receipt: Uint32Array<ArrayBuffer>;
  /** The slots that occur in it, ascending. */
  slots: Uint32Array<ArrayBuffer>;
}

/** Reads what `seal` has left in the memory. */
export function readSealed(
  { outputAddress, receiptAddress, slotsAddress }: Exports,
  { buffer, bytes, records, slots }: { buffer: ArrayBuffer; bytes: number; records: number; slots: number },
): SealedLane {
  return {
    raw: new Uint8Array(buffer, outputAddress(), bytes),
    records,
    receipt: new Uint32Array(buffer, receiptAddress(), 2 * records).slice(),
    slots: new Uint32Array(buffer, slotsAddress(), slots).slice(),
  };
}

/** The same of what `abandon` has left: pairs by arrival, which are sorted here. */
export function readAbandoned(
  { receiptAddress }: Exports,
  { buffer, records }: { buffer: ArrayBuffer; records: number },
): SealedLane {
  const words = new Uint32Array(buffer, receiptAddress(), 2 * records);
  const pairs = Array.from({ length: records }, (_, i) => [words[2 * i]!, words[2 * i + 1]!] as const);
  pairs.sort(([a], [b]) => a - b);
  return { raw: null, records, receipt: Uint32Array.from(pairs.flat()), slots: new Uint32Array() };
}
