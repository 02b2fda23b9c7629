import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import { type Core, createCore } from "../../aggregator/core/core.ts";
import { listCheckpoints } from "../../aggregator/journal/checkpoints.ts";
import { listSegments } from "../../aggregator/journal/reader.ts";
import { holdsErased } from "../../aggregator/journal/retention.ts";
import type { Erased } from "../../aggregator/outputs.ts";
import { FLYING } from "../pipeline/scene.ts";
import { makeEntry } from "../pipeline/build_batch.ts";
import { MemoryDisk } from "../journal/memory_disk.ts";

const T0 = 1_790_000_000_000_000;
const GONE = { droneId: "drone-gone", name: "drone:0123456789" };

interface Rig {
  core: Core;
  told: Erased[];
  flush: { works: boolean; times: number };
}

/** While `ticks`, time passes whenever somebody waits. */
async function open(disk: MemoryDisk | null, { ticks = true } = {}): Promise<Rig> {
  let nowUs = T0;
  const told: Erased[] = [];
  const flush = { works: true, times: 0 };
  const core: Core = await createCore({
    platform: {
      nowUs: () => nowUs += 1000,
      clock: () => nowUs / 1000,
      after: (_, fn) => {
        queueMicrotask(() => {
          if (ticks) core?.sequencer.tick().catch(() => {});
          fn();
        });
        return () => {};
      },
      every: () => () => {},
      log: () => {},
      pseudonym: (id) => id,
    },
    disk,
    decompress: await loadDecompress(),
    retention: { bytesMax: 1e9, ageUs: 1e15, keptUs: 1e16 },
    warn: () => {},
    deliver: (outputs) => told.push(...outputs.flatMap((output) => output.type === "erased" ? [output.erased] : [])),
    onLosses: () => {},
    onMissed: () => {},
    drainSinks: () => {},
    flushSinks: () => {
      if (!flush.works) throw new Error("Cannot write");
      flush.times++;
    },
  });
  return { core, told, flush };
}

async function fly({ core }: Rig): Promise<void> {
  const rows = [{ kind: "position" as const, slot: 1, seq: 1, eventTimeUs: T0, flags: FLYING, latE7: 474_000_000 }];
  const { ingestionTimeUs: _, ...batch } = makeEntry({ rows, slots: [{ slot: 1, ...GONE }], ingestionTimeUs: 0 });
  core.pipeline.step({ ...batch, ingestionTimeUs: T0 });
  for (let i = 0; i < 5; i++) await core.sequencer.tick();
}

/** Files of the journal that hold the drone's id. */
function holding(disk: MemoryDisk): string[] {
  return disk.list().map(({ name }) => name)
    .filter((name) => new TextDecoder("latin1").decode(disk.read(name)).includes(GONE.droneId));
}

describe("an erasure", () => {
  it("is done when no file holds what was before it, its own entry included", async () => {
    const disk = new MemoryDisk();
    const rig = await open(disk);
    await fly(rig);
    await rig.core.checkpoint();
    assertEquals(holding(disk).length, 1);
    assertEquals(await rig.core.erase(GONE), "done");
    assertEquals(holding(disk), []);
    assertEquals(rig.told.map(({ name }) => name), [GONE.name]);
    assertEquals(listCheckpoints(disk).length > 0, true);
    await rig.core.close();
    const again = await open(disk);
    assertEquals(again.core.journalView().recovered?.gaps, []);
    assertEquals(again.core.pipeline.drone(GONE.droneId), undefined);
    await again.core.close();
  });

  it("is done without a journal on a disk when the sinks have forgotten as well", async () => {
    const rig = await open(null);
    await fly(rig);
    assertEquals([await rig.core.erase(GONE), rig.told.length, rig.flush.times], ["done", 1, 1]);
    await rig.core.close();
    const other = await open(null);
    await fly(other);
    other.flush.works = false;
    await assertRejects(() => other.core.erase(GONE), Error, "Cannot write");
    await other.core.close();
  });

  it("goes on after a crash, whatever had been done by then", async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    await fly(first);
    await first.core.checkpoint();
    await first.core.sequencer.erase(GONE);
    await first.core.close();
    assertEquals(holding(disk).length, 2, "its entry is journalled, and all else is there");
    // The sinks hear of it again.
    const second = await open(disk);
    assertEquals(second.told.map(({ name }) => name), [GONE.name]);
    assertEquals(holding(disk).length, 2);
    await second.core.sequencer.tick();
    await second.core.checkpoint();
    assertEquals(holding(disk), []);
    await second.core.close();
  });

  it("goes on when the process ends between the checkpoint and what is let go then", async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    await fly(first);
    await first.core.checkpoint();
    await first.core.sequencer.erase(GONE);
    const before = new Map(disk.list().map(({ name }) => [name, disk.read(name)]));
    await first.core.checkpoint();
    await first.core.close();
    for (const [name, bytes] of before) disk.overwrite(name, bytes);
    assertEquals(holding(disk).length, 2);
    const second = await open(disk);
    const { recovered } = second.core.journalView();
    assertEquals([recovered?.entries, holdsErased(disk, recovered!.erasedIndex)], [0, true]);
    await second.core.sequencer.tick();
    await second.core.checkpoint();
    assertEquals(holding(disk), []);
    assertEquals(listSegments(disk)[0]!.firstIndex > recovered!.erasedIndex, true);
    await second.core.close();
  });

  it("lets nothing go before the sinks have forgotten the drone as well", async () => {
    const disk = new MemoryDisk();
    const rig = await open(disk);
    await fly(rig);
    await rig.core.checkpoint();
    rig.flush.works = false;
    await assertRejects(() => rig.core.erase(GONE), Error, "Cannot write");
    assertEquals(holding(disk).length > 0, true);
    rig.flush.works = true;
    await rig.core.sequencer.tick();
    await rig.core.checkpoint();
    assertEquals(holding(disk), []);
    await rig.core.close();
  });

  it("waits for the next segment where no time passes, and is under way until then", async () => {
    const disk = new MemoryDisk();
    const rig = await open(disk, { ticks: false });
    await fly(rig);
    assertEquals(await rig.core.erase(GONE), "under-way");
    await rig.core.sequencer.tick();
    await rig.core.checkpoint();
    assertEquals(holding(disk), []);
    await rig.core.close();
  });

  it("is refused while the journal cannot keep that it was asked for", async () => {
    const disk = new MemoryDisk();
    const rig = await open(disk);
    await fly(rig);
    disk.capacity = 0;
    rig.core.sequencer.tick().catch(() => {});
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
    const waits = (async () => {
      for (let turn = 0; turn < 10_000; turn++) await Promise.resolve();
      return "waits";
    })();
    assertEquals(await Promise.race([rig.core.erase(GONE), waits]), "refused");
    assertEquals(rig.core.pipeline.drone(GONE.droneId)?.records, 1);
    await rig.core.close();
  });
});
