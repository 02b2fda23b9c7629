// What the hot path hands over when a lane is sealed.

/** What a lane held. */
export interface SealedLane {
  /** An encoded TelemetryBatch: a view, valid until the next call of any method. */
  raw: Uint8Array<ArrayBuffer>;
  /** Records of every kind, near-duplicates included. */
  records: number;
  /** (slot, seq) pairs of all of them, for `settle`. */
  receipt: Uint32Array<ArrayBuffer>;
  /** The slots that occur in it, ascending. */
  slots: Uint32Array<ArrayBuffer>;
}
