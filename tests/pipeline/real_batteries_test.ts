import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { hasFlights, readFlight } from "../flights.ts";
import { makeEntry, type Row } from "./build_batch.ts";

const T0 = 1_790_000_000_000_000;

/** Alert transitions of a recorded battery: volts alone, as its autopilot logged them. */
function replay(file: string): string[] {
  const pipeline = new Pipeline(PIPELINE_DEFAULTS);
  return readFlight(file).trim().split("\n").slice(1).flatMap((line, i) => {
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
  it("raise nothing for single-sample dips", { ignore: !hasFlights }, () => {
    assertEquals(replay("battery_ap_mechanical_fail.csv"), []);
  });

  it("raise a real decline exactly once", { ignore: !hasFlights }, () => {
    const transitions = replay("battery_ap_underpowered.csv");
    assertEquals(transitions.filter((t) => t.startsWith("raise")), ["raise battery-low"]);
  });
});
