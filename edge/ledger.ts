// The loss ledger at the edge: what was refused, as ranges, until it is reported to the aggregator. Bounded: a
// refusal that repeats extends its range, and when all places are taken the overflow is counted.
import { RefusalReason } from "../proto/gen/slipstream/v1/downlink_pb.ts";
import type { Counters } from "./counters.ts";
import type { Slots } from "./slots.ts";

export interface Refusal {
  droneId: string;
  bootId: number;
  firstSeq: number;
  lastSeq: number;
  records: number;
  reason: RefusalReason;
}

export interface LedgerRow extends Refusal {
  timeUs: number;
}

const ROWS_MAX = 8192;

export class Ledger {
  readonly #counters: Counters;
  #rows = new Map<string, LedgerRow>();

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  add(refusal: Refusal, nowUs: number): void {
    const key = `${refusal.reason}/${refusal.bootId}/${refusal.droneId}`;
    const row = this.#rows.get(key);
    if (row) {
      row.firstSeq = Math.min(row.firstSeq, refusal.firstSeq);
      row.lastSeq = Math.max(row.lastSeq, refusal.lastSeq);
      row.records += refusal.records;
    } else if (this.#rows.size < ROWS_MAX) {
      this.#rows.set(key, { ...refusal, timeUs: nowUs });
    } else {
      this.#counters.ledgerOverflow += refusal.records;
    }
  }

  /** Writes off a batch that the aggregator will never accept: `receipt` holds (slot, seq) pairs sorted by slot. */
  writeOff(receipt: Uint32Array, { slots, nowUs }: { slots: Slots; nowUs: number }): void {
    for (let i = 0; i < receipt.length; i += 2) {
      const slot = slots.get(receipt[i]!);
      if (!slot) continue;
      const seq = receipt[i + 1]!;
      const { droneId, bootId } = slot;
      const reason = RefusalReason.UNSPECIFIED;
      this.add({ droneId, bootId, firstSeq: seq, lastSeq: seq, records: 1, reason }, nowUs);
    }
  }

  /** All rows since the last call. */
  take(): LedgerRow[] {
    const rows = [...this.#rows.values()];
    this.#rows = new Map();
    return rows;
  }
}
