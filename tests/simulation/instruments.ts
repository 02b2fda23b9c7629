// What a simulated drone measures: where it is, its battery, what is in front of it; truly, or as broken things tell it.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Telemetry, TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { World } from "./world.ts";

export type Kind = "position" | "battery" | "obstacles";

/** Of a group that flies side by side: 20 m to the next at 47° of latitude, and 1 m/s to the north. */
const APART_E7 = 2637;
const MPS_E7 = 90;
const INT32 = [-(2 ** 31), 2 ** 31 - 1, 0, -1, 1] as const;
const UINT32 = [0, 1, 2 ** 31, 2 ** 32 - 1] as const;
/** Of the time of a record that a broken drone sends: 0, the last of the contract, and what it forbids. */
const IMPOSSIBLE_US = [0n, (1n << 32n) * 1_000_000n, 2n ** 64n - 1n] as const;
const IMPOSSIBLE_CHANCE = 0.3;

export class Instruments {
  readonly #world: World;
  /** Its place in a group that flies side by side; null: it flies by itself. */
  readonly #place: number | null;
  /** The receiver repeats its place. */
  frozen = false;
  /** Every field may have any value. */
  broken = false;
  #last = { latE7: 470_000_000, lonE7: 80_000_000 };

  constructor(world: World, place: number | null) {
    this.#world = world;
    this.#place = place;
  }

  measure(kind: Kind, { seq, timeUs }: { seq: number; timeUs: number }): Telemetry {
    const body = this.#body(kind, seq);
    const eventTimeUs = this.broken && this.#world.random() < IMPOSSIBLE_CHANCE
      ? this.#any(IMPOSSIBLE_US)
      : BigInt(Math.max(0, Math.round(timeUs)));
    const flags = this.broken ? this.#any(UINT32) : 3;
    return create(TelemetrySchema, { seq, eventTimeUs, flags, body });
  }

  #body(kind: Kind, seq: number): MessageInitShape<typeof TelemetrySchema>["body"] {
    const world = this.#world;
    if (kind === "battery") {
      const value = this.broken
        ? { id: this.#any(UINT32), voltageMv: this.#any(UINT32), remainingCpct: this.#any(UINT32) }
        : { id: 0, voltageMv: 15_000, remainingCpct: 9000 - seq };
      return { case: kind, value };
    }
    if (kind === "obstacles") {
      const hit = this.broken
        ? { bearingCdeg: this.#any(INT32), rangeCm: this.#any(UINT32), rangeRateCms: this.#any(INT32) }
        : { bearingCdeg: 0, rangeCm: world.between(500, 1500) };
      return { case: kind, value: { sensorId: 1, maxRangeCm: 2000, hits: [hit] } };
    }
    if (this.broken && world.random() < 0.1) return { case: undefined };
    const place = this.broken ? { latE7: this.#any(INT32), lonE7: this.#any(INT32) } : this.#where(seq);
    const moves = this.broken
      ? { altMslMm: this.#any(INT32), vnCms: this.#any(INT32), vdCms: this.#any(INT32), hAccMm: this.#any(UINT32) }
      : { altMslMm: 500_000, vnCms: this.#place === null ? 300 : 100 };
    return { case: kind, value: { ...place, ...moves, fixType: 3 } };
  }

  #where(seq: number): { latE7: number; lonE7: number } {
    const world = this.#world;
    const northE7 = this.#place === null ? world.between(0, 40) * seq : Math.round(world.nowMs * MPS_E7 / 1000);
    const lonE7 = 80_000_000 + (this.#place ?? 0) * APART_E7;
    if (!this.frozen) this.#last = { latE7: 470_000_000 + northE7, lonE7 };
    return this.#last;
  }

  #any<T>(values: readonly T[]): T {
    return values[this.#world.between(0, values.length - 1)]!;
  }
}
