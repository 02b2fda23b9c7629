// How much of a core a process uses, smoothed: a collection of garbage is no load. More than 100 % is used where threads beside the
// event loop work as well.
import { lateNode } from "./late_node.ts";

/** Averages forget within some of these. */
const SMOOTHED_MS = 1000;
const BUSY_PCT = 80;
/** Busy until it is less than this. */
const CALM_PCT = 70;

export class CpuUse {
  readonly #cpuMs: () => number | null;
  #last: { cpuMs: number; atMs: number } | null = null;
  #pct: number | null = null;
  #isBusy = false;

  /** @param cpuMs of the processor, all that was used so far, in ms; null: nobody can tell, now or ever */
  constructor(cpuMs: () => number | null = () => null) {
    this.#cpuMs = cpuMs;
  }

  /** Of one core; null: nobody can tell, or has looked twice. */
  get pct(): number | null {
    return this.#pct;
  }

  /** From 80 % on, until it is below 70 %. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Some times a second. */
  look(nowMs: number): void {
    const cpuMs = this.#cpuMs();
    const last = this.#last;
    this.#last = cpuMs === null ? null : { cpuMs, atMs: nowMs };
    if (cpuMs === null) {
      this.#pct = null;
      this.#isBusy = false;
      return;
    }
    if (!last || nowMs <= last.atMs) return;
    const passedMs = nowMs - last.atMs;
    const pct = Math.max(0, 100 * (cpuMs - last.cpuMs) / passedMs);
    const before = this.#pct ?? 0;
    this.#pct = before + (pct - before) * (1 - Math.exp(-passedMs / SMOOTHED_MS));
    this.#isBusy = this.#pct >= (this.#isBusy ? CALM_PCT : BUSY_PCT);
  }
}

/** Of this process and all its threads. Some platforms have the function, and throw. */
export function ownCpuMs(): number | null {
  try {
    const { user, system } = lateNode("node:process").cpuUsage();
    return (user + system) / 1000;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
