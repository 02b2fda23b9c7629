// What windows of all regions are made by, told things by hand.
import type { GlobalOutput } from "../../aggregator/merge/global_window.ts";
import { Merger, type MergerSettings } from "../../aggregator/merge/merger.ts";
import { PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { T0_S, telling } from "./tellings.ts";

/** What is told of later than a day from then nobody believes. */
export const AT = { nowS: T0_S };
export const RIG_SETTINGS: MergerSettings = {
  regions: ["eu", "us"],
  waitMs: 5000,
  ...{ bytesMax: 1 << 30, panesMax: 1 << 20 },
  content: PIPELINE_DEFAULTS,
};

/** A merger of two regions, told things by hand. */
export class Rig {
  readonly merger: Merger;
  readonly outputs: GlobalOutput[] = [];
  #offset = 0n;

  constructor(settings: Partial<MergerSettings> = {}) {
    this.merger = new Merger({ ...RIG_SETTINGS, ...settings });
  }

  tell(of: Parameters<typeof telling>[0], nowMs: number): GlobalOutput[] {
    this.merger.take(of.region, { offset: this.#offset++, value: telling(of) }, AT);
    return this.advance(nowMs);
  }

  advance(nowMs: number): GlobalOutput[] {
    const outputs = this.merger.advance(nowMs);
    this.outputs.push(...outputs);
    return outputs;
  }
}

/** Windows of one second of a zone: second, drones, regions, missing ones, whether final. */
export function seconds(outputs: readonly GlobalOutput[], zone = "north") {
  return outputs.flatMap(({ type, window }) =>
    type === "tumbling" && window.zone === zone
      ? [[
        window.startUs / 1e6 - T0_S,
        window.dronesReporting,
        window.regions.join(),
        window.missingRegions.join(),
        window.final,
      ]]
      : []
  );
}
