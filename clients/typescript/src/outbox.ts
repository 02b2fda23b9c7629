// What a drone keeps of its own records until somebody takes responsibility for them: fresh ones that were never sent,
// the backlog that goes behind them, and what is in flight.
import type { SeqRange } from "../../../proto/gen/slipstream/v1/downlink_pb.ts";
import type { Telemetry } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";

type Range = Pick<SeqRange, "firstSeq" | "lastSeq">;

/** A record, and what is known of it. Times in ms, by a clock that only goes forward. */
interface Kept {
  readonly record: Telemetry;
  /** -Infinity: never. */
  sentMs: number;
  /** It was the only record of its frame. */
  alone: boolean;
  /** The frame may have been one that the edge could not read. */
  suspect: boolean;
  /** How often it was sent alone, and the edge read what came later, but not this. */
  unread: number;
}

/** Before which of these a record was sent that the edge does not have, though it is in flight: the suspect, the others. */
export interface NotTaken {
  suspectsMs: number;
  othersMs: number;
}

/** So often a record is sent alone that cannot be read; then it is given up. */
const UNREAD_MAX = 3;

export class Outbox {
  readonly #fresh = new Map<number, Kept>();
  #backlog = new Map<number, Kept>();
  #backlogInOrder = true;
  /** Too long for the edge of this connection. */
  readonly #parked = new Map<number, Kept>();
  /** In the order in which it was sent. */
  readonly #inFlight = new Map<number, Kept>();

  get fresh(): number {
    return this.#fresh.size;
  }

  get backlog(): number {
    return this.#backlog.size;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get size(): number {
    return this.#all.reduce((sum, { size }) => sum + size, 0);
  }

  /** Of everything that is kept, in no order. */
  get seqs(): number[] {
    return this.#all.flatMap((records) => [...records.keys()]);
  }

  /** So many are kept no longer, those first that have waited for longest. @returns them */
  giveUp(count: number): number[] {
    const seqs: number[] = [];
    while (seqs.length < count) {
      const oldest = [this.#backlog, this.#inFlight].filter(({ size }) => size > 0)
        .sort((a, b) => firstOf(a) - firstOf(b))[0] ?? [this.#parked, this.#fresh].find(({ size }) => size > 0);
      if (!oldest) break;
      const seq = firstOf(oldest);
      oldest.delete(seq);
      seqs.push(seq);
    }
    return seqs;
  }

  take(records: readonly Telemetry[]): void {
    for (const record of records) {
      this.#fresh.set(record.seq, { record, sentMs: -Infinity, alone: false, suspect: false, unread: 0 });
    }
  }

  /** What was measured last, at most `max`, older ones first; what is older than that is backlog from now on. */
  newest(max: number): Telemetry[] {
    let tooMany = this.#fresh.size - max;
    for (const [seq, kept] of this.#fresh) {
      if (tooMany-- <= 0) break;
      this.#fresh.delete(seq);
      this.#wait(kept);
    }
    return [...this.#fresh.values()].map(({ record }) => record);
  }

  /** The oldest of the backlog, at most `max`; a suspect one is alone. */
  oldest(max: number): Telemetry[] {
    if (!this.#backlogInOrder) this.#backlog = new Map([...this.#backlog].sort(([a], [b]) => a - b));
    this.#backlogInOrder = true;
    const records: Telemetry[] = [];
    for (const { record, suspect } of this.#backlog.values()) {
      if (suspect && records.length === 0) return [record];
      if (!suspect && records.push(record) >= max) break;
    }
    return records;
  }

  /** These have gone, in one frame. */
  sent(records: readonly Telemetry[], nowMs: number): void {
    for (const { seq } of records) {
      const kept = this.#fresh.get(seq) ?? this.#backlog.get(seq);
      if (!kept) continue;
      this.#fresh.delete(seq);
      this.#backlog.delete(seq);
      kept.sentMs = nowMs;
      kept.alone = records.length === 1;
      kept.suspect = false;
      this.#inFlight.set(seq, kept);
    }
  }

  /** These are longer than the edge takes: they wait for another limit. */
  park(records: readonly Telemetry[]): void {
    for (const { seq } of records) {
      const kept = this.#fresh.get(seq) ?? this.#backlog.get(seq);
      if (!kept) continue;
      this.#fresh.delete(seq);
      this.#backlog.delete(seq);
      this.#parked.set(seq, kept);
    }
  }

  /** Another limit holds. */
  unpark(): void {
    for (const kept of this.#parked.values()) this.#wait(kept);
    this.#parked.clear();
  }

  /** Another connection: everything is to be sent again, what was measured last first, suspects behind. */
  restart(): void {
    const all = [...this.#fresh, ...this.#backlog, ...this.#inFlight].sort(([a], [b]) => a - b);
    for (const records of [this.#fresh, this.#backlog, this.#inFlight]) records.clear();
    for (const [seq, kept] of all) {
      kept.suspect ||= kept.unread > 0;
      (kept.suspect ? this.#backlog : this.#fresh).set(seq, kept);
    }
  }

  /** What is in flight of a range is to be sent again. @returns how many records that are */
  recall(range: Range): number {
    const seqs = keysWithin(range, this.#inFlight);
    for (const seq of seqs) {
      // Whoever refuses a record has read it.
      this.#inFlight.get(seq)!.unread = 0;
      this.#recall(seq, false);
    }
    return seqs.length;
  }

  /** Keeps a range no longer, also what is to be sent again; what was never sent stays. @returns what was kept of it */
  forget(range: Range): { seqs: number[]; lastSentMs: number } {
    const seqs: number[] = [];
    let lastSentMs = -Infinity;
    for (const records of this.#all) {
      for (const seq of keysWithin(range, records)) {
        const { sentMs } = records.get(seq)!;
        if (sentMs === -Infinity) continue;
        records.delete(seq);
        seqs.push(seq);
        if (records === this.#inFlight) lastSentMs = Math.max(lastSentMs, sentMs);
      }
    }
    return { seqs, lastSentMs };
  }

  /** The edge could not read a frame that was sent since then. */
  suspect(sinceMs: number): void {
    for (const kept of this.#inFlight.values()) if (kept.sentMs >= sinceMs) kept.suspect = true;
  }

  /**
   * What was sent before these times the edge does not have: it is to be sent again, suspects each in a frame of its own.
   *
   * @returns suspects that were alone often enough: they are kept no longer
   */
  notTaken({ suspectsMs, othersMs }: NotTaken): number[] {
    const unreadable: number[] = [];
    for (const [seq, kept] of this.#inFlight) {
      if (kept.sentMs >= suspectsMs && kept.sentMs >= othersMs) break;
      if (kept.sentMs >= (kept.suspect ? suspectsMs : othersMs)) continue;
      if (kept.suspect && kept.alone && ++kept.unread >= UNREAD_MAX) {
        this.#inFlight.delete(seq);
        unreadable.push(seq);
      } else this.#recall(seq, kept.suspect);
    }
    return unreadable;
  }

  get #all(): Map<number, Kept>[] {
    return [this.#inFlight, this.#backlog, this.#fresh, this.#parked];
  }

  #recall(seq: number, suspect: boolean): void {
    const kept = this.#inFlight.get(seq)!;
    this.#inFlight.delete(seq);
    kept.suspect = suspect;
    this.#wait(kept);
  }

  #wait(kept: Kept): void {
    this.#backlog.set(kept.record.seq, kept);
    this.#backlogInOrder = false;
  }
}

/** The key that was put in first. */
function firstOf(records: ReadonlyMap<number, unknown>): number {
  return records.keys().next().value ?? Infinity;
}

// A range comes from outside and may be long; what is kept is bounded.
function keysWithin({ firstSeq, lastSeq }: Range, records: ReadonlyMap<number, unknown>): number[] {
  if (lastSeq - firstSeq > records.size) {
    return [...records.keys()].filter((seq) => seq >= firstSeq && seq <= lastSeq);
  }
  const keys: number[] = [];
  for (let seq = firstSeq; seq <= lastSeq; seq++) if (records.has(seq)) keys.push(seq);
  return keys;
}
