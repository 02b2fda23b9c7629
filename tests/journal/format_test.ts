import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  BODY_BYTES_MAX,
  encodeStored,
  scanSegment,
  segmentHeader,
  type StoredEntry,
} from "../../aggregator/journal/format.ts";

const T0 = 1_790_000_000_000_000;

function entry(index: number, body = new Uint8Array([index, 2, 3])): StoredEntry {
  return { index, timeUs: T0 + index, body };
}

function segment(entries: StoredEntry[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...segmentHeader(), ...entries.flatMap((entry) => [...encodeStored(entry)])]);
}

const indexes = (entries: StoredEntry[]) => entries.map(({ index }) => index);

describe("scanSegment", () => {
  it("gives back every entry as it was written", () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (bodies) => {
      const entries = bodies.map((body, i) => entry(i + 1, new Uint8Array(body)));
      const bytes = segment(entries);
      const scanned = scanSegment(bytes);
      assertEquals(scanned.entries.map(({ body, ...rest }) => ({ ...rest, body: body.slice() })), entries);
      assertEquals([scanned.damaged, scanned.goodBytes], [[], bytes.length]);
    }));
  });

  it("finds all whole entries of a segment cut at every byte, and where the last one ends", () => {
    const entries = [entry(1), entry(2, new Uint8Array(0)), entry(3)];
    const bytes = segment(entries);
    const ends = entries.map((_, i) => segment(entries.slice(0, i + 1)).length);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const whole = ends.filter((end) => end <= cut).length;
      const scanned = scanSegment(bytes.subarray(0, cut));
      assertEquals(indexes(scanned.entries), [1, 2, 3].slice(0, whole), `cut at ${cut}`);
      assertEquals(scanned.goodBytes, whole > 0 ? ends[whole - 1] : cut >= segmentHeader().length ? 8 : 0);
    }
  });

  it("skips the one entry in which a bit has flipped, wherever it is, and finds the others", () => {
    const entries = [entry(1), entry(2), entry(3)];
    const bytes = segment(entries);
    const starts = [0, 1, 2, 3].map((n) => segment(entries.slice(0, n)).length);
    for (let bit = 8 * starts[1]!; bit < 8 * starts[2]!; bit++) {
      const rotten = bytes.slice();
      rotten[bit >> 3] = rotten[bit >> 3]! ^ (1 << (bit & 7));
      const scanned = scanSegment(rotten);
      assertEquals(indexes(scanned.entries), [1, 3], `bit ${bit}`);
      assertEquals(scanned.damaged, [{ offset: starts[1]!, bytes: starts[2]! - starts[1]! }]);
    }
  });

  it("makes no entry of random bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => assertEquals(scanSegment(bytes).entries, [])));
  });
});

describe("encodeStored", () => {
  it("refuses a body that a scan would not believe", () => {
    assertThrows(() => encodeStored(entry(1, new Uint8Array(BODY_BYTES_MAX + 1))), RangeError, "Cannot journal");
  });
});
