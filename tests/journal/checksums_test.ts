import { crc32 } from "node:zlib";
import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Checksums } from "../../aggregator/journal/checksums.ts";
import { encodeStored, scanSegment, segmentHeader } from "../../aggregator/journal/format.ts";
import { Random } from "../../sim/random.ts";

const HEADER_BYTES = 24;

/** Rotten, and each 24 bytes look like the head of an entry as long as all that follows. */
function nested(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  bytes.set(segmentHeader());
  const view = new DataView(bytes.buffer);
  for (let at = segmentHeader().length; at + HEADER_BYTES <= length; at += HEADER_BYTES) {
    view.setUint32(at, length - at - HEADER_BYTES, true);
    view.setFloat64(at + 8, 1, true);
    view.setFloat64(at + 16, 1, true);
  }
  return bytes;
}

describe("checksums of a segment", () => {
  it("are those of zlib, of any part, however often they are asked for", () => {
    const random = new Random(1);
    const bytes = Uint8Array.from({ length: 20_000 }, () => random.whole(0, 255));
    const checksums = new Checksums(bytes);
    for (let i = 0; i < 300; i++) {
      const [a, b] = [random.whole(0, bytes.length), random.whole(0, bytes.length)];
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      assertEquals(checksums.of(from, to), crc32(bytes.subarray(from, to)), `${from} to ${to}`);
    }
  });

  it("let no segment be written that takes for ever to read: the good entry behind is found in time", () => {
    const rotten = nested(8 << 20);
    const good = encodeStored({ index: 7, timeUs: 8, body: Uint8Array.of(9) });
    const bytes = new Uint8Array(rotten.length + good.length);
    bytes.set(rotten);
    bytes.set(good, rotten.length);
    const beganMs = performance.now();
    const { entries, damaged } = scanSegment(bytes);
    // 350,000 heads of 4 MiB in the mean would be 1.4 TB to sum up: half a minute.
    assertLess(performance.now() - beganMs, 8000);
    assertEquals(entries.map(({ index }) => index), [7]);
    assertEquals(damaged, [{ offset: 8, bytes: rotten.length - 8 }]);
  });
});
