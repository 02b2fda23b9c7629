import { crc32 } from "node:zlib";
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeArrival, encodeArrival } from "../../aggregator/journal/entries.ts";
import { decodeCheckpoint } from "../../aggregator/journal/checkpoints.ts";
import { checkpointFile } from "./checkpoint_file.ts";

const CRC_AT = 12;
const BLOCKS_AT = 16;

/** The checkpoint's blocks changed, under the checksum that they should have then. */
function altered(change: (blocks: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const file = checkpointFile({ index: 7, timeUs: 5, erasedIndex: 0, state: [] });
  const blocks = change(file.slice(BLOCKS_AT));
  const bytes = new Uint8Array(BLOCKS_AT + blocks.length);
  bytes.set(file.subarray(0, BLOCKS_AT));
  bytes.set(blocks, BLOCKS_AT);
  new DataView(bytes.buffer).setUint32(CRC_AT, crc32(blocks), true);
  return bytes;
}

describe("a checkpoint with the right checksum", () => {
  it("is read as it was written", () => {
    assertEquals(decodeCheckpoint(altered((blocks) => blocks)), { index: 7, timeUs: 5, erasedIndex: 0, state: [] });
  });

  for (
    const [name, change] of [
      ["a length over its end", (blocks) => blocks.fill(0xff, 0, 4)],
      ["half a length", (blocks) => blocks.slice(0, 2)],
      ["a block that is no value", (blocks) => blocks.fill(0x5c, 4)],
      ["no block at all", () => new Uint8Array()],
    ] as [string, (blocks: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>][]
  ) {
    it(`and ${name} is passed over`, () => assertEquals(decodeCheckpoint(altered(change)), null));
  }
});

describe("an entry that cannot be read", () => {
  it("is named, whatever is wrong with it", () => {
    const nothing = () => ({ malformed: "it does not fit" });
    const batch = { type: "batch", batch: { edgeId: "e", session: 1n }, uplink: Uint8Array.of(1) };
    for (
      const body of [Uint8Array.of(0xff), new Uint8Array(), encodeArrival(batch as Parameters<typeof encodeArrival>[0])]
    ) {
      assertThrows(
        () => decodeArrival({ index: 41, timeUs: 1, body }, nothing),
        Error,
        "Cannot read journal entry 41: ",
      );
    }
  });
});
