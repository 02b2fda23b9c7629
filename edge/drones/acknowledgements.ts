// Tells each drone which of its records the aggregator has taken responsibility for, which are lost for good, and which it
// must keep and send again: exact ranges of sequence numbers, gathered for a moment so that the two lanes' interleaved
// numbers merge.
import { RefusalReason, type SeqRange } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import type { Counters } from "../counters.ts";
import { ackWord, lostWord, throttleWord, type Word } from "./downlink.ts";
import type { Slot, Slots } from "./slots.ts";

export interface AcknowledgementsParts {
  slots: Slots;
  counters: Pick<Counters, "answersDropped">;
  /** Monotonic ms. */
  clock: () => number;
  /** Hears of each range that is lost, or given back, once. */
  onLost: (slot: Slot, lost: Range & { records: number; reason: RefusalReason }) => void;
}

/** Ranges in one message; what is left goes with the next. */
const RANGES_MAX = 256;
/** Acknowledgements that wait for a drone which does not read; of the others it hears when it repeats its records. */
const UNREAD_MAX = 512;
/** When what was given back may come again: as long as more is, it would be given back again. */
const GIVEN_BACK_RETRY_MS = 5000;

export class Acknowledgements {
  readonly #parts: AcknowledgementsParts;
  readonly #waiting = new Set<Slot>();

  constructor(parts: AcknowledgementsParts) {
    this.#parts = parts;
  }

  /** Records were journalled: `receipt` holds (slot, seq) pairs. */
  settle(receipt: Uint32Array): void {
    let slot: Slot | undefined;
    for (let i = 0; i < receipt.length; i += 2) {
      if (slot?.slot !== receipt[i]) {
        slot = this.#parts.slots.get(receipt[i]!);
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

  /** Records are lost; the reason is a final one. */
  lose(slot: Slot, { seqs, reason }: { seqs: Uint32Array; reason: RefusalReason }): void {
    let lost = slot.lost.find((lost) => lost.reason === reason);
    if (!lost) slot.lost.push(lost = { reason, seqs: [] });
    for (const seq of seqs) lost.seqs.push(seq);
    this.#waiting.add(slot);
  }

  /** `lose` for all records of a receipt: (slot, seq) pairs, sorted by slot. */
  loseAll(receipt: Uint32Array, reason: RefusalReason): void {
    this.#eachSlot(receipt, (slot, seqs) => this.lose(slot, { seqs, reason }));
  }

  /** The records of a receipt are held here no longer: their drones are told at once to keep them, and to send them later. */
  giveBack(receipt: Uint32Array): void {
    const { slots, clock, counters, onLost } = this.#parts;
    const reason = RefusalReason.FULL;
    this.#eachSlot(receipt, (slot, seqs) => {
      const listeners = slots.listeners(slot, clock());
      const comesAgain = listeners.length === 0 || listeners.some(({ isReliable }) => isReliable);
      const loss = comesAgain ? reason : RefusalReason.NOT_REPEATED;
      const reading = listeners.filter(({ writable }) => writable);
      if (reading.length === 0) counters.answersDropped++;
      for (const { first, last } of seqRanges([...seqs])) {
        const range = { firstSeq: first, lastSeq: last, retryAfterMs: GIVEN_BACK_RETRY_MS, frameRecordsMax: 0 };
        const word = throttleWord({ droneId: slot.droneId, bootId: slot.bootId, reason, ...range });
        for (const connection of reading) connection.send(word);
        onLost(slot, { first, last, records: last - first + 1, reason: loss });
      }
    });
  }

  #eachSlot(receipt: Uint32Array, fn: (slot: Slot, seqs: Uint32Array) => void): void {
    for (let from = 0, i = 0; i < receipt.length; i += 2) {
      if (receipt[i + 2] === receipt[from]) continue;
      const slot = this.#parts.slots.get(receipt[from]!);
      if (slot) fn(slot, receipt.subarray(from, i + 2).filter((_, word) => word % 2 === 1));
      from = i + 2;
    }
  }

  /**
   * Sends what has gathered, of this share of the drones, those that have waited longest. A drone that is away is told when
   * it repeats its records; a slow one later.
   */
  send(share = 1): void {
    const { slots, clock } = this.#parts;
    const nowMs = clock();
    const turn = [...this.#waiting.values().take(Math.ceil(this.#waiting.size * share))];
    for (const slot of turn) {
      // At the end again, if anything is left for it.
      this.#waiting.delete(slot);
      const listeners = slots.listeners(slot, nowMs);
      const reading = listeners.filter(({ writable }) => writable);
      const tell = (word: Word) => {
        for (const connection of reading) connection.send(word);
      };
      if (slot.lost.length > 0) this.#sendLost(slot, reading.length > 0 ? tell : null);
      if (listeners.length === 0) slot.settled = [];
      else if (reading.length === 0) slot.settled.splice(UNREAD_MAX);
      else this.#sendSettled(slot, tell);
      if (slot.settled.length > 0) this.#waiting.add(slot);
    }
  }

  #sendSettled(slot: Slot, tell: (word: Word) => void): void {
    const ranges = seqRanges(slot.settled);
    const later = ranges.splice(RANGES_MAX);
    slot.settled = later.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
    if (ranges.length > 0) tell(ackWord(slot, ranges));
  }

  // What nobody reads is dropped: a record that is repeated is answered anew.
  #sendLost(slot: Slot, tell: ((word: Word) => void) | null): void {
    const { counters, onLost } = this.#parts;
    for (const { reason, seqs } of slot.lost) {
      const records = seqs.length;
      const ranges = seqRanges(seqs);
      onLost(slot, { first: ranges[0]!.first, last: ranges.at(-1)!.last, records, reason });
      for (let from = 0; from < ranges.length; from += RANGES_MAX) {
        if (tell) tell(lostWord(slot, { reason, ranges: ranges.slice(from, from + RANGES_MAX) }));
        else counters.answersDropped++;
      }
    }
    slot.lost = [];
  }
}

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
