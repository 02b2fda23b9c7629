// Tells each drone which of its records the aggregator has taken responsibility for, and which the edge gave up: exact
// ranges of sequence numbers, gathered for a moment so that the two lanes' interleaved numbers merge.
import type { SeqRange } from "../proto/gen/slipstream/v1/downlink_pb.ts";
import { encodeAck, encodeShed } from "./downlink.ts";
import type { Slot, Slots } from "./slots.ts";

/** Ranges in one Ack; what is left goes with the next. */
const RANGES_MAX = 256;

export class Acknowledgements {
  readonly #slots: Slots;
  readonly #waiting = new Set<Slot>();
  readonly #onShed: ShedRange;

  /** `onShed` hears of each range that was given up, once. */
  constructor(slots: Slots, onShed: ShedRange) {
    this.#slots = slots;
    this.#onShed = onShed;
  }

  /** A batch was acknowledged: `receipt` holds its (slot, seq) pairs. */
  settle(receipt: Uint32Array): void {
    let slot: Slot | undefined;
    for (let i = 0; i < receipt.length; i += 2) {
      if (slot?.slot !== receipt[i]) {
        slot = this.#slots.get(receipt[i]!);
        if (slot) this.#waiting.add(slot);
      }
      slot?.settled.push(receipt[i + 1]!);
    }
  }

  /** A drone repeated records that were journalled before: its Ack was lost on the way. */
  repeat(slot: Slot, seqs: Uint32Array): void {
    for (const seq of seqs) slot.settled.push(seq);
    this.#waiting.add(slot);
  }

  /** The edge gave up records of a frame. */
  shed(slot: Slot, seqs: Uint32Array): void {
    for (const seq of seqs) slot.shed.push(seq);
    this.#waiting.add(slot);
  }

  /**
   * Sends what has gathered, of this share of the drones, those that have waited longest. A drone that is away is told when
   * it repeats its records; a slow one later.
   */
  send(share = 1): void {
    const turn = [...this.#waiting.values().take(Math.ceil(this.#waiting.size * share))];
    for (const slot of turn) {
      const { connection } = slot;
      // At the end again, if anything is left for it.
      this.#waiting.delete(slot);
      if (connection && !connection.writable) {
        this.#waiting.add(slot);
        continue;
      }
      if (slot.shed.length > 0) this.#sendShed(slot);
      const ranges = seqRanges(slot.settled);
      const later = ranges.splice(RANGES_MAX);
      slot.settled = later.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
      if (!connection) slot.settled = [];
      else if (ranges.length > 0) connection.send(encodeAck(slot, ranges));
      if (slot.settled.length > 0) this.#waiting.add(slot);
    }
  }

  #sendShed(slot: Slot): void {
    const records = slot.shed.length;
    const ranges = seqRanges(slot.shed);
    this.#onShed(slot, { first: ranges[0]!.first, last: ranges.at(-1)!.last, records });
    slot.connection?.send(encodeShed(slot, ranges));
    slot.shed = [];
  }
}

export type ShedRange = (slot: Slot, range: Range & { records: number }) => void;

export interface Range {
  first: SeqRange["firstSeq"];
  last: SeqRange["lastSeq"];
}

/** The ascending ranges that a list of sequence numbers covers, in any order and with repetitions. */
export function seqRanges(seqs: number[]): Range[] {
  seqs.sort((a, b) => a - b);
  const ranges: Range[] = [];
  for (const seq of seqs) {
    const range = ranges.at(-1);
    if (range && seq <= range.last + 1) range.last = seq;
    else ranges.push({ first: seq, last: seq });
  }
  return ranges;
}
