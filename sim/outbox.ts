// What a drone keeps of its own records until somebody takes responsibility for them.
import type { SeqRange } from "../proto/gen/slipstream/v1/downlink_pb.ts";
import type { Telemetry } from "../proto/gen/slipstream/v1/telemetry_pb.ts";

type Range = Pick<SeqRange, "firstSeq" | "lastSeq">;

/** Records by sequence number: to be sent, in this order, or sent on this connection. */
export class Outbox {
  #waiting = new Map<number, Telemetry>();
  readonly #inFlight = new Map<number, Telemetry>();

  get waiting(): number {
    return this.#waiting.size;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get size(): number {
    return this.#waiting.size + this.#inFlight.size;
  }

  /** Of everything that is kept, in no order. */
  get seqs(): number[] {
    return [...this.#waiting.keys(), ...this.#inFlight.keys()];
  }

  take(records: readonly Telemetry[]): void {
    for (const record of records) this.#waiting.set(record.seq, record);
  }

  /** The next records to be sent, at most `max`: in flight from now on. */
  send(max: number): Telemetry[] {
    const records = [...this.#waiting.values().take(max)];
    for (const record of records) {
      this.#waiting.delete(record.seq);
      this.#inFlight.set(record.seq, record);
    }
    return records;
  }

  /** What is in flight, of a range or all of it, is to be sent again. */
  recall(range?: Range): void {
    for (const seq of range ? keysWithin(range, this.#inFlight) : [...this.#inFlight.keys()]) {
      this.#waiting.set(seq, this.#inFlight.get(seq)!);
      this.#inFlight.delete(seq);
    }
    // Older records go first: the edge tells new from known best when they come in order.
    this.#waiting = new Map([...this.#waiting].sort(([a], [b]) => a - b));
  }

  /** Keeps a range no longer, also what waits to be sent again. @returns what was kept of it */
  forget(range: Range): number[] {
    return [this.#inFlight, this.#waiting].flatMap((records) => {
      const seqs = keysWithin(range, records);
      for (const seq of seqs) records.delete(seq);
      return seqs;
    });
  }
}

// A range comes from outside and may be long; what is kept is bounded.
function keysWithin({ firstSeq, lastSeq }: Range, records: ReadonlyMap<number, Telemetry>): number[] {
  if (lastSeq - firstSeq > records.size) {
    return [...records.keys()].filter((seq) => seq >= firstSeq && seq <= lastSeq);
  }
  const keys: number[] = [];
  for (let seq = firstSeq; seq <= lastSeq; seq++) if (records.has(seq)) keys.push(seq);
  return keys;
}
