import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Checkpointing, type CheckpointingParts } from "../../aggregator/core/checkpointing.ts";
import { decodeCheckpoint, listCheckpoints } from "../../aggregator/journal/checkpoints.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { MemoryDisk } from "../journal/memory_disk.ts";

/** Checkpoints of a pipeline without drones (two pieces); `seen` counts up, pauses last until `goOn`. */
function rig(parts: Partial<Pick<CheckpointingParts, "safe" | "flushSinks">> = {}) {
  const disk = new MemoryDisk();
  const pauses: (() => void)[] = [];
  let index = 0;
  let isGap = false;
  let pausesAsked = 0;
  const checkpointing = new Checkpointing({
    disk,
    pipeline: new Pipeline(PIPELINE_DEFAULTS),
    seen: () => isGap ? null : { index, timeUs: 1 },
    safe: () => Promise.resolve(),
    erasedIndex: () => 0,
    flushSinks: () => {},
    ...parts,
    pause: () => {
      pausesAsked++;
      return new Promise((resolve) => pauses.push(resolve));
    },
    nowUs: () => 0,
    retention: { bytesMax: 1e9, ageUs: 1e15, keptUs: 1e16 },
  });
  return {
    disk,
    checkpointing,
    see: () => index++,
    gap: (is: boolean) => isGap = is,
    pausesAsked: () => pausesAsked,
    async goOn() {
      while (pauses.length > 0) {
        pauses.shift()!();
        for (let turns = 0; turns < 10; turns++) await Promise.resolve();
      }
    },
  };
}

describe("Checkpointing", () => {
  it("takes none when nothing was seen since the last one", async () => {
    const { disk, checkpointing } = rig();
    await checkpointing.take();
    assertEquals(listCheckpoints(disk), []);
  });

  it("writes none before the disk has what waited for the sinks, and none when it cannot have it", async () => {
    const flushed = Promise.withResolvers<void>();
    const { disk, checkpointing, see, goOn } = rig({ flushSinks: () => flushed.promise });
    see();
    const taken = checkpointing.take();
    await goOn();
    await goOn();
    assertEquals(listCheckpoints(disk), []);
    flushed.reject(new Error("No space left on device"));
    await assertRejects(() => taken, Error, "No space left");
    assertEquals(listCheckpoints(disk), []);
  });

  it("takes one more for whoever asks while one is written that lacks the latest", async () => {
    const { disk, checkpointing, see, goOn } = rig();
    see();
    const first = checkpointing.take();
    await Promise.resolve();
    see();
    const [second, third] = [checkpointing.take(), checkpointing.take()];
    await goOn();
    await Promise.all([first, second, third]);
    assertEquals(listCheckpoints(disk), [1, 2]);
    assertEquals(decodeCheckpoint(disk.read("0000000000000002.checkpoint"))?.index, 2);
  });

  it("takes none of what was judged and is in no entry, and one behind it", async () => {
    const { disk, checkpointing, see, gap } = rig();
    see();
    gap(true);
    await assertRejects(() => checkpointing.take({ isLast: true }), Error, "the journal lacks what was judged last");
    assertEquals(listCheckpoints(disk), []);
    gap(false);
    see();
    await checkpointing.take({ isLast: true });
    assertEquals(listCheckpoints(disk), [2]);
  });

  it("takes none before what recovery will not deliver again is journalled, and in the sinks", async () => {
    const order: string[] = [];
    const safe = Promise.withResolvers<void>();
    const { disk, checkpointing, see, goOn } = rig({
      safe: () => safe.promise.then(() => void order.push("safe")),
      flushSinks: () => void order.push(`flushed, ${listCheckpoints(disk).length} taken`),
    });
    see();
    const taken = checkpointing.take();
    await Promise.resolve();
    await goOn();
    assertEquals([order, listCheckpoints(disk)], [[], []]);
    safe.resolve();
    await taken;
    assertEquals([order, listCheckpoints(disk)], [["safe", "flushed, 0 taken"], [1]]);
  });

  it("takes none while a sink cannot write: the journal keeps its tail", async () => {
    const { disk, checkpointing, see, goOn } = rig({
      flushSinks: () => {
        throw new Error("database is locked");
      },
    });
    see();
    const refused = assertRejects(() => checkpointing.take(), Error, "locked");
    await Promise.resolve();
    await goOn();
    await refused;
    assertEquals(listCheckpoints(disk), []);
  });

  it("does not pause any more in the last one", async () => {
    const { disk, checkpointing, see, pausesAsked } = rig();
    see();
    await checkpointing.take({ isLast: true });
    assertEquals([listCheckpoints(disk), pausesAsked()], [[1], 0]);
  });

  it("writes nothing once it is closed, though one had begun", async () => {
    const { disk, checkpointing, see, goOn } = rig();
    see();
    const taken = assertRejects(() => checkpointing.take(), Error, "the journal is closed");
    await Promise.resolve();
    const closed = checkpointing.close();
    await goOn();
    await Promise.all([taken, closed]);
    assertEquals(listCheckpoints(disk), []);
  });
});
