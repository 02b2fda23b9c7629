import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Core, createCore } from "../../aggregator/core.ts";
import { Credit, CREDIT_MAX } from "../../aggregator/credit.ts";
import { loadDecompress } from "../../aggregator/decompress.ts";
import { checkpointName, listCheckpoints } from "../../aggregator/journal/checkpoints.ts";
import { listSegments } from "../../aggregator/journal/reader.ts";
import { MemoryDisk } from "../journal/memory_disk.ts";

const T0 = 1_790_000_000_000_000;

async function open(disk: MemoryDisk, logs: string[] = []): Promise<Core> {
  let nowUs = T0;
  return await createCore({
    platform: {
      nowUs: () => nowUs += 1000,
      clock: () => nowUs / 1000,
      after: (_, fn) => {
        queueMicrotask(fn);
        return () => {};
      },
      every: () => () => {},
      log: (_, message) => logs.push(message),
    },
    disk,
    decompress: await loadDecompress(),
    retention: { bytesMax: 1e9, ageUs: 1e15 },
    warn: () => {},
    deliver: () => {},
    onLosses: () => {},
    flushSinks: () => {},
  });
}

describe("createCore", () => {
  it("goes on with the next entry after a restart, from the checkpoint and its tail", async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    for (let i = 0; i < 5; i++) await first.inlet.tick();
    await first.checkpoint();
    for (let i = 0; i < 3; i++) await first.inlet.tick();
    await first.close();
    const second = await open(disk);
    const { recovered, lastIndex, journalId } = second.journalView();
    assertEquals([recovered?.checkpointIndex, recovered?.entries, lastIndex], [5, 3, 8]);
    assertEquals(journalId, first.journalView().journalId);
    await second.inlet.tick();
    assertEquals(second.inlet.applied.index, 9);
    await second.close();
  });

  it("says what its disk lost, in the log and as an alert, and goes on", async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    for (let i = 0; i < 5; i++) await first.inlet.tick();
    await first.close();
    const { name } = listSegments(disk)[0]!;
    const bytes = disk.read(name);
    bytes[8 + 26 + 20]! ^= 1;
    disk.overwrite(name, bytes);
    const logs: string[] = [];
    const second = await open(disk, logs);
    assertEquals(second.journalView().recovered?.gaps, [{ firstIndex: 2, lastIndex: 2 }]);
    assertStringIncludes(logs.join(), "The journal lacks entries 2 to 2");
    assertEquals(second.operations.openAlerts().map(({ kind, detail }) => [kind, detail]), [[
      "degraded",
      "journal-gap",
    ]]);
    await second.close();
  });

  it("gives up a checkpoint that is being read when it is closed", async () => {
    const disk = new MemoryDisk();
    const core = await open(disk);
    await core.inlet.tick();
    const taken = assertRejects(() => core.checkpoint(), Error, "the journal is closed");
    await Promise.resolve();
    await core.close();
    await taken;
    assertEquals(listCheckpoints(disk), []);
  });

  it("says that it begins anew when the journal's beginning has gone and no checkpoint can be read", async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    for (let i = 0; i < 3; i++) await first.inlet.tick();
    await first.checkpoint();
    await first.close();
    const second = await open(disk);
    await second.inlet.tick();
    await second.close();
    const [checkpoint] = listCheckpoints(disk);
    disk.overwrite(checkpointName(checkpoint!), new TextEncoder().encode("of another version"));
    disk.remove(listSegments(disk)[0]!.name);
    const logs: string[] = [];
    await (await open(disk, logs)).close();
    assertStringIncludes(logs.join(), "The journal lacks entries 1 to 3, and no checkpoint of them can be read");
  });

  it("raises degraded while its journal cannot be written, and resolves it when it can", async () => {
    const disk = new MemoryDisk();
    const core = await open(disk);
    await core.inlet.tick();
    disk.syncing = null;
    const ticked = core.inlet.tick();
    // It tries again at once here: no timer has its turn.
    for (let turn = 0; turn < 1000 && core.operations.openAlerts().length === 0; turn++) await Promise.resolve();
    assertEquals([core.journalView().state, core.operations.openAlerts()[0]?.kind], ["failing", "degraded"]);
    disk.syncing = () => Promise.resolve();
    await ticked;
    assertEquals([core.journalView().state, core.operations.openAlerts().length], ["durable", 0]);
    await core.close();
  });
});

describe("Credit", () => {
  it("halves bulk's while the aggregator is behind, grows it one by one while not, and leaves safety's alone", () => {
    const credit = new Credit();
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) seen.push(credit.adjust({ waiting: 1000, lagMs: 0 })?.bulk ?? -1);
    for (let i = 0; i < 2; i++) seen.push(credit.adjust({ waiting: 0, lagMs: 0 })?.bulk ?? -1);
    seen.push(credit.adjust({ waiting: 0, lagMs: 500 })?.bulk ?? -1);
    assertEquals(seen, [8, 4, 2, 1, -1, 2, 3, 1]);
    assertEquals(credit.view.safety, CREDIT_MAX.safety);
  });
});
