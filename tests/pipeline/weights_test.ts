import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Output } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { makeEntry, type Row } from "./build_batch.ts";

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;
const SLOTS = Array.from({ length: 40 }, (_, i) => ({ slot: i + 1, droneId: `d${i}` }));
/** Of some twenty seconds of them. */
const SETTINGS = { ...PIPELINE_DEFAULTS, pastBytesMax: 100_000 };

/** A second of all drones, and nine ticks of it. */
function second(pipeline: Pipeline, s: number): Output[] {
  const rows = SLOTS.map(({ slot }): Row => {
    return { kind: "battery", slot, seq: s + 1, eventTimeUs: T0 + s * S, remainingCpct: 9000 };
  });
  const entry = makeEntry({ rows, slots: SLOTS, ingestionTimeUs: T0 + s * S, batchId: s + 1 });
  const ticks = Array.from({ length: 9 }, (_, i) => pipeline.tick(T0 + s * S + (i + 1) * S / 10));
  return [...pipeline.step(entry).outputs, ...ticks.flat()];
}

describe("windows that expire for want of memory", () => {
  it("are the same whoever runs the journal, from whichever checkpoint", () => {
    const whole = new Pipeline(SETTINGS);
    for (let s = 0; s < 45; s++) second(whole, s);
    const later = new Pipeline(SETTINGS);
    later.restore([...whole.snapshot()]);
    const outputs: Output[] = [];
    for (let s = 45; s < 75; s++) {
      const expected = second(whole, s);
      assertEquals(second(later, s), expected, `second ${s}`);
      outputs.push(...expected);
    }
    assertGreater(outputs.filter((of) => of.type === "tumbling" && of.window.final).length, 20);
    assertEquals(later.fleet().past, whole.fleet().past);
  });
});
