import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { decodeCheckpoint, encodeCheckpoint } from "../../aggregator/journal/checkpoints.ts";
import { Pipeline, PIPELINE_DEFAULTS, type PipelineSettings } from "../../aggregator/pipeline/pipeline.ts";
import { entrances, happenings } from "./arbitrary_arrivals.ts";

/** So few that a window is caught half way, and as many as there are. */
const WINDOW_UNITS = [1, 7, PIPELINE_DEFAULTS.windowUnits];

/** The pipeline as it comes back from a checkpoint's bytes. */
function restarted(pipeline: Pipeline, settings: PipelineSettings): Pipeline {
  const bytes = encodeCheckpoint({ index: 1, timeUs: 1, state: pipeline.save() });
  const fresh = new Pipeline(settings);
  fresh.restore(decodeCheckpoint(bytes)!.state);
  return fresh;
}

function everything(pipeline: Pipeline): unknown[] {
  return [pipeline.fleet(), [...pipeline.drones()], pipeline.openAlerts(), pipeline.openAlertDrones()];
}

describe("a checkpoint", () => {
  it("makes a restart invisible, whatever happened before and happens after, at every moment", () => {
    fc.assert(
      fc.property(happenings, fc.nat(), fc.constantFrom(...WINDOW_UNITS), (all, at, windowUnits) => {
        const enter = entrances(all);
        const cut = at % enter.length;
        const settings = { ...PIPELINE_DEFAULTS, windowUnits };
        const whole = new Pipeline(settings);
        let parted = new Pipeline(settings);
        for (const [i, next] of enter.entries()) {
          if (i === cut) parted = restarted(parted, settings);
          assertEquals(next(parted), next(whole), `happening ${i}, restarted before ${cut}`);
        }
        assertEquals(everything(parted), everything(whole));
        assertEquals(everything(restarted(parted, settings)), everything(whole));
      }),
      { numRuns: 600 },
    );
  });

  it("keeps what was saved as it was, whatever happens before it is written", () => {
    fc.assert(
      fc.property(happenings, fc.nat(), (all, at) => {
        const enter = entrances(all);
        const pipeline = new Pipeline(PIPELINE_DEFAULTS);
        const cut = at % enter.length;
        for (const next of enter.slice(0, cut)) next(pipeline);
        const checkpoint = { index: 1, timeUs: 1, state: pipeline.save() };
        const atOnce = encodeCheckpoint(checkpoint);
        for (const next of enter.slice(cut)) next(pipeline);
        assertEquals(encodeCheckpoint(checkpoint), atOnce);
      }),
      { numRuns: 300 },
    );
  });

  it("exercises what it must keep: alerts, revisions, late records and duplicates all occur", () => {
    const seen = new Set<string>();
    for (const all of fc.sample(happenings, { numRuns: 300, seed: 1 })) {
      const pipeline = new Pipeline(PIPELINE_DEFAULTS);
      for (const next of entrances(all)) {
        for (const output of next(pipeline)) {
          seen.add(output.type);
          if (output.type === "alert") seen.add(`${output.alert.transition} ${output.alert.kind}`);
          if (output.type === "tumbling" && output.window.revision > 0) seen.add("revision");
        }
      }
      const { records, batches } = pipeline.fleet();
      if (records.duplicate > 0) seen.add("duplicate records");
      if (batches.duplicate > 0) seen.add("duplicate batches");
    }
    const wanted = ["late", "sliding", "revision", "duplicate records", "duplicate batches", "raise link-loss"];
    wanted.push(
      "resolve link-loss",
      "raise clock-skew",
      "resolve clock-skew",
      "raise battery-low",
      "acknowledge link-loss",
      "raise conflict",
      "escalate conflict",
      "downgrade conflict",
      "remind conflict",
      "resolve obstacle",
      "resolve position-glitch",
      "resolve conflict",
      "raise obstacle",
      "raise position-glitch",
    );
    assertEquals(wanted.filter((what) => !seen.has(what)), []);
  });

  it("is not read when a bit has flipped, when it is cut, or when it is of another version", () => {
    const bytes = encodeCheckpoint({ index: 7, timeUs: 1, state: new Pipeline(PIPELINE_DEFAULTS).save() });
    assertEquals(decodeCheckpoint(bytes)?.index, 7);
    for (let at = 0; at < bytes.length; at += 7) {
      const rotten = bytes.slice();
      rotten[at]! ^= 4;
      assertEquals(decodeCheckpoint(rotten), null, `byte ${at}`);
      assertEquals(decodeCheckpoint(bytes.slice(0, at)), null, `cut at ${at}`);
    }
  });
});
