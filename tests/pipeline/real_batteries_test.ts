import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { makeEntry, type Row } from "./build_batch.ts";

const flights = new URL("../../../shared/flights/", import.meta.url);
const T0 = 1_790_000_000_000_000;

/** Alert transitions of a recorded battery: volts alone, as its autopilot logged them. */
function replay(file: string): string[] | null {
  let text: string;
  try {
    text = Deno.readTextFileSync(new URL(file, flights));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`notice: ${file} is not here; its test is skipped`);
    return null;
  }
  const pipeline = new Pipeline(PIPELINE_DEFAULTS);
  return text.trim().split("\n").slice(1).flatMap((line, i) => {
    const [seconds, droneId, volts] = line.split(",") as [string, string, string];
    const eventTimeUs = T0 + Math.round(Number(seconds) * 1e6);
    const row: Row = { kind: "battery", slot: 1, seq: i + 1, eventTimeUs, voltageMv: Math.round(Number(volts) * 1000) };
    const entry = makeEntry({ rows: [row], slots: [{ slot: 1, droneId }], ingestionTimeUs: eventTimeUs + 1000 });
    return pipeline.step(entry).outputs.flatMap((o) =>
      o.type === "alert" ? [`${o.alert.transition} ${o.alert.kind}`] : []
    );
  });
}

describe("recorded batteries", () => {
  it("raise nothing for single-sample dips", () => {
    assertEquals(replay("battery_ap_mechanical_fail.csv") ?? [], []);
  });

  it("raise a real decline exactly once", () => {
    const transitions = replay("battery_ap_underpowered.csv");
    if (transitions) assertEquals(transitions.filter((t) => t.startsWith("raise")), ["raise battery-low"]);
    if (transitions) console.log(`battery_ap_underpowered: ${transitions.join(", ")}`);
  });
});
