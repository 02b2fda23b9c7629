// PUBLISHes that are not answered yet: each waits until the aggregator's journal has all of its records, or until it is known
// which of them it will not have.
import type { SeqRange } from "../../../proto/gen/slipstream/v1/downlink_pb.ts";
import type { Refusal } from "./reasons.ts";

/** One that waits. */
export interface Waiting {
  packetId: number;
  qos: 1 | 2;
  /** Records of which nothing is known yet. */
  left: number;
  /** Why one of them is not journalled; null: all are, so far. */
  refusal: Refusal | null;
  /** Which of them never will be. */
  lost: number[];
  /** Monotonic ms. */
  sinceMs: number;
}

interface Boot {
  droneId: string;
  bootId: number;
}

export class InFlight {
  readonly #byPacketId = new Map<number, Waiting>();
  /** By boot and drone, then by sequence number. */
  readonly #bySeq = new Map<string, Map<number, Waiting[]>>();
  readonly #onKnown: (waiting: Waiting) => void;

  /** `onKnown`: it waits no longer. */
  constructor(onKnown: (waiting: Waiting) => void) {
    this.#onKnown = onKnown;
  }

  get size(): number {
    return this.#byPacketId.size;
  }

  has(packetId: number): boolean {
    return this.#byPacketId.has(packetId);
  }

  add(
    { packetId, qos, sinceMs }: Pick<Waiting, "packetId" | "qos" | "sinceMs">,
    of: Boot & { seqs: Set<number> },
  ): void {
    const waiting: Waiting = { packetId, qos, left: of.seqs.size, refusal: null, lost: [], sinceMs };
    this.#byPacketId.set(packetId, waiting);
    const key = keyOf(of);
    let bySeq = this.#bySeq.get(key);
    if (!bySeq) this.#bySeq.set(key, bySeq = new Map());
    for (const seq of of.seqs) {
      const same = bySeq.get(seq);
      if (same) same.push(waiting);
      else bySeq.set(seq, [waiting]);
    }
  }

  /** It is known what became of these records: journalled, or not for that reason, now or for good. */
  settle(
    of: Boot & { ranges: readonly Pick<SeqRange, "firstSeq" | "lastSeq">[] },
    refusal: Refusal | null,
    { isFinal = false } = {},
  ): void {
    const fate = { refusal, isFinal };
    const key = keyOf(of);
    const bySeq = this.#bySeq.get(key);
    if (!bySeq) return;
    for (const { firstSeq, lastSeq } of of.ranges) {
      if (lastSeq - firstSeq < bySeq.size) {
        for (let seq = firstSeq; seq <= lastSeq; seq++) this.#settleOne(bySeq, seq, fate);
      } else {
        for (const seq of [...bySeq.keys()]) {
          if (seq >= firstSeq && seq <= lastSeq) this.#settleOne(bySeq, seq, fate);
        }
      }
    }
    if (bySeq.size === 0) this.#bySeq.delete(key);
  }

  #settleOne(
    bySeq: Map<number, Waiting[]>,
    seq: number,
    { refusal, isFinal }: { refusal: Refusal | null; isFinal: boolean },
  ): void {
    const several = bySeq.get(seq);
    if (!several) return;
    bySeq.delete(seq);
    for (const waiting of several) {
      waiting.refusal ??= refusal;
      if (isFinal) waiting.lost.push(seq);
      if (--waiting.left > 0 || this.#byPacketId.get(waiting.packetId) !== waiting) continue;
      this.#byPacketId.delete(waiting.packetId);
      this.#onKnown(waiting);
    }
  }

  /** Those that began before that are given up: what was said of them was lost on the way. */
  giveUp(beforeMs: number, refusal: Refusal): void {
    for (const waiting of [...this.#byPacketId.values()]) {
      // In the order in which they came.
      if (waiting.sinceMs >= beforeMs) return;
      this.#byPacketId.delete(waiting.packetId);
      this.#forget(waiting);
      this.#onKnown({ ...waiting, refusal });
    }
  }

  #forget(waiting: Waiting): void {
    for (const [key, bySeq] of this.#bySeq) {
      for (const [seq, several] of bySeq) {
        const rest = several.filter((other) => other !== waiting);
        if (rest.length > 0) bySeq.set(seq, rest);
        else bySeq.delete(seq);
      }
      if (bySeq.size === 0) this.#bySeq.delete(key);
    }
  }
}

// Numbers first: an id may hold any character.
function keyOf({ droneId, bootId }: Boot): string {
  return `${bootId}/${droneId}`;
}
