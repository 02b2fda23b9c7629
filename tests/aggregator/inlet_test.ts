import { create } from "@bufbuild/protobuf";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { DecodedBatch } from "../../aggregator/columns.ts";
import { Inlet } from "../../aggregator/inlet.ts";
import { volatileJournal } from "../../aggregator/journal/journal.ts";
import { SealedBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { FakePipeline, TIME_US } from "./fake_pipeline.ts";

function batch(edgeId: string) {
  // The inlet only passes it on.
  const sealed = create(SealedBatchSchema);
  return { edgeId, session: 1n, sealed, columns: {} as DecodedBatch, uplink: new Uint8Array() };
}

const none = { deliver: () => {}, onLosses: () => {} };

describe("Inlet", () => {
  it("lets entries into the pipeline in the order of their times, whatever the journal's pace", async () => {
    const pipeline = new FakePipeline();
    const waiting: (() => void)[] = [];
    const append = () => new Promise<number>((resolve) => waiting.push(() => resolve(1)));
    const inlet = new Inlet({ ...none, nowUs: () => TIME_US, journal: { append, failing: false }, pipeline });
    const taken = [inlet.take(batch("a")), inlet.take(batch("b"))];
    const ticked = inlet.tick();
    waiting[1]!();
    await Promise.resolve();
    assertEquals([pipeline.entries.length, pipeline.ticks.length], [0, 0]);
    waiting[0]!();
    waiting[2]!();
    assertEquals(await Promise.all(taken), ["accepted", "accepted"]);
    await ticked;
    assertEquals(pipeline.entries.map(({ edgeId }) => edgeId), ["a", "b"]);
  });

  it("gives times that grow though the clock goes back", async () => {
    const pipeline = new FakePipeline();
    const clock = [TIME_US, TIME_US - 5_000_000, TIME_US + 7];
    const parts = { ...none, nowUs: () => clock.shift()!, journal: volatileJournal(), pipeline };
    const times: number[] = [];
    const inlet = new Inlet({ ...parts, deliver: (_, atUs) => times.push(atUs) });
    await inlet.take(batch("a"));
    await inlet.tick();
    await inlet.take(batch("a"));
    assertEquals(times, [TIME_US, TIME_US + 1, TIME_US + 7]);
    assertEquals(pipeline.entries.map((entry) => entry.ingestionTimeUs), [TIME_US, TIME_US + 7]);
  });

  it("does not step a batch that the journal refused, and goes on with the next", async () => {
    const pipeline = new FakePipeline();
    let full = true;
    const append = () => full ? Promise.reject(new Error("Cannot journal: disk full")) : Promise.resolve(1);
    const inlet = new Inlet({ ...none, nowUs: () => TIME_US, journal: { append, failing: full }, pipeline });
    await assertRejects(() => inlet.take(batch("a")), Error, "disk full");
    assertEquals(pipeline.entries, []);
    full = false;
    assertEquals(await inlet.take(batch("b")), "accepted");
    await inlet.settled();
    assert(pipeline.entries.length === 1);
  });
});
