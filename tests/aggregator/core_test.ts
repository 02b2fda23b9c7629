import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Core, createCore } from "../../aggregator/core/core.ts";
import { Credit, CREDIT_MAX } from "../../aggregator/intake/credit.ts";
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import { checkpointName, listCheckpoints } from "../../aggregator/journal/checkpoints.ts";
import { listSegments } from "../../aggregator/journal/reader.ts";
import { WRITER_DEFAULTS } from "../../aggregator/journal/writer.ts";
import { Traces } from "../../aggregator/tracing/traces.ts";
import type { Tracer } from "../../platform/tracing.ts";
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { MemoryDisk } from "../journal/memory_disk.ts";
import { writtenSpans } from "../tracing/written_spans.ts";

const T0 = 1_790_000_000_000_000;

async function open(
  disk: MemoryDisk,
  logs: string[] = [],
  { queueBytesMax = 1 << 20, tracer = null as Tracer | null } = {},
): Promise<Core> {
  let nowUs = T0;
  const times = { nowUs: () => nowUs += 1000, clock: () => nowUs / 1000 };
  const pseudonym = (id: string) => `drone:${id.length}`;
  return await createCore({
    platform: {
      ...times,
      traces: tracer && new Traces({ ...times, pseudonym, tracer }),
      after: (_, fn) => {
        queueMicrotask(fn);
        return () => {};
      },
      every: () => () => {},
      log: (_, message) => logs.push(message),
      pseudonym,
    },
    disk,
    decompress: await loadDecompress(),
    retention: { bytesMax: 1e9, ageUs: 1e15, keptUs: 1e16 },
    segments: { ...WRITER_DEFAULTS, queueBytesMax },
    warn: () => {},
    deliver: () => {},
    onLosses: () => {},
    onMissed: () => {},
    drainSinks: () => {},
    flushSinks: () => {},
  });
}

/** Lets everything else have its turn until it is so, or has had enough of them. */
async function soon(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !isSo(); turn++) await Promise.resolve();
}

describe("createCore", () => {
  it("goes on with the next entry after a restart, from the checkpoint and its tail", async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    for (let i = 0; i < 5; i++) await first.sequencer.tick();
    await first.checkpoint();
    for (let i = 0; i < 3; i++) await first.sequencer.tick();
    await first.close();
    const second = await open(disk);
    const { recovered, lastIndex, journalId } = second.journalView();
    assertEquals([recovered?.checkpointIndex, recovered?.entries, lastIndex], [5, 3, 8]);
    assertEquals(journalId, first.journalView().journalId);
    await second.sequencer.tick();
    assertEquals(second.sequencer.applied.index, 9);
    await second.close();
  });

  it("knows after a restart how late an edge hears, from the checkpoint or its tail", async () => {
    for (const withCheckpoint of [true, false]) {
      const disk = new MemoryDisk();
      const first = await open(disk);
      await first.sequencer.told({ type: "edge", edgeId: "e1", presence: EdgePresence.BEHIND, lateMs: 700 });
      if (withCheckpoint) await first.checkpoint();
      await first.close();
      const second = await open(disk);
      assertEquals(second.pipeline.edges(), [["e1", EdgePresence.BEHIND, 700]]);
      await second.close();
    }
  });

  it("says what its disk lost, in the log and as an alert, and goes on", async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    for (let i = 0; i < 5; i++) await first.sequencer.tick();
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
    await core.sequencer.tick();
    const taken = assertRejects(() => core.checkpoint(), Error, "the journal is closed");
    await Promise.resolve();
    await core.close();
    await taken;
    assertEquals(listCheckpoints(disk), []);
  });

  it("says that it begins anew when the journal's beginning has gone and no checkpoint can be read", async () => {
    const disk = new MemoryDisk();
    const first = await open(disk);
    for (let i = 0; i < 3; i++) await first.sequencer.tick();
    await first.checkpoint();
    await first.close();
    const second = await open(disk);
    await second.sequencer.tick();
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
    const { tracer, ended } = writtenSpans();
    const core = await open(disk, [], { tracer });
    await core.sequencer.tick();
    disk.syncing = null;
    const ticked = core.sequencer.tick();
    // It tries again at once here: no timer has its turn.
    for (let turn = 0; turn < 1000 && core.operations.openAlerts().length === 0; turn++) await Promise.resolve();
    assertEquals([core.journalView().state, core.operations.openAlerts()[0]?.kind], ["failing", "degraded"]);
    disk.syncing = () => Promise.resolve();
    await ticked;
    assertEquals([core.journalView().state, core.operations.openAlerts().length], ["durable", 0]);
    const spans = ended.map(({ name, attributes }) => `${name} ${attributes?.kind} ${attributes?.transition}`);
    assertEquals(spans, ["alert degraded raise", "alert degraded resolve"]);
    await core.close();
  });
});

describe("a core whose journal has no room for what it judges", () => {
  it("says so, has a checkpoint of that as soon as there is room, and names what its journal lacks", async () => {
    const disk = new MemoryDisk();
    const logs: string[] = [];
    const core = await open(disk, logs, { queueBytesMax: 10_000 });
    const details = () => core.operations.openAlerts().map(({ detail }) => detail).sort();
    disk.syncing = null;
    const ticked = Array.from({ length: 10 }, () => core.sequencer.tick());
    await soon(() => details().length === 2);
    assertEquals([details(), listCheckpoints(disk)], [["journal", "journal-full"], []]);
    await assertRejects(() => core.checkpoint(), Error, "the journal lacks what was judged last");
    disk.syncing = () => Promise.resolve();
    await Promise.all(ticked);
    assertEquals(core.sequencer.applied.index, 5);
    await core.sequencer.tick();
    await soon(() => listCheckpoints(disk).length > 0);
    assertEquals(listCheckpoints(disk).length, 1);
    assertEquals(details(), ["journal-lacks"]);
    assertStringIncludes(logs.join(), "0 batches (0 records) were judged without being journalled");
    await core.close();
    const second = await open(disk);
    const { recovered } = second.journalView();
    assertEquals([recovered?.checkpointIndex, recovered?.unjournalled], [7, []]);
    await second.close();
    // Whoever begins before it is told.
    disk.remove(checkpointName(7));
    const told: string[] = [];
    const third = await open(disk, told);
    assertEquals(third.journalView().recovered?.unjournalled.map(({ ticks }) => ticks), [5]);
    assertStringIncludes(told.join(), "were judged without being journalled");
    await third.close();
  });
});

describe("Credit", () => {
  it("halves bulk's while the aggregator is behind, grows it one by one while not, and leaves safety's alone", () => {
    const credit = new Credit();
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) seen.push(credit.adjust({ waiting: 1000, lagMs: 0, isKeeping: true })?.bulk ?? -1);
    for (let i = 0; i < 2; i++) seen.push(credit.adjust({ waiting: 0, lagMs: 0, isKeeping: true })?.bulk ?? -1);
    seen.push(credit.adjust({ waiting: 0, lagMs: 500, isKeeping: true })?.bulk ?? -1);
    assertEquals(seen, [8, 4, 2, 1, -1, 2, 3, 1]);
    assertEquals(credit.view.safety, CREDIT_MAX.safety);
  });

  it("leaves bulk none while the journal fails: what memory holds is for safety", () => {
    const credit = new Credit();
    assertEquals(credit.adjust({ waiting: 0, lagMs: 0, isKeeping: false }), { safety: CREDIT_MAX.safety, bulk: 0 });
    assertEquals(credit.adjust({ waiting: 1000, lagMs: 0, isKeeping: false }), null);
    assertEquals(credit.adjust({ waiting: 1000, lagMs: 0, isKeeping: true })?.bulk, 1);
  });

  it("is said again each second while bulk has none, and only then", () => {
    const credit = new Credit();
    const told = (isKeeping: boolean) => {
      return Array.from({ length: 31 }, () => credit.adjust({ waiting: 0, lagMs: 0, isKeeping })).flatMap((view, i) => {
        return view ? [[i, view.bulk]] : [];
      });
    };
    assertEquals(told(false), [[0, 0], [10, 0], [20, 0], [30, 0]]);
    assertEquals(told(true).map(([, bulk]) => bulk), Array.from({ length: CREDIT_MAX.bulk }, (_, i) => i + 1));
    assertEquals(told(true), []);
  });
});
