// The batteries of one drone: the latest reading of each, in the order of their sequence numbers, and what is thought of it.
import { BatteryPresence } from "../../../proto/words.ts";
import type { BatteryColumns } from "../../batch/columns.ts";
import { BatteryRule, type SavedBatteryRule } from "./battery.ts";
import { knownRemainingCpct, knownVoltageMv } from "./readings.ts";
import type { BatteryView } from "../../views.ts";

export interface BatteryState extends BatteryView {
  rule: BatteryRule;
  /** Of the latest reading: its number within the present boot, and when it was measured by our clock, Unix µs. */
  seq: number;
  measuredUs: number;
}

export type SavedBattery = Omit<BatteryState, "rule"> & { savedRule: SavedBatteryRule };

const BATTERIES_MAX = 16;

export class Batteries {
  readonly #byId = new Map<number, BatteryState>();

  save(): SavedBattery[] {
    return Array.from(this.#byId.values(), ({ rule, ...view }) => ({ ...view, savedRule: rule.save() }));
  }

  restore(saved: readonly SavedBattery[]): void {
    for (const { savedRule, ...view } of saved) {
      this.#byId.set(view.id, { ...view, rule: BatteryRule.restore(savedRule) });
    }
  }

  /** A reading of the present boot. @returns the battery's state, null when it knows a later one or there are too many batteries */
  observe(
    b: BatteryColumns,
    i: number,
    { eventTimeUs, measuredUs }: { eventTimeUs: number; measuredUs: number },
  ): BatteryState | null {
    const id = b.id[i]!;
    let battery = this.#byId.get(id);
    if (!battery) {
      if (this.#byId.size >= BATTERIES_MAX && !this.#forgetOne()) return null;
      const unknown = { voltageMv: null, currentCa: null, remainingCpct: null, chargeState: 0 };
      battery = { id, eventTimeUs, measuredUs, seq: -1, ...unknown, rule: new BatteryRule() };
      this.#byId.set(id, battery);
    }
    if (b.seq[i]! < battery.seq) return null;
    battery.seq = b.seq[i]!;
    battery.eventTimeUs = eventTimeUs;
    battery.measuredUs = measuredUs;
    battery.voltageMv = knownVoltageMv(b, i);
    battery.currentCa = b.presence[i]! & BatteryPresence.current ? b.currentCa[i]! : null;
    battery.remainingCpct = knownRemainingCpct(b, i);
    battery.chargeState = b.chargeState[i]!;
    return battery;
  }

  ids(): IterableIterator<number> {
    return this.#byId.keys();
  }

  views(): BatteryView[] {
    return Array.from(this.#byId.values(), ({ rule: _, seq: __, measuredUs: ___, ...view }) => view);
  }

  /** A new boot numbers its records anew. */
  begin(): void {
    for (const battery of this.#byId.values()) battery.seq = -1;
  }

  /** Our own clock was set. */
  shift(stepUs: number): void {
    for (const battery of this.#byId.values()) {
      battery.measuredUs += stepUs;
      battery.rule.shift(stepUs);
    }
  }

  // Packs change: one that is good and was heard of longest ago makes room.
  #forgetOne(): boolean {
    const good = [...this.#byId.values()].filter(({ rule }) => rule.level === 0);
    const [oldest] = good.sort((a, b) => a.measuredUs - b.measuredUs);
    return oldest !== undefined && this.#byId.delete(oldest.id);
  }
}
