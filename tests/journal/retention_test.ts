import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { checkpointName, listCheckpoints } from "../../aggregator/journal/checkpoints.ts";
import { listSegments } from "../../aggregator/journal/reader.ts";
import { expireJournal, holdsErased } from "../../aggregator/journal/retention.ts";
import { JournalWriter, WRITER_DEFAULTS } from "../../aggregator/journal/writer.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { STATE_VERSION } from "../../aggregator/pipeline/state/saved.ts";
import { checkpointFile } from "./checkpoint_file.ts";
import { MemoryDisk } from "./memory_disk.ts";

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;

function writerOf(disk: MemoryDisk, nextIndex: number, bodyBytes = 20): JournalWriter {
  return new JournalWriter({ ...WRITER_DEFAULTS, segmentBytesMax: 4 * bodyBytes + 70, spacingMs: 0 }, {
    disk,
    nextIndex,
    after: () => () => {},
    clock: () => 0,
    commits: { add: () => {} },
    onFailure: () => {},
    onRecovery: () => {},
  });
}

/** Forty entries, a second apart, four to a segment; checkpoints after the given ones. */
async function journal(checkpoints: number[], bodyBytes = 20): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const writer = writerOf(disk, 1, bodyBytes);
  for (let i = 1; i <= 40; i++) await writer.append(T0 + i * S, new Uint8Array(bodyBytes));
  await writer.close();
  for (const index of checkpoints) {
    const state = new Pipeline(PIPELINE_DEFAULTS).snapshot();
    disk.overwrite(checkpointName(index), checkpointFile({ index, timeUs: T0 + index * S, state }));
  }
  return disk;
}

const all = { bytesMax: 1e9, ageUs: 1e15, keptUs: 1e16, erasedIndex: 0, nowUs: T0 + 41 * S };

describe("expireJournal", () => {
  it("lets nothing go that no second checkpoint stands for, however little is to be kept", async () => {
    const disk = await journal([30]);
    const before = disk.list();
    assertEquals(expireJournal(disk, { ...all, bytesMax: 1 }), []);
    assertEquals(disk.list(), before);
  });

  it("keeps the bytes it may, the newest", async () => {
    const disk = await journal([20, 30, 38]);
    expireJournal(disk, { ...all, bytesMax: 700 });
    const segments = listSegments(disk);
    assertLess(segments.reduce((sum, { bytes }) => sum + bytes, 0), 701);
    assertGreater(segments[0]!.firstIndex, 1);
    assertEquals(segments.at(-1)!.firstIndex, 37);
  });

  it("lets go what is older than its age", async () => {
    const disk = await journal([20, 30, 38]);
    expireJournal(disk, { ...all, ageUs: 25 * S });
    assertEquals(listSegments(disk)[0]!.firstIndex, 13);
  });

  it("keeps what somebody must still read, and a checkpoint to begin with, until that is too much", async () => {
    const young = { ...all, ageUs: 1 };
    for (const [needed, firstIndex, checkpoint] of [[24, 21, 20], [19, 1, 0], [40, 29, 38], [2, 1, 0]] as const) {
      const disk = await journal([20, 30, 38]);
      expireJournal(disk, { ...young, neededAfter: () => needed });
      assertEquals(listSegments(disk)[0]!.firstIndex, firstIndex, `${needed}`);
      if (checkpoint > 0) assertEquals(listCheckpoints(disk).includes(checkpoint), true, `${needed}`);
    }
    const disk = await journal([20, 30, 38]);
    expireJournal(disk, { ...young, neededAfter: () => 2, neededBytesMax: 700 });
    const bytes = listSegments(disk).reduce((sum, segment) => sum + segment.bytes, 0);
    assertLess(bytes, 701);
    assertEquals(listSegments(disk)[0]!.firstIndex > 1, true);
    const between = await journal([22, 23, 30, 38]);
    expireJournal(between, { ...young, neededAfter: () => 24 });
    assertEquals(listCheckpoints(between).includes(23), true, "no segment needs it, but whoever begins with it");
    const erased = await journal([20, 30, 38]);
    expireJournal(erased, { ...young, neededAfter: () => 2, erasedIndex: 18 });
    assertEquals(listSegments(erased)[0]!.firstIndex > 18, true, "who is erased does not wait");
    const overdue = await journal([20, 30, 38]);
    expireJournal(overdue, { ...all, neededAfter: () => 2, keptUs: 25 * S });
    assertEquals(listSegments(overdue)[0]!.firstIndex > 1, true, "nor does what may be kept no longer");
    const free = await journal([20, 30, 38]);
    expireJournal(free, { ...young, neededAfter: () => null });
    assertEquals(listSegments(free)[0]!.firstIndex, 29);
  });

  it("keeps nothing for longer than it may be kept, though nothing came after it for long", async () => {
    const disk = await journal([20, 37, 38]);
    // A year later, and after it the first new segment.
    const nowUs = T0 + 365 * 86_400 * S;
    const writer = writerOf(disk, 41);
    await writer.append(nowUs, new Uint8Array(20));
    await writer.close();
    disk.overwrite(checkpointName(41), disk.read(checkpointName(38)));
    disk.overwrite(checkpointName(42), disk.read(checkpointName(38)));
    expireJournal(disk, { ...all, ageUs: 86_400 * S, nowUs });
    assertEquals(listSegments(disk)[0]!.firstIndex, 37, "what is just before is as young as what comes after it");
    expireJournal(disk, { ...all, keptUs: 30 * 86_400 * S, nowUs });
    assertEquals(listSegments(disk).map(({ firstIndex }) => firstIndex), [41]);
    assertEquals(listCheckpoints(disk), [41, 42]);
  });

  it("lets all go that was before a drone was erased, once one checkpoint stands for it, and no sooner", async () => {
    const disk = await journal([10, 20, 30]);
    assertEquals(expireJournal(disk, { ...all, erasedIndex: 31 }), []);
    assertEquals([holdsErased(disk, 31), holdsErased(disk, 0)], [true, false]);
    disk.overwrite(checkpointName(33), disk.read(checkpointName(30)));
    expireJournal(disk, { ...all, erasedIndex: 31 });
    assertEquals(listCheckpoints(disk), [33]);
    assertEquals(listSegments(disk)[0]!.firstIndex, 33);
    assertEquals(holdsErased(disk, 31), false);
    assertEquals(expireJournal(disk, { ...all, erasedIndex: 31 }), []);
  });

  it("reads the beginning of a segment to know its age, and more of it when its first entry is long", async () => {
    for (const bodyBytes of [10_000, 100_000]) {
      const disk = await journal([20, 30, 38], bodyBytes);
      const looked = listSegments(disk).slice(1, 5);
      disk.bytesRead = 0;
      expireJournal(disk, { ...all, ageUs: 25 * S });
      assertEquals(listSegments(disk)[0]!.firstIndex, 13);
      if (bodyBytes > 16_384) continue;
      assertLess(disk.bytesRead, looked.reduce((sum, { bytes }) => sum + bytes, 0) / 2);
    }
  });

  it("keeps a checkpoint from which each segment that is left can be replayed, and the two newest", async () => {
    const disk = await journal([2, 3, 10, 14, 15, 16, 20, 24, 28, 32, 36, 38, 39]);
    expireJournal(disk, { ...all, ageUs: 25 * S });
    const kept = listCheckpoints(disk);
    assertEquals(kept.slice(-2), [38, 39]);
    for (const { firstIndex } of listSegments(disk)) {
      assertEquals(kept.some((index) => index >= firstIndex - 1 && index < firstIndex + 4), true, `${firstIndex}`);
    }
    assertEquals(kept.includes(2) || kept.includes(15), false);
  });

  it("takes checkpoints of another version for nothing, and keeps them as long as the journal goes on behind them", async () => {
    const disk = await journal([20, 30, 38]);
    for (const index of [20, 30]) {
      const file = disk.read(checkpointName(index));
      new DataView(file.buffer).setUint32(8, STATE_VERSION - 1, true);
      disk.overwrite(checkpointName(index), file);
    }
    assertEquals(expireJournal(disk, { ...all, bytesMax: 1 }), [], "only one of our own stands for it");
    disk.overwrite(checkpointName(39), disk.read(checkpointName(38)));
    expireJournal(disk, { ...all, ageUs: 25 * S });
    assertEquals([listSegments(disk)[0]!.firstIndex, listCheckpoints(disk)], [13, [20, 30, 38, 39]]);
    expireJournal(disk, { ...all, ageUs: 10 * S });
    assertEquals([listSegments(disk)[0]!.firstIndex, listCheckpoints(disk)], [29, [30, 38, 39]]);
    // What holds an erased drone goes, whoever wrote it.
    expireJournal(disk, { ...all, erasedIndex: 35 });
    assertEquals(listCheckpoints(disk), [38, 39]);
  });
});
