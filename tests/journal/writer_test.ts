import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cutTornTail, type Gap, listSegments, readJournal } from "../../aggregator/journal/reader.ts";
import { JournalWriter, WRITER_DEFAULTS } from "../../aggregator/journal/writer.ts";
import { MemoryDisk } from "./memory_disk.ts";

const T0 = 1_790_000_000_000_000;

interface Rig {
  disk: MemoryDisk;
  writer: JournalWriter;
  events: string[];
  /** Lets the time pass that something waits for: the retry, or the next commit. */
  retry: () => void;
  /** Monotonic ms. */
  at: (ms: number) => void;
}

function open(
  disk = new MemoryDisk(),
  { nextIndex = 1, segmentBytesMax = 1 << 20, spacingMs = 0, queueBytesMax = 1 << 20 } = {},
): Rig {
  const events: string[] = [];
  const timers: (() => void)[] = [];
  let clockMs = 0;
  const writer = new JournalWriter({ ...WRITER_DEFAULTS, segmentBytesMax, spacingMs, queueBytesMax }, {
    disk,
    nextIndex,
    after: (_, fn) => {
      timers.push(fn);
      return () => {};
    },
    clock: () => clockMs,
    commits: { add: () => {} },
    onFailure: (error) => events.push(error instanceof Error ? error.message : ""),
    onRecovery: () => events.push("recovered"),
  });
  return { disk, writer, events, retry: () => timers.shift()?.(), at: (ms) => clockMs = ms };
}

function body(n: number): Uint8Array {
  return new Uint8Array(20).fill(n);
}

/** First bytes of all bodies the disk holds, and the gaps between them. */
function held(disk: MemoryDisk): { bodies: number[]; gaps: Gap[] } {
  const gaps: Gap[] = [];
  const entries = [...readJournal(disk, { afterIndex: 0, onGap: (gap) => gaps.push(gap) })];
  assertEquals(entries.map(({ index }) => index), [...entries.keys()].map((i) => i + entries[0]!.index));
  return { bodies: entries.map(({ body }) => body[0]!), gaps };
}

/** Lets everything that waits for nothing but its turn run. */
async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

describe("JournalWriter.append", () => {
  it("resolves only after a sync that followed the write", async () => {
    const { disk, writer } = open();
    const sync = Promise.withResolvers<void>();
    disk.syncing = () => sync.promise;
    let resolved = false;
    const appended = writer.append(T0, body(1)).then(() => resolved = true);
    await turns();
    assertEquals([disk.list().length, resolved], [1, false]);
    sync.resolve();
    await appended;
    assertEquals(held(disk).bodies, [1]);
    await writer.close();
  });

  it("writes at once after a pause, and gathers what comes soon after", async () => {
    const { disk, writer, retry, at } = open(new MemoryDisk(), { spacingMs: 4 });
    await writer.append(T0, body(1));
    at(1);
    const soon = [writer.append(T0 + 1, body(2)), writer.append(T0 + 2, body(3))];
    await turns();
    assertEquals(held(disk).bodies, [1]);
    at(4);
    retry();
    assertEquals(await Promise.all(soon), [2, 3]);
    at(9);
    assertEquals(await writer.append(T0 + 3, body(4)), 4);
    await writer.close();
  });

  it("makes all entries that arrive during a sync durable by the next one", async () => {
    const { disk, writer } = open();
    const first = writer.append(T0, body(1));
    const others = Array.from({ length: 100 }, (_, i) => writer.append(T0 + 1 + i, body(2)));
    await Promise.all([first, ...others]);
    assertEquals([disk.syncs, held(disk).bodies.length], [2, 101]);
    await writer.close();
  });

  it("begins a new segment when one is full, and reads through all of them", async () => {
    const { disk, writer } = open(new MemoryDisk(), { segmentBytesMax: 100 });
    for (let i = 0; i < 12; i++) await writer.append(T0 + i, body(i));
    assertEquals(listSegments(disk).length, 4);
    assertEquals(held(disk), { bodies: Array.from({ length: 12 }, (_, i) => i), gaps: [] });
    assertEquals([...readJournal(disk, { afterIndex: 10, onGap: () => {} })].map(({ index }) => index), [11, 12]);
    await writer.close();
  });

  it("waits while the disk is full, loses nothing of what waits, and goes on by itself", async () => {
    const { disk, writer, events, retry } = open();
    await writer.append(T0, body(1));
    disk.capacity = 70;
    let durable = 0;
    const waiting = [2, 3, 4].map((n) => writer.append(T0 + n, body(n)).then(() => durable++));
    await turns();
    assertEquals([durable, writer.failing, events], [0, true, ["No space left on device"]]);
    retry();
    await turns();
    assertEquals(durable, 0);
    disk.capacity = Infinity;
    retry();
    await Promise.all(waiting);
    assertEquals([writer.failing, events.at(-1)], [false, "recovered"]);
    assertEquals(held(disk), { bodies: [1, 2, 3, 4], gaps: [] });
    await writer.close();
  });

  it("writes a group whose sync failed again, into another segment, and the reader sees it once", async () => {
    const { disk, writer, retry } = open();
    await writer.append(T0, body(1));
    disk.syncing = null;
    const waiting = writer.append(T0 + 1, body(2));
    await turns();
    disk.syncing = () => Promise.resolve();
    retry();
    await waiting;
    assertEquals(held(disk), { bodies: [1, 2], gaps: [] });
    assertEquals(listSegments(disk).map(({ firstIndex }) => firstIndex), [1, 2]);
    await writer.close();
  });

  it("says that it is full when all waits that may, by what it costs, and has room when that is written", async () => {
    const { disk, writer, retry } = open(new MemoryDisk(), { queueBytesMax: 10_000 });
    disk.syncing = null;
    const waiting = [];
    for (let n = 1; !writer.full && n < 100; n++) waiting.push(writer.append(T0 + n, body(n)));
    // Each costs 44 bytes on the disk and 2 KiB in memory.
    assertEquals(waiting.length, 5);
    await turns();
    assertEquals(writer.full, true);
    disk.syncing = () => Promise.resolve();
    retry();
    await Promise.all(waiting);
    assertEquals([writer.full, held(disk).bodies], [false, [1, 2, 3, 4, 5]]);
    for (let n = 0; n < 4; n++) writer.append(T0 + 10 + n, body(n));
    assertEquals(writer.full, false);
    await writer.close();
  });

  it("is failing while a commit takes far too long, though no error says so", async () => {
    const { disk, writer, at } = open();
    const sync = Promise.withResolvers<void>();
    disk.syncing = () => sync.promise;
    const appended = writer.append(T0, body(1));
    await turns();
    at(500);
    assertEquals(writer.failing, false);
    at(501);
    assertEquals(writer.failing, true);
    sync.resolve();
    await appended;
    assertEquals(writer.failing, false);
    await writer.close();
  });

  it("writes little in vain while the disk is full", async () => {
    const { disk, writer, retry } = open(new MemoryDisk(), { queueBytesMax: 8 << 20 });
    const written: number[] = [];
    const create = disk.create.bind(disk);
    disk.create = (name) => {
      const file = create(name);
      return { ...file, write: (bytes) => void (written.push(bytes.length), file.write(bytes)) };
    };
    disk.capacity = 0;
    const waiting = Array.from({ length: 100 }, (_, i) => writer.append(T0 + i, new Uint8Array(10_000)));
    await turns();
    written.length = 0;
    disk.capacity = 8;
    retry();
    await turns();
    assertEquals(written.map((bytes) => bytes > 0 && bytes < 65_536), [true, true]);
    disk.capacity = Infinity;
    retry();
    assertEquals((await Promise.all(waiting)).at(-1), 100);
    await writer.close();
  });

  it("gives back the room of what it could not write: the disk is full already", async () => {
    const { disk, writer, retry } = open();
    await writer.append(T0, body(1));
    const bytes = () => disk.list().map((file) => file.bytes);
    const [durable] = bytes();
    disk.capacity = durable! + 40;
    const waiting = writer.append(T0 + 1, body(2));
    await turns();
    assertEquals(bytes(), [durable]);
    disk.capacity = Infinity;
    retry();
    await waiting;
    await writer.close();
  });

  it("rejects what is not durable when it is closed", async () => {
    const { disk, writer } = open();
    disk.syncing = null;
    const waiting = writer.append(T0, body(1));
    await turns();
    const rejected = assertRejects(() => waiting, Error, "Cannot journal");
    await writer.close();
    await rejected;
    await assertRejects(() => writer.append(T0 + 1, body(2)), Error, "Cannot journal");
  });
});

describe("readJournal and cutTornTail", () => {
  it("lose nothing acknowledged when the power goes at any moment", async () => {
    for (let seed = 0; seed < 200; seed++) {
      const { disk, writer } = open(new MemoryDisk(), { segmentBytesMax: 150 });
      const acknowledged: number[] = [];
      let left = seed % 7;
      disk.syncing = () => left-- > 0 ? Promise.resolve() : new Promise(() => {});
      for (let i = 1; i <= 10; i++) {
        writer.append(T0 + i, body(i)).then(() => acknowledged.push(i), () => {});
        if (i % 3 === 0) await turns();
      }
      await turns();
      const after = disk.crashed(() => (seed % 100) / 100);
      cutTornTail(after);
      const { bodies, gaps } = after.list().length > 0 ? held(after) : { bodies: [], gaps: [] };
      assertEquals(gaps, [], `seed ${seed}`);
      assertEquals(acknowledged.filter((n) => !bodies.includes(n)), [], `seed ${seed}`);
      assertEquals(cutTornTail(after), 0, `seed ${seed}`);
    }
  });

  it("cut garbage off the end, and nothing else", async () => {
    const { disk, writer } = open();
    for (let i = 1; i <= 3; i++) await writer.append(T0 + i, body(i));
    await writer.close();
    const { name } = listSegments(disk)[0]!;
    disk.overwrite(name, Uint8Array.from([...disk.read(name), ...body(250), 1, 2, 3]));
    assertEquals(cutTornTail(disk), 23);
    assertEquals(held(disk), { bodies: [1, 2, 3], gaps: [] });
  });

  it("name the entries that rot has taken, and go on behind them", async () => {
    const { disk, writer } = open();
    for (let i = 1; i <= 5; i++) await writer.append(T0 + i, body(i));
    await writer.close();
    const { name } = listSegments(disk)[0]!;
    const bytes = disk.read(name);
    bytes[8 + 44 + 30]! ^= 1;
    disk.overwrite(name, bytes);
    const gaps: Gap[] = [];
    const left = [...readJournal(disk, { afterIndex: 0, onGap: (gap) => gaps.push(gap) })].map(({ index }) => index);
    assertEquals([left, gaps], [[1, 3, 4, 5], [{ firstIndex: 2, lastIndex: 2 }]]);
  });
});
