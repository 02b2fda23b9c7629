// How long the bulk lane gathers before it leaves: 50 ms, moving between 10 and 100 ms with acknowledgement latency.

export interface BulkWindowSettings {
  initialMs: number;
  minMs: number;
  maxMs: number;
  /** Slower acknowledgements than this stretch the window: fewer, fuller batches relieve the aggregator. */
  slowAckMs: number;
  /** Faster ones than this allow it to shrink. */
  fastAckMs: number;
  /** A batch with fewer records than this compresses no better for having waited. */
  smallBatchRecords: number;
}

export const BULK_WINDOW_DEFAULTS: BulkWindowSettings = {
  initialMs: 50,
  minMs: 10,
  maxMs: 100,
  slowAckMs: 40,
  fastAckMs: 10,
  smallBatchRecords: 16,
};

export class BulkWindow {
  readonly #settings: BulkWindowSettings;
  #ms: number;
  #ackMs = 0;
  #overloaded = false;

  constructor(settings: BulkWindowSettings = BULK_WINDOW_DEFAULTS) {
    this.#settings = settings;
    this.#ms = settings.initialMs;
  }

  /** The window now, in ms: the longest there is while the machine is overloaded. */
  get ms(): number {
    return this.#overloaded ? this.#settings.maxMs : this.#ms;
  }

  /** A batch of the lane was acknowledged `ackMs` after it was sent. */
  acknowledged(ackMs: number, records: number): void {
    const { initialMs, minMs, maxMs, slowAckMs, fastAckMs, smallBatchRecords } = this.#settings;
    this.#ackMs = this.#ackMs === 0 ? ackMs : this.#ackMs * 0.8 + ackMs * 0.2;
    let targetMs = initialMs;
    if (this.#ackMs > slowAckMs) targetMs = maxMs;
    else if (this.#ackMs < fastAckMs && records < smallBatchRecords) targetMs = minMs;
    this.#ms += (targetMs - this.#ms) * 0.1;
  }

  /** The processor is busy, or the ladder has left the ground, as the caller measures it. */
  setOverloaded(overloaded: boolean): void {
    this.#overloaded = overloaded;
  }
}
