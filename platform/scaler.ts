// Looks at a load by the clock, remembers, and says how many replicas are wanted.
import { type Judged, judgeScale, type Load, NO_SCALE, type ScaleView, type Signals } from "./scaling.ts";

/** A number that is another one now, and why. */
export interface ScaleChange {
  before: number;
  after: number;
  reasons: readonly string[];
}

const NOTHING: Signals = { cpuPct: null, lagMs: null, connectionsPct: null, backlogMs: null };

export class Scaler {
  readonly #onChange: (change: ScaleChange) => void;
  #judged: Judged = { ...NO_SCALE, reasons: ["nobody has looked yet"], changedFrom: null };
  #signals = NOTHING;

  constructor(onChange: (change: ScaleChange) => void) {
    this.#onChange = onChange;
  }

  get view(): ScaleView {
    const { replicas, wanted, reasons } = this.#judged;
    const round = (value: number | null) => value === null ? null : Math.round(value);
    const { cpuPct, lagMs, connectionsPct, backlogMs } = this.#signals;
    const signals = {
      cpuPct: round(cpuPct),
      lagMs: round(lagMs),
      connectionsPct: round(connectionsPct),
      backlogMs: round(backlogMs),
    };
    return { replicas, wanted, reasons, signals };
  }

  /** About once a second, by a clock that nobody sets. */
  look(load: Load, nowMs: number): void {
    this.#signals = load.signals;
    const { changedFrom, wanted, reasons } = this.#judged = judgeScale(this.#judged, { load, nowMs });
    if (changedFrom !== null) this.#onChange({ before: changedFrom, after: wanted, reasons });
  }
}
