// When each lane leaves. Safety leaves at once, but for a short distance between two batches; it does not wait for
// acknowledgements, which come after a disk. Bulk leaves once a window. Neither seals more than the uplink can take: then
// the hot path fills up, and answers "full".
import { LaneIndex } from "../../wasm/limits.ts";

export interface LanesSettings {
  /** How soon a lane that the uplink could not take is tried again. */
  retryMs: number;
  /**
   * Two safety batches are at least this far apart. Each costs the edge and the aggregator the same time whatever is in it, and
   * smaller ones compress worse: `bench --only uplink-bytes` has the bytes.
   */
  safetySpacingMs: number;
  /** Records in a lane at which it leaves whatever its clock says: below the hot path's capacity. */
  recordsMax: number;
}

export const LANES_DEFAULTS: LanesSettings = { retryMs: 5, safetySpacingMs: 1.5, recordsMax: 4096 };

/** Between two safety batches while none can leave: each costs memory whatever is in it. */
const AWAY_SPACING_MS = 20;

/** The usual ones, as long as batches can leave. */
export function lanesSettings(canLeave: () => boolean): LanesSettings {
  return {
    ...LANES_DEFAULTS,
    get safetySpacingMs() {
      return canLeave() ? LANES_DEFAULTS.safetySpacingMs : AWAY_SPACING_MS;
    },
  };
}

/** Why a lane leaves: its time has come, it holds too much, or the edge stops. */
export type FlushReason = "due" | "full" | "stop";

export interface LanesParts {
  waiting: (lane: number) => number;
  /** The uplink can take another batch of the lane. */
  canSeal: (lane: number) => boolean;
  /** `waitedMs`: how long the first record of the lane has waited. */
  seal: (lane: number, how: { waitedMs: number; reason: FlushReason }) => void;
  /** The bulk window now, in ms. */
  bulkWindowMs: () => number;
}

export class Lanes {
  readonly #parts: LanesParts;
  readonly #settings: LanesSettings;
  readonly #leftMs = [-Infinity, -Infinity];
  readonly #sinceMs: (number | null)[] = [null, null];

  constructor(parts: LanesParts, settings: LanesSettings = LANES_DEFAULTS) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /**
   * Seals what is due.
   * @returns ms until it should be called again at the latest; null while nothing waits.
   */
  advance(nowMs: number): number | null {
    const waits = [LaneIndex.safety, LaneIndex.bulk].map((lane) => this.#advance(lane, nowMs));
    return waits.reduce((a, b) => a === null ? b : b === null ? a : Math.min(a, b));
  }

  /** A lane that should leave whatever its clock says. */
  get isFull(): boolean {
    const { waiting } = this.#parts;
    const { recordsMax } = this.#settings;
    return waiting(LaneIndex.safety) >= recordsMax || waiting(LaneIndex.bulk) >= recordsMax;
  }

  /** Seals everything, due or not: the edge stops. */
  drain(nowMs: number): void {
    for (const lane of [LaneIndex.safety, LaneIndex.bulk]) {
      while (this.#parts.waiting(lane) > 0 && this.#parts.canSeal(lane)) {
        this.#parts.seal(lane, { waitedMs: nowMs - (this.#sinceMs[lane] ?? nowMs), reason: "stop" });
      }
    }
  }

  #advance(lane: number, nowMs: number): number | null {
    const { waiting, canSeal, seal } = this.#parts;
    const records = waiting(lane);
    if (records === 0) {
      this.#sinceMs[lane] = null;
      return null;
    }
    const sinceMs = this.#sinceMs[lane] ??= nowMs;
    const isFull = records >= this.#settings.recordsMax;
    const waitMs = isFull ? 0 : this.#dueMs(lane, sinceMs) - nowMs;
    if (waitMs > 0) return waitMs;
    if (!canSeal(lane)) return this.#settings.retryMs;
    seal(lane, { waitedMs: nowMs - sinceMs, reason: isFull ? "full" : "due" });
    this.#leftMs[lane] = nowMs;
    this.#sinceMs[lane] = null;
    return null;
  }

  #dueMs(lane: number, sinceMs: number): number {
    if (lane === LaneIndex.bulk) return sinceMs + this.#parts.bulkWindowMs();
    return this.#leftMs[lane]! + this.#settings.safetySpacingMs;
  }
}
