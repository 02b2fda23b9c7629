// The replay buffer: every batch until it is acknowledged, and those acknowledged lately. Bounded in bytes: what is
// acknowledged goes first; when the unacknowledged alone fill it, the edge takes no more. Live batches leave first, but
// every fourth place belongs to what had to wait.
import type { OutboundBatch } from "./sealing.ts";

export interface BacklogSettings {
  bytesMax: number;
  /** How long an acknowledged batch can still be asked for. */
  keepMs: number;
}

export interface InFlight {
  batch: OutboundBatch;
  sentMs: number;
}

/** One in so many places belongs to the backlog, while live batches wait as well. */
const BACKLOG_SHARE = 4;
/** Weight of the latest second in the rate at which batches are acknowledged. */
const RATE_WEIGHT = 0.3;

export class Backlog {
  readonly #settings: BacklogSettings;
  // For each lane: sealed since the connection began, left over from before it, and on the wire.
  readonly #live: OutboundBatch[][] = [[], []];
  readonly #old: OutboundBatch[][] = [[], []];
  readonly #inFlight: Map<string, InFlight>[] = [new Map(), new Map()];
  readonly #turns = [0, 0];
  #kept: { batch: OutboundBatch; acknowledgedMs: number }[] = [];
  #bytes = 0;
  #keptBytes = 0;
  #acknowledgedBytes = 0;
  #bytesPerS = 0;

  constructor(settings: BacklogSettings) {
    this.#settings = settings;
  }

  /** Bytes of unacknowledged batches. */
  get bytes(): number {
    return this.#bytes;
  }

  get canTake(): boolean {
    return this.#bytes < this.#settings.bytesMax;
  }

  /** Unacknowledged bytes as a share of what fits: 0 to 1 and a little. */
  get fill(): number {
    return this.#bytes / this.#settings.bytesMax;
  }

  /** Batches not yet acknowledged, sent or not. */
  get unacknowledged(): number {
    const waiting = [...this.#live, ...this.#old].reduce((sum, queue) => sum + queue.length, 0);
    return waiting + this.#inFlight.reduce((sum, map) => sum + map.size, 0);
  }

  inFlight(lane: number): number {
    return this.#inFlight[lane]!.size;
  }

  take(batch: OutboundBatch): void {
    this.#bytes += batch.sealed.body.length;
    this.#live[batch.lane]!.push(batch);
    this.#makeRoom();
  }

  /** Takes a batch of an earlier process: it waited. */
  restore(batch: OutboundBatch): void {
    this.#bytes += batch.sealed.body.length;
    this.#old[batch.lane]!.push(batch);
  }

  /** The next batch of a lane to be sent: in flight from now on. */
  next(lane: number, nowMs: number): OutboundBatch | undefined {
    const [live, old] = [this.#live[lane]!, this.#old[lane]!];
    const fromOld = live.length === 0 || (old.length > 0 && ++this.#turns[lane]! % BACKLOG_SHARE === 0);
    const batch = (fromOld ? old : live).shift();
    if (batch) this.#inFlight[lane]!.set(batch.key, { batch, sentMs: nowMs });
    return batch;
  }

  find(key: string): InFlight | undefined {
    return this.#inFlight[0]!.get(key) ?? this.#inFlight[1]!.get(key);
  }

  /** It need not be sent again, unless somebody asks for it. */
  acknowledged({ batch }: InFlight, nowMs: number): void {
    this.#release(batch);
    this.#acknowledgedBytes += batch.sealed.body.length;
    this.#kept.push({ batch, acknowledgedMs: nowMs });
    this.#keptBytes += batch.sealed.body.length;
    this.#makeRoom();
  }

  /** It can never be accepted. */
  rejected({ batch }: InFlight): void {
    this.#release(batch);
  }

  /** The connection is gone: what was on the wire waits again, in front of what waited behind it. */
  connectionLost(): void {
    for (const [lane, inFlight] of this.#inFlight.entries()) {
      const sent = Array.from(inFlight.values(), ({ batch }) => batch);
      this.#old[lane] = [...sent, ...this.#old[lane]!, ...this.#live[lane]!].sort(bySealing);
      this.#live[lane] = [];
      inFlight.clear();
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

  /** How long the oldest unacknowledged batch has waited, in ms of wall time; 0 without any. */
  ageMs(nowMs: number): number {
    const heads = [...this.#live, ...this.#old].map((queue) => queue[0]);
    const sent = this.#inFlight.flatMap((map) => [...map.values()].map(({ batch }) => batch));
    const times = [...heads, ...sent].flatMap((batch) => batch ? [Number(batch.sealed.sealedTimeUs) / 1000] : []);
    return times.length === 0 ? 0 : Math.max(0, nowMs - Math.min(...times));
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
    while (this.#kept.length > 0 && nowMs - this.#kept[0]!.acknowledgedMs > this.#settings.keepMs) this.#dropKept();
  }

  /** Puts acknowledged batches sealed in [fromUs, toUs) back into the queue. @returns them */
  replay({ fromUs, toUs }: { fromUs: number; toUs: number }): OutboundBatch[] {
    const isWanted = ({ batch }: { batch: OutboundBatch }) =>
      batch.sealed.sealedTimeUs >= BigInt(fromUs) && batch.sealed.sealedTimeUs < BigInt(toUs);
    const wanted = this.#kept.filter(isWanted).map(({ batch }) => batch);
    this.#kept = this.#kept.filter((kept) => !isWanted(kept));
    for (const batch of wanted) {
      this.#keptBytes -= batch.sealed.body.length;
      this.restore(batch);
    }
    return wanted;
  }

  #release(batch: OutboundBatch): void {
    this.#inFlight[batch.lane]!.delete(batch.key);
    this.#bytes -= batch.sealed.body.length;
  }

  #makeRoom(): void {
    while (this.#kept.length > 0 && this.#bytes + this.#keptBytes > this.#settings.bytesMax) this.#dropKept();
  }

  #dropKept(): void {
    this.#keptBytes -= this.#kept.shift()!.batch.sealed.body.length;
  }
}

// Batch ids sort by time (UUIDv7).
function bySealing(a: OutboundBatch, b: OutboundBatch): number {
  return a.key < b.key ? -1 : 1;
}
