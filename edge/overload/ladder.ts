// The degradation ladder: what an edge gives up, and in which order, when its backlog fills or its machine is overloaded.
// A step up needs the pressure for a moment, a step down needs calm for longer, so that it does not flutter.
import { Latency } from "../../platform/latency.ts";
import type { Shedding } from "../../wasm/limits.ts";

/** What the edge does at a level. */
export interface Level {
  name: string;
  /** The bulk window is as long as it can be. */
  stretched: boolean;
  /** Of bulk: nothing is given up, three records in four, everything. */
  shedding: Shedding;
  /** New connections are refused. */
  refusing: boolean;
}

const LEVELS = [
  { name: "normal", stretched: false, shedding: 0, refusing: false },
  { name: "bulk window stretched to 100 ms", stretched: true, shedding: 0, refusing: false },
  { name: "bulk sampled, one record in four", stretched: true, shedding: 1, refusing: false },
  { name: "safety lane only", stretched: true, shedding: 2, refusing: false },
  { name: "safety lane only, new connections refused", stretched: true, shedding: 2, refusing: true },
] as const satisfies readonly Level[];

export interface Pressure {
  /** Unacknowledged bytes as a share of what fits. */
  fill: number;
  /** How much later than planned the event loop came. */
  lagMs: number;
}

export interface LadderSettings {
  /** For levels 1 to 4: either one is enough. */
  fill: readonly number[];
  lagMs: readonly number[];
  /** Pressure must hold for so long to go up, and calm for so long to go down, one level at a time. */
  upAfterMs: number;
  downAfterMs: number;
  /** Calm: below this share of what the present level takes. */
  calm: number;
}

export const LADDER_DEFAULTS: LadderSettings = {
  fill: [0.1, 0.4, 0.7, 0.9],
  lagMs: [25, 150, 400, 1000],
  upAfterMs: 400,
  downAfterMs: 3000,
  calm: 0.7,
};

export class Ladder {
  readonly #settings: LadderSettings;
  #level = 0;
  #upSinceMs: number | null = null;
  #calmSinceMs: number | null = null;
  #worstLagMs = 0;
  /** How late the event loop came, each time. */
  readonly lag = new Latency();

  constructor(settings: LadderSettings = LADDER_DEFAULTS) {
    this.#settings = settings;
  }

  /** 0 to 4: see LEVELS. */
  get level(): number {
    return this.#level;
  }

  /** What that means. */
  get now(): Level {
    return LEVELS[this.#level] ?? LEVELS[4];
  }

  /** How late the event loop came at worst since this was asked last. */
  takeLagMs(): number {
    const lagMs = this.#worstLagMs;
    this.#worstLagMs = 0;
    return lagMs;
  }

  /** Some times a second. @returns true when the level has changed */
  advance(pressure: Pressure, nowMs: number): boolean {
    const before = this.#level;
    this.lag.add(pressure.lagMs * 1000);
    this.#worstLagMs = Math.max(this.#worstLagMs, pressure.lagMs);
    const called = this.#calledFor(pressure, 1);
    this.#upSinceMs = called > this.#level ? this.#upSinceMs ?? nowMs : null;
    const isCalm = this.#level > 0 && this.#calledFor(pressure, this.#settings.calm) < this.#level;
    this.#calmSinceMs = isCalm ? this.#calmSinceMs ?? nowMs : null;
    if (this.#upSinceMs !== null && nowMs - this.#upSinceMs >= this.#settings.upAfterMs) {
      this.#level = called;
      this.#upSinceMs = null;
    } else if (this.#calmSinceMs !== null && nowMs - this.#calmSinceMs >= this.#settings.downAfterMs) {
      this.#level--;
      this.#calmSinceMs = null;
    }
    return this.#level !== before;
  }

  #calledFor({ fill, lagMs }: Pressure, share: number): number {
    let level = 0;
    for (const [i, limit] of this.#settings.fill.entries()) {
      if (fill >= share * limit || lagMs >= share * this.#settings.lagMs[i]!) level = i + 1;
    }
    return level;
  }
}
