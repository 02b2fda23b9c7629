// Something that may happen so often and no oftener: what is beyond is counted, so that it can be told.

export interface AllowanceSettings {
  /** At once. */
  burst: number;
  /** For long. */
  perS: number;
}

/** A token bucket; time is monotonic ms. */
export class Allowance {
  readonly #settings: AllowanceSettings;
  #left: number;
  #atMs = -Infinity;
  #denied = 0;

  constructor(settings: AllowanceSettings) {
    this.#settings = settings;
    this.#left = settings.burst;
  }

  /** Whether it may happen once more. */
  take(nowMs: number): boolean {
    const { burst, perS } = this.#settings;
    this.#left = Math.min(burst, this.#left + Math.max(0, nowMs - this.#atMs) * perS / 1000);
    this.#atMs = nowMs;
    if (this.#left >= 1) this.#left--;
    else {
      this.#denied++;
      return false;
    }
    return true;
  }

  /** How often it might not happen since this was asked last. */
  takeDenied(): number {
    const denied = this.#denied;
    this.#denied = 0;
    return denied;
  }
}
