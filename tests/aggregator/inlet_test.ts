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

const none = { warn: () => {}, deliver: () => {}, onLosses: () => {} };

describe("Inlet", () => {
  it("lets entries into the pipeline at once and warns, and tells senders and sinks when they are safe, in order", async () => {
    const pipeline = new FakePipeline();
    const waiting: (() => void)[] = [];
    const append = () => {
      const index = waiting.length + 1;
      return new Promise<number>((resolve) => waiting.push(() => resolve(index)));
    };
    const happened: string[] = [];
    const inlet = new Inlet({
      ...none,
      nowUs: () => TIME_US,
      journal: { append, failing: false },
      pipeline,
      warn: () => happened.push("warn"),
      deliver: (_, atUs) => happened.push(`deliver ${atUs - TIME_US}`),
    });
    const taken = [inlet.take(batch("a")), inlet.take(batch("b"))].map(async (verdict) => happened.push(await verdict));
    const ticked = inlet.tick();
    assertEquals(pipeline.entries.map(({ edgeId }) => edgeId), ["a", "b"]);
    assertEquals([inlet.seen.index, inlet.applied.index], [3, 0]);
    waiting[1]!();
    await Promise.resolve();
    assertEquals(happened, ["warn", "warn", "warn"]);
    waiting[0]!();
    waiting[2]!();
    await Promise.all([...taken, ticked]);
    assertEquals(happened.slice(3).filter((what) => what !== "accepted"), ["deliver 0", "deliver 1", "deliver 2"]);
    assertEquals(inlet.applied.index, 3);
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

  it("acknowledges and delivers nothing that the journal refused, and never calls it safe", async () => {
    const pipeline = new FakePipeline();
    const append = () => Promise.reject(new Error("Cannot journal: the journal was closed"));
    const delivered: number[] = [];
    const inlet = new Inlet({
      ...none,
      nowUs: () => TIME_US,
      journal: { append, failing: true },
      pipeline,
      deliver: (_, atUs) => delivered.push(atUs),
    });
    await assertRejects(() => inlet.take(batch("a")), Error, "closed");
    await assertRejects(() => inlet.safe(), Error, "closed");
    await inlet.settled();
    assertEquals([delivered.length, inlet.applied.index], [0, 0]);
  });

  it("does not journal what the pipeline cannot take, and goes on with the next", async () => {
    const pipeline = new FakePipeline();
    const step = pipeline.step.bind(pipeline);
    pipeline.step = (entry) => {
      if (entry.edgeId === "a") throw new Error("Cannot step");
      return step(entry);
    };
    const inlet = new Inlet({ ...none, nowUs: () => TIME_US, journal: volatileJournal(), pipeline });
    await assertRejects(() => inlet.take(batch("a")), Error, "Cannot step");
    assertEquals(await inlet.take(batch("b")), "accepted");
    assert(inlet.applied.index === 1);
  });
});
