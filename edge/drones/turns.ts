// Who brings something new for a slot, in turn. Two connections that take turns for seconds, one of them always behind the
// other with its numbers, are two drones: one alone goes on where it stopped, or repeats what was heard before.
import type { Connection } from "./connection.ts";

/** So often somebody steps back behind the numbers of the one before: no roaming, no old socket that still drains. */
const STEPS_BACK = 4;
/** Those sooner after one another count once: what a socket drains comes in a burst. Together more than 2 s. */
const STEP_MS_MIN = 700;
/** After so long without one it begins anew: from 1 Hz on a drone that speaks is seen, with what jitter it has. */
const STEP_MS_MAX = 3000;

export class Turns {
  /** The one that brought something new last, while it is open. */
  speaker: Connection | null = null;
  /** With which number its turn began. */
  fromSeq = 0;
  /** With which number each one's first turn began, of those that take turns now. */
  #first: Map<Connection, number> | null = null;
  #stepsBack = 0;
  #steppedMs = -Infinity;

  /** Another one than `speaker` brings something new. @returns whether the two are different drones */
  pass(connection: Connection, { seq, nowMs }: { seq: number; nowMs: number }): boolean {
    const { speaker, fromSeq } = this;
    this.speaker = connection;
    this.fromSeq = seq;
    if (!speaker) return false;
    if (nowMs - this.#steppedMs > STEP_MS_MAX) this.#reset();
    const first = this.#first ??= new Map([[speaker, fromSeq]]);
    if (!first.has(connection)) first.set(connection, seq);
    const isBack = seq < fromSeq;
    if (isBack !== first.get(connection)! < first.get(speaker)!) {
      this.#reset();
      return false;
    }
    if (!isBack || (this.#stepsBack > 0 && nowMs - this.#steppedMs < STEP_MS_MIN)) return false;
    this.#steppedMs = nowMs;
    if (++this.#stepsBack < STEPS_BACK) return false;
    this.#reset();
    return true;
  }

  /** A frame repeats something. If that is not what the connection itself has said, then the two are one drone. */
  repeat(connection: Connection, { firstSeq, lastSeq }: { firstSeq: number; lastSeq: number }): void {
    if (!this.#first) return;
    const own = this.#first.get(connection) ?? Infinity;
    for (const other of this.#first.values()) {
      if (firstSeq < own || (other > own && lastSeq >= other)) return this.#reset();
    }
  }

  /** It closed, or speaks for another slot. */
  leave(connection: Connection): void {
    if (this.speaker === connection) this.speaker = null;
    if (this.#first?.has(connection)) this.#reset();
  }

  #reset(): void {
    this.#first = null;
    this.#stepsBack = 0;
  }
}
