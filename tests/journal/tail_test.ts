import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { StoredEntry } from "../../aggregator/journal/format.ts";
import { listSegments } from "../../aggregator/journal/reader.ts";
import { JournalTail } from "../../aggregator/journal/tail.ts";
import { JournalWriter, WRITER_DEFAULTS } from "../../aggregator/journal/writer.ts";
import { MemoryDisk } from "./memory_disk.ts";

const T0 = 1_790_000_000_000_000;

function writerOf(disk: MemoryDisk, { segmentBytesMax = 300, nextIndex = 1 } = {}): JournalWriter {
  return new JournalWriter({ ...WRITER_DEFAULTS, segmentBytesMax, spacingMs: 0 }, {
    ...{ disk, nextIndex, clock: () => 0, after: () => () => {} },
    commits: { add: () => {} },
    ...{ onFailure: () => {}, onRecovery: () => {} },
  });
}

function tailOf(disk: MemoryDisk, afterIndex = 0) {
  const gaps: [number, number][] = [];
  const onGap = ({ firstIndex, lastIndex }: { firstIndex: number; lastIndex: number }) =>
    void gaps.push([firstIndex, lastIndex]);
  return { tail: new JournalTail({ disk, afterIndex, onGap }), gaps };
}

const indexes = (entries: Iterable<StoredEntry>) => Array.from(entries, ({ index }) => index);
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe("a journal's tail", () => {
  it("is each entry once, in order, while it is written, however it is read", async () => {
    const step = fc.record({ write: fc.integer({ min: 0, max: 9 }), behind: fc.integer({ min: 0, max: 5 }) });
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.nat(20), async (steps, afterIndex) => {
      const disk = new MemoryDisk();
      const writer = writerOf(disk);
      const { tail, gaps } = tailOf(disk, afterIndex);
      const read: number[] = [];
      let [written, durable] = [0, 0];
      for (const { write, behind } of steps) {
        for (let i = 0; i < write; i++) await writer.append(T0 + ++written, new Uint8Array(20 + i * 30));
        durable = Math.max(durable, written - behind);
        read.push(...indexes(tail.read(durable)));
      }
      await writer.close();
      assertEquals(read, upTo(durable, afterIndex + 1));
      assertEquals(gaps, []);
    }));
  });

  it("goes on behind what a crash has torn off, or a failed write has left", async () => {
    const disk = new MemoryDisk();
    const writer = writerOf(disk, { segmentBytesMax: 10_000 });
    for (let i = 1; i <= 5; i++) await writer.append(T0 + i, new Uint8Array(40));
    await writer.close();
    const { tail, gaps } = tailOf(disk);
    assertEquals(indexes(tail.read(4)), upTo(4));
    const [{ name } = { name: "" }] = listSegments(disk);
    disk.cut(name, disk.read(name).length - 10);
    const next = writerOf(disk, { nextIndex: 5 });
    for (let i = 5; i <= 8; i++) await next.append(T0 + i, new Uint8Array(40));
    await next.close();
    assertEquals(indexes(tail.read(8)), upTo(8, 5));
    assertEquals(gaps, []);
  });

  it("reads an entry that is longer than what is read at once", async () => {
    const disk = new MemoryDisk();
    const writer = writerOf(disk, { segmentBytesMax: 64 << 20 });
    for (const bytes of [10, 3 << 20, 10]) await writer.append(T0, new Uint8Array(bytes));
    await writer.close();
    assertEquals(indexes(tailOf(disk).tail.read(3)), upTo(3));
  });

  it("reads what is new, and not what it has read", async () => {
    const disk = new MemoryDisk();
    const writer = writerOf(disk, { segmentBytesMax: 10_000_000 });
    const { tail } = tailOf(disk);
    for (let i = 1; i <= 500; i++) {
      await writer.append(T0 + i, new Uint8Array(1000));
      assertEquals(indexes(tail.read(i)), [i]);
    }
    await writer.close();
    assertLess(disk.bytesRead, 3 * 500 * 1024);
  });

  it("does not leave a segment that was written on while it looked for the next", async () => {
    const disk = new MemoryDisk();
    const writer = writerOf(disk);
    for (let i = 1; i <= 12; i++) await writer.append(T0 + i, new Uint8Array(40));
    await writer.close();
    // Until the folder is looked at again, its first entry is all that is there.
    const first = 8 + 24 + 40;
    let looks = 0;
    const slow = {
      list: () => ++looks === 1 ? disk.list().slice(0, 1) : disk.list(),
      readFrom: (name: string, { offset, bytesMax }: { offset: number; bytesMax: number }) =>
        disk.readFrom(name, { offset, bytesMax: looks > 1 ? bytesMax : Math.max(0, first - offset) }),
    };
    const gaps: number[] = [];
    const tail = new JournalTail({ disk: slow, afterIndex: 0, onGap: ({ firstIndex }) => gaps.push(firstIndex) });
    assertEquals([indexes(tail.read(12)), gaps], [upTo(12), []]);
  });

  it("says which entries the journal has let go", async () => {
    const disk = new MemoryDisk();
    const writer = writerOf(disk);
    for (let i = 1; i <= 20; i++) await writer.append(T0 + i, new Uint8Array(40));
    await writer.close();
    const [first, second] = listSegments(disk);
    disk.remove(first!.name);
    const { tail, gaps } = tailOf(disk);
    assertEquals(indexes(tail.read(20)), upTo(20, second!.firstIndex));
    assertEquals(gaps, [[1, second!.firstIndex - 1]]);
  });
});
