// The replay buffer: every batch until it is acknowledged, and those acknowledged lately. Bounded by what they cost: what is
// acknowledged goes first; when the unacknowledged alone fill it, the edge takes no more, unless it can give back what its
// aggregator has judged, or does not want. Live batches leave first, but every fourth place belongs to what
// had to wait. No step costs more the more there is, but for a replay, and for a lost connection what was taken on it.
import { Queue, type Queued } from "./queue.ts";
import type { OutboundBatch } from "../lanes/sealing.ts";

export interface BacklogSettings {
  /** Of memory, as `heldBytes` counts it. */
  bytesMax: number;
  /** How long an acknowledged batch can still be asked for. */
  keepMs: number;
}

/** A batch and how far it has come. */
export interface Held extends Queued<Held> {
  readonly batch: OutboundBatch;
  readonly bytes: number;
  /** When it was put on the wire the last time. */
  sentMs: number;
  /** It has waited through a lost connection, or is asked for again. */
  waited: boolean;
  /** The aggregator has judged it on this connection, and cannot journal it yet. */
  taken: boolean;
  acknowledgedMs: number;
}

/**
 * What a batch costs beyond its arrays: objects, buffers' headers, keys, and what the allocator rounds up. Measured with
 * 60,000 batches after a collection: 1.3 KB of heap, and the process larger by 2.2 KB.
 */
const BATCH_BYTES = 2240;
/** One definition that came with a batch of an earlier process. */
const DEFINITION_BYTES = 512;
/** One in so many places belongs to the backlog, while live batches wait as well. */
const BACKLOG_SHARE = 4;
/** Weight of the latest second in the rate at which batches are acknowledged. */
const RATE_WEIGHT = 0.3;

/** The memory that a batch takes until it is let go. */
export function heldBytes({ sealed, receipt, slots }: OutboundBatch): number {
  const arrays = sealed.body.byteLength + receipt.byteLength + slots.byteLength;
  return BATCH_BYTES + arrays + sealed.slots.length * DEFINITION_BYTES;
}

export class Backlog {
  readonly #settings: BacklogSettings;
  // For each lane: sealed since the connection began, left over from before it, on the wire in the order of sending, and
  // taken in that order.
  readonly #live = [new Queue<Held>(), new Queue<Held>()];
  readonly #old = [new Queue<Held>(), new Queue<Held>()];
  readonly #inFlight: Map<string, Held>[] = [new Map(), new Map()];
  readonly #taken: Map<string, Held>[] = [new Map(), new Map()];
  readonly #turns = [0, 0];
  #kept = new Queue<Held>();
  #bytes = 0;
  #takenBytes = 0;
  #keptBytes = 0;
  #acknowledgedBytes = 0;
  #bytesPerS = 0;

  constructor(settings: BacklogSettings) {
    this.#settings = settings;
  }

  /** What unacknowledged batches cost, in bytes of memory. */
  get bytes(): number {
    return this.#bytes;
  }

  get canTake(): boolean {
    return this.#bytes < this.#settings.bytesMax;
  }

  /** What the aggregator has not judged, in bytes, as a share of what fits: 0 to 1 and a little. */
  get fill(): number {
    return (this.#bytes - this.#takenBytes) / this.#settings.bytesMax;
  }

  /** Batches not yet acknowledged, sent or not. */
  get unacknowledged(): number {
    let count = 0;
    for (const queue of this.#live) count += queue.length;
    for (const queue of this.#old) count += queue.length;
    for (const maps of [this.#inFlight, this.#taken]) for (const map of maps) count += map.size;
    return count;
  }

  /** Of those: judged by the aggregator, and not journalled yet. */
  get takenBatches(): number {
    return this.#taken.reduce((sum, { size }) => sum + size, 0);
  }

  inFlight(lane: number): number {
    return this.#inFlight[lane]!.size;
  }

  take(batch: OutboundBatch): void {
    this.#hold(batch, this.#live);
    this.#makeRoom();
  }

  /** Takes a batch of an earlier process: it waited. */
  restore(batch: OutboundBatch): void {
    this.#hold(batch, this.#old);
  }

  /** The next batch of a lane to be sent: in flight from now on. */
  next(lane: number, nowMs: number): OutboundBatch | undefined {
    const [live, old] = [this.#live[lane]!, this.#old[lane]!];
    const fromOld = live.length === 0 || (old.length > 0 && ++this.#turns[lane]! % BACKLOG_SHARE === 0);
    const held = (fromOld ? old : live).shift();
    if (!held) return undefined;
    held.sentMs = nowMs;
    held.waited = fromOld;
    held.taken = false;
    this.#inFlight[lane]!.set(held.batch.key, held);
    return held.batch;
  }

  find(key: string): Held | undefined {
    for (const maps of [this.#inFlight, this.#taken]) {
      for (const map of maps) {
        const held = map.get(key);
        if (held) return held;
      }
    }
    return undefined;
  }

  /** The aggregator has judged it: it is in flight no more, and kept until it is acknowledged. */
  taken(held: Held): void {
    if (held.taken) return;
    const { batch: { key, lane } } = held;
    this.#inFlight[lane]!.delete(key);
    held.taken = true;
    this.#taken[lane]!.set(key, held);
    this.#takenBytes += held.bytes;
  }

  /** What was taken can be acknowledged if it comes again: it waits, in front of what waited. */
  resend(): void {
    for (const lane of this.#taken.keys()) {
      const { waiting, live } = this.#recall(lane, this.#taken);
      for (const queue of [this.#old[lane]!, live]) waiting.append(queue);
      this.#old[lane] = waiting;
    }
  }

  /** The oldest batch of a lane that was taken, or that waits to be sent: it is kept no longer. */
  giveBack(lane: number, which: "taken" | "waiting"): OutboundBatch | undefined {
    const [old, live] = [this.#old[lane]!, this.#live[lane]!];
    const held = which === "taken" ? this.#taken[lane]!.values().next().value : (old.first ? old : live).shift();
    if (held) this.#release(held);
    return held?.batch;
  }

  /** It need not be sent again, unless somebody asks for it. */
  acknowledged(held: Held, nowMs: number): void {
    this.#release(held);
    held.taken = false;
    this.#acknowledgedBytes += held.bytes;
    held.acknowledgedMs = nowMs;
    this.#kept.push(held);
    this.#keptBytes += held.bytes;
    this.#makeRoom();
  }

  /** It can never be accepted. */
  rejected(held: Held): void {
    this.#release(held);
  }

  /** The connection is gone: what was on the wire, or taken, waits again, in front of what waited behind it. */
  connectionLost(): void {
    for (const lane of this.#inFlight.keys()) {
      const { waiting, live } = this.#recall(lane, this.#taken, this.#inFlight);
      for (const queue of [this.#old[lane]!, live, this.#live[lane]!]) waiting.append(queue);
      this.#old[lane] = waiting;
    }
  }

  /** When the batch that has been on the wire longest was sent; null with none there. */
  oldestSentMs(): number | null {
    let oldest: number | null = null;
    for (const inFlight of this.#inFlight) {
      for (const { sentMs } of inFlight.values()) if (oldest === null || sentMs < oldest) oldest = sentMs;
    }
    return oldest;
  }

  /** How long the oldest unacknowledged batch has waited, or the oldest that was not taken, in ms of wall time; 0 without any. */
  ageMs(nowMs: number, { withTaken = true } = {}): number {
    let oldestUs: bigint | null = null;
    const look = (held: Held | null) => {
      const sealedUs = held?.batch.sealed.sealedTimeUs;
      if (sealedUs !== undefined && (oldestUs === null || sealedUs < oldestUs)) oldestUs = sealedUs;
    };
    // Each queue is in the order of sealing, or near to it; on the wire there is no more than credit.
    for (const queue of this.#live) look(queue.first);
    for (const queue of this.#old) look(queue.first);
    for (const taken of withTaken ? this.#taken : []) look(taken.values().next().value ?? null);
    for (const inFlight of this.#inFlight) for (const held of inFlight.values()) look(held);
    return oldestUs === null ? 0 : Math.max(0, nowMs - Number(oldestUs) / 1000);
  }

  /** ms until the backlog is gone at the present rate; null while nothing is acknowledged. */
  get etaMs(): number | null {
    if (this.#bytes === 0) return 0;
    return this.#bytesPerS < 1 ? null : (this.#bytes / this.#bytesPerS) * 1000;
  }

  /** Once a second: measures the rate, and lets go what was kept for long enough. */
  advance(nowMs: number): void {
    this.#bytesPerS += RATE_WEIGHT * (this.#acknowledgedBytes - this.#bytesPerS);
    this.#acknowledgedBytes = 0;
    const { keepMs } = this.#settings;
    while (this.#kept.first && nowMs - this.#kept.first.acknowledgedMs > keepMs) this.#dropKept();
  }

  /** Puts acknowledged batches sealed in [fromUs, toUs) back into the queue. @returns them */
  replay({ fromUs, toUs }: { fromUs: number; toUs: number }): OutboundBatch[] {
    const [from, to] = [BigInt(fromUs), BigInt(toUs)];
    const wanted: OutboundBatch[] = [];
    const rest = new Queue<Held>();
    for (const held of this.#kept) {
      const { sealedTimeUs } = held.batch.sealed;
      if (sealedTimeUs < from || sealedTimeUs >= to) {
        rest.push(held);
        continue;
      }
      this.#keptBytes -= held.bytes;
      wanted.push(held.batch);
      this.restore(held.batch);
    }
    this.#kept = rest;
    return wanted;
  }

  #hold(batch: OutboundBatch, queues: Queue<Held>[]): void {
    const bytes = heldBytes(batch);
    this.#bytes += bytes;
    queues[batch.lane]!.push({ batch, bytes, sentMs: 0, waited: false, taken: false, acknowledgedMs: 0, next: null });
  }

  /** Empties these, first to last: into what had waited before it was sent, and what had not. */
  #recall(lane: number, ...from: Map<string, Held>[][]): { waiting: Queue<Held>; live: Queue<Held> } {
    const [waiting, live] = [new Queue<Held>(), new Queue<Held>()];
    for (const maps of from) {
      for (const held of maps[lane]!.values()) {
        if (held.taken) this.#takenBytes -= held.bytes;
        held.taken = false;
        (held.waited ? waiting : live).push(held);
      }
      maps[lane]!.clear();
    }
    return { waiting, live };
  }

  #release(held: Held): void {
    const { batch: { key, lane }, bytes, taken } = held;
    (taken ? this.#taken : this.#inFlight)[lane]!.delete(key);
    if (taken) this.#takenBytes -= bytes;
    this.#bytes -= bytes;
  }

  #makeRoom(): void {
    while (this.#kept.first && this.#bytes + this.#keptBytes > this.#settings.bytesMax) this.#dropKept();
  }

  #dropKept(): void {
    this.#keptBytes -= this.#kept.shift()?.bytes ?? 0;
  }
}
