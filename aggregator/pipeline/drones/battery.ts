// When a battery is low or critical. Remaining charge decides where it is known, voltage per cell elsewhere. A level
// must hold for the debounce time in known readings, so that a dip under load says nothing, and ends with hysteresis.

export interface BatterySettings {
  lowCpct: number;
  criticalCpct: number;
  /** How far above a limit the charge must come for the level to end. */
  hysteresisCpct: number;
  /** Volts per cell where the charge is unknown, and how far above they must come. */
  lowCellMv: number;
  criticalCellMv: number;
  hysteresisCellMv: number;
  debounceUs: number;
}

export const BATTERY_DEFAULTS: BatterySettings = {
  lowCpct: 2500,
  criticalCpct: 1000,
  hysteresisCpct: 300,
  lowCellMv: 3500,
  criticalCellMv: 3200,
  hysteresisCellMv: 200,
  debounceUs: 10_000_000,
};

/** 0 good, 1 low, 2 critical. */
export type BatteryLevel = 0 | 1 | 2;

export interface BatteryReading {
  /** By our clock, Unix µs. */
  measuredUs: number;
  voltageMv: number | null;
  remainingCpct: number | null;
  chargeState: number;
}

/** A lithium cell that is full: the highest voltage seen tells how many there are. */
const CELL_FULL_MV = 4250;
/** MAVLink MAV_BATTERY_CHARGE_STATE. */
const CHARGE_LOW = 2;
const CHARGE_CRITICAL = [3, 4, 5];
const CHARGING = 7;

export interface SavedBatteryRule {
  level: BatteryLevel;
  voltageMvMax: number;
  sinceUs: [number | null, number | null];
  betterSinceUs: number | null;
}

export class BatteryRule {
  level: BatteryLevel = 0;
  #voltageMvMax = 0;
  // Since when readings have called for level 1 or worse, for level 2, and for the present level's end.
  #sinceUs: [number | null, number | null] = [null, null];
  #betterSinceUs: number | null = null;

  static restore({ level, voltageMvMax, sinceUs, betterSinceUs }: SavedBatteryRule): BatteryRule {
    const rule = new BatteryRule();
    rule.level = level;
    rule.#voltageMvMax = voltageMvMax;
    rule.#sinceUs = sinceUs;
    rule.#betterSinceUs = betterSinceUs;
    return rule;
  }

  save(): SavedBatteryRule {
    const [lowUs, criticalUs] = this.#sinceUs;
    return {
      level: this.level,
      voltageMvMax: this.#voltageMvMax,
      sinceUs: [lowUs, criticalUs],
      betterSinceUs: this.#betterSinceUs,
    };
  }

  /** Our own clock was set. */
  shift(stepUs: number): void {
    const [lowUs, criticalUs] = this.#sinceUs;
    this.#sinceUs = [shifted(lowUs, stepUs), shifted(criticalUs, stepUs)];
    this.#betterSinceUs = shifted(this.#betterSinceUs, stepUs);
  }

  /** @returns the level after a reading; unknown readings change nothing. */
  assess(reading: BatteryReading, settings: BatterySettings): BatteryLevel {
    const { measuredUs, voltageMv, chargeState } = reading;
    if (voltageMv !== null) this.#voltageMvMax = Math.max(this.#voltageMvMax, voltageMv);
    const worst = this.#indicated(reading, settings, 0);
    if (worst === null) return this.level;
    for (const level of [1, 2] as const) {
      this.#sinceUs[level - 1] = worst >= level ? this.#sinceUs[level - 1] ?? measuredUs : null;
    }
    const held = (level: 1 | 2) => {
      const sinceUs = this.#sinceUs[level - 1];
      return sinceUs !== null && sinceUs !== undefined && measuredUs - sinceUs >= settings.debounceUs;
    };
    const reached = held(2) ? 2 : held(1) ? 1 : 0;
    if (reached > this.level) this.level = reached;
    this.#recover(reading, settings);
    if (chargeState === CHARGING) this.level = 0;
    return this.level;
  }

  // A level ends for good only: a critical battery that recovers a little stays critical.
  #recover(reading: BatteryReading, settings: BatterySettings): void {
    const good = this.#indicated(reading, settings, 1) === 0;
    this.#betterSinceUs = good ? this.#betterSinceUs ?? reading.measuredUs : null;
    if (this.#betterSinceUs !== null && reading.measuredUs - this.#betterSinceUs >= settings.debounceUs) {
      this.level = 0;
    }
  }

  /** What one reading says, with the limits raised by `hysteresis` times the hysteresis; null: nothing known. */
  #indicated(reading: BatteryReading, settings: BatterySettings, hysteresis: 0 | 1): BatteryLevel | null {
    const { voltageMv, remainingCpct, chargeState } = reading;
    if (CHARGE_CRITICAL.includes(chargeState)) return 2;
    let level: BatteryLevel | null = null;
    if (remainingCpct !== null) {
      const { lowCpct, criticalCpct, hysteresisCpct } = settings;
      level = grade(remainingCpct - hysteresis * hysteresisCpct, lowCpct, criticalCpct);
    } else if (voltageMv !== null) {
      const { lowCellMv, criticalCellMv, hysteresisCellMv } = settings;
      const cells = Math.ceil(this.#voltageMvMax / CELL_FULL_MV);
      level = grade(voltageMv / cells - hysteresis * hysteresisCellMv, lowCellMv, criticalCellMv);
    }
    if (chargeState === CHARGE_LOW) return level === 2 ? 2 : 1;
    return level;
  }
}

function grade(value: number, low: number, critical: number): BatteryLevel {
  return value <= critical ? 2 : value <= low ? 1 : 0;
}

function shifted(us: number | null, stepUs: number): number | null {
  return us === null ? null : us + stepUs;
}
