import { create } from "@bufbuild/protobuf";
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { DecodedBatch } from "../../aggregator/batch/columns.ts";
import { Sequencer } from "../../aggregator/core/sequencer.ts";
import { volatileJournal } from "../../aggregator/journal/journal.ts";
import type { Output } from "../../aggregator/outputs.ts";
import { SealedBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { FakePipeline, TIME_US } from "./fake_pipeline.ts";

function batch(edgeId: string) {
  // The sequencer only passes it on.
  const sealed = create(SealedBatchSchema);
  return { edgeId, session: 1n, sealed, columns: {} as DecodedBatch, uplink: new Uint8Array() };
}

const none = {
  ...{ clock: () => 0, warn: () => {}, deliver: () => {}, onLosses: () => {}, onClockStep: () => {} },
  ...{ onFull: () => {}, onGap: () => {}, onMissed: () => {} },
};

describe("Sequencer", () => {
  it("lets entries into the pipeline at once and warns, and tells senders and sinks when they are safe, in order", async () => {
    const pipeline = new FakePipeline();
    const waiting: (() => void)[] = [];
    const append = () => {
      const index = waiting.length + 1;
      return new Promise<number>((resolve) => waiting.push(() => resolve(index)));
    };
    const happened: string[] = [];
    const sequencer = new Sequencer({
      ...none,
      nowUs: () => TIME_US,
      journal: { append, failing: false },
      pipeline,
      warn: () => happened.push("warn"),
      deliver: (_, { timeUs }) => happened.push(`deliver ${timeUs - TIME_US}`),
    });
    const taken = [sequencer.take(batch("a")), sequencer.take(batch("b"))].map(async (taken) =>
      happened.push((await taken).verdict)
    );
    const ticked = sequencer.tick();
    assertEquals(pipeline.entries.map(({ edgeId }) => edgeId), ["a", "b"]);
    assertEquals([sequencer.seen?.index, sequencer.applied.index], [3, 0]);
    waiting[1]!();
    await Promise.resolve();
    assertEquals(happened, ["warn", "warn", "warn"]);
    waiting[0]!();
    waiting[2]!();
    await Promise.all([...taken, ticked]);
    assertEquals(happened.slice(3).filter((what) => what !== "accepted"), ["deliver 0", "deliver 1", "deliver 2"]);
    assertEquals(sequencer.applied.index, 3);
  });

  it("gives times that grow while the clock is slewed back a little", async () => {
    const pipeline = new FakePipeline();
    const clock = [TIME_US, TIME_US - 300_000, TIME_US + 7];
    const parts = { ...none, nowUs: () => clock.shift()!, journal: volatileJournal(), pipeline };
    const times: number[] = [];
    const sequencer = new Sequencer({ ...parts, deliver: (_, { timeUs }) => times.push(timeUs) });
    await sequencer.take(batch("a"));
    await sequencer.tick();
    await sequencer.take(batch("a"));
    assertEquals(times, [TIME_US, TIME_US + 1, TIME_US + 7]);
    assertEquals(pipeline.entries.map((entry) => entry.ingestionTimeUs), [TIME_US, TIME_US + 7]);
  });

  /** Times in seconds: wall and monotonic clock at each arrival; `last`: of an earlier process. */
  async function steps(at: [wall: number, monotonic: number][], last: number | null = null) {
    const pipeline = new FakePipeline();
    const heard: [step: number, at: number][] = [];
    pipeline.clockStepped = ({ stepUs, nowUs }) => {
      heard.push([stepUs / 1e6, (nowUs - TIME_US) / 1e6]);
      return [];
    };
    const told: number[] = [];
    let index = last === null ? 0 : 7;
    let now: [number, number] = [0, 0];
    const sequencer = new Sequencer({
      ...none,
      nowUs: () => TIME_US + now[0] * 1e6,
      clock: () => now[1] * 1000,
      journal: { append: () => Promise.resolve(++index), failing: false },
      pipeline,
      ...last !== null && { applied: { index: 7, timeUs: TIME_US + last * 1e6 } },
      onClockStep: (stepUs) => told.push(stepUs / 1e6),
    });
    for (now of at) await sequencer.tick();
    assertEquals(told, heard.map(([step]) => step));
    return { heard, ticks: pipeline.ticks.map((us) => Math.round((us - TIME_US) / 1e5) / 10) };
  }

  it("follows the host's clock that is set an hour back or ahead, and tells the pipeline before anything else", async () => {
    const back = await steps([[0, 0], [1, 1], [-3598, 2], [-3597, 3]]);
    assertEquals(back, { heard: [[-3600, -3598]], ticks: [0, 1, -3598, -3597] });
    const ahead = await steps([[0, 0], [1, 1], [3602, 2], [3603, 3]]);
    assertEquals(ahead, { heard: [[3600, 3602]], ticks: [0, 1, 3602, 3603] });
  });

  it("hears of a step in whole microseconds, as the journal keeps it: a replay is the same", async () => {
    assertEquals((await steps([[0, 0], [9, 1.00000003]])).heard, [[8, 9]]);
  });

  it("takes a pause of the process for a pause, not for a clock that was set", async () => {
    assertEquals((await steps([[0, 0], [45, 45]])).heard, []);
  });

  it("does not stand still after a restart with a clock that was ahead when the journal was last written", async () => {
    const { heard, ticks } = await steps([[0, 0], [0.1, 0.1]], 3600);
    assertEquals(heard, [[-3600, 0]]);
    assertEquals(ticks, [0, 0.1]);
    assertEquals((await steps([[0, 0], [0.1, 0.1]], -86_400)).heard, []);
  });

  it("acknowledges and delivers nothing that the journal refused, and never calls it safe", async () => {
    const pipeline = new FakePipeline();
    const append = () => Promise.reject(new Error("Cannot journal: the journal was closed"));
    const delivered: number[] = [];
    const sequencer = new Sequencer({
      ...none,
      nowUs: () => TIME_US,
      journal: { append, failing: true },
      pipeline,
      deliver: (_, { timeUs }) => delivered.push(timeUs),
    });
    await assertRejects(() => sequencer.take(batch("a")), Error, "closed");
    await assertRejects(() => sequencer.safe(), Error, "closed");
    await sequencer.settled();
    assertEquals([delivered.length, sequencer.applied.index], [0, 0]);
  });

  it("quarantines what the pipeline cannot take, journalled like the rest, and goes on with the next", async () => {
    const pipeline = new FakePipeline();
    const step = pipeline.step.bind(pipeline);
    pipeline.step = (entry) => {
      if (entry.edgeId === "a") throw new Error("Cannot step");
      return step(entry);
    };
    const delivered: Output[] = [];
    const sequencer = new Sequencer({
      ...none,
      nowUs: () => TIME_US,
      journal: volatileJournal(),
      pipeline,
      deliver: (outputs) => delivered.push(...outputs),
    });
    assertEquals((await sequencer.take(batch("a"))).verdict, "accepted");
    assertEquals((await sequencer.take(batch("b"))).verdict, "accepted");
    assertEquals(sequencer.applied.index, 2);
    assertEquals(delivered.map((output) => output.type === "quarantine" && output.quarantine.error), ["Cannot step"]);
  });
});
