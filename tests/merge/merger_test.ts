import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { GlobalOutput } from "../../aggregator/merge/global_window.ts";
import { Merger, type MergerSettings } from "../../aggregator/merge/merger.ts";
import { PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { contentOf, flights, type FlownThrough, flyThrough, keyOf, REGIONS } from "./regions_rig.ts";

const SETTINGS: MergerSettings = { regions: REGIONS, waitMs: 5000, bytesMax: 1 << 30, content: PIPELINE_DEFAULTS };
const MESSAGE_MS = 100;

/** Messages of all regions, each in order; whose turn it is says `order`. */
function* turns(told: FlownThrough["told"], order: readonly number[]) {
  const next = new Map<string, number>(REGIONS.map((region) => [region, 0]));
  for (let i = 0;; i++) {
    const left = REGIONS.filter((region) => next.get(region)! < told.get(region)!.length);
    if (left.length === 0) return;
    const region = left[order[i % order.length]! % left.length]!;
    const at = next.get(region)!;
    next.set(region, at + 1);
    yield { region, offset: BigInt(at), value: told.get(region)![at]! };
  }
}

/** The last of each window. */
function last(outputs: readonly GlobalOutput[]): Map<string, object> {
  return new Map(outputs.map((output) => [keyOf(output), contentOf(output.window)]));
}

const orders = fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 40 });

describe("windows of several regions", () => {
  it("are those of one pipeline that heard all of them, whoever roams, and however regions take turns", () => {
    fc.assert(
      fc.property(flights, orders, (flight, order) => {
        const flown = flyThrough(flight);
        assertEquals(flown.retimed, 0);
        const merger = new Merger(SETTINGS);
        const outputs = [...turns(flown.told, order)].flatMap(({ region, ...message }, i) => {
          merger.take(region, message);
          return merger.advance(i * MESSAGE_MS);
        });
        assertEquals(last(outputs), flown.whole);
        assertGreater(flown.whole.size, 0);
      }),
      { numRuns: 60 },
    );
  });
});
