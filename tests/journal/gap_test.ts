import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { apply, decodeArrival, encodeArrival, type GapReport } from "../../aggregator/journal/entries.ts";
import { describeGap } from "../../aggregator/core/trouble.ts";
import { Scene } from "../pipeline/scene.ts";
import { FakePipeline, TIME_US } from "../aggregator/fake_pipeline.ts";

const GAP: GapReport = {
  ...{ fromUs: TIME_US, toUs: TIME_US + 30_500_000, batches: 900, records: 2700, ticks: 305 },
  ...{ lastAlertId: 41, clockStepUs: -3_600_000_000 },
};
const nothing = () => ({ malformed: "" });

describe("what a journal lacks", () => {
  it("is written in it and read from it as it was", () => {
    const body = encodeArrival({ type: "gap", gap: GAP });
    assertEquals(decodeArrival({ index: 1, timeUs: 1, body }, nothing), { type: "gap", gap: GAP });
  });

  it("is told to people with its times", () => {
    const told =
      "From 2026-09-21T14:13:20.000Z to 2026-09-21T14:13:50.500Z 900 batches (2700 records) were judged without being journalled";
    assertEquals(describeGap(GAP), told);
  });

  it("moves the pipeline's times along when the host's clock was set meanwhile, and only then", () => {
    const pipeline = new FakePipeline();
    const steps: { stepUs: number; nowUs: number }[] = [];
    pipeline.clockStepped = (step) => {
      steps.push(step);
      return [];
    };
    apply(pipeline, { arrival: { type: "gap", gap: GAP }, timeUs: 77 });
    apply(pipeline, { arrival: { type: "gap", gap: { ...GAP, clockStepUs: 0 } }, timeUs: 78 });
    assertEquals(steps, [{ stepUs: -3_600_000_000, nowUs: 77 }]);
  });

  it("has used numbers of alerts, which are not given again, and never takes any back", () => {
    const scene = new Scene();
    scene.pipeline.skipAlertIds(41);
    scene.pipeline.skipAlertIds(7);
    assertEquals(
      [...scene.pipeline.snapshot()].flatMap((piece) => piece.type === "rest" ? [piece.alerts.lastId] : []),
      [41],
    );
  });
});
