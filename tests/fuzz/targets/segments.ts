// A journal's segment with anything in it: what is good is read, what is not is cut or named. Half of the inputs get their
// checksums mended, so that what an entry holds is reached as well.
import { crc32 } from "node:zlib";
import { loadDecompress } from "../../../aggregator/batch/decompress.ts";
import { decodeArrival, encodeArrival } from "../../../aggregator/journal/entries.ts";
import { encodeStored, scanSegment, segmentHeader, segmentName } from "../../../aggregator/journal/format.ts";
import { cutTornTail, readJournal } from "../../../aggregator/journal/reader.ts";
import type { Random } from "../../../sim/random.ts";
import { MemoryDisk } from "../../journal/memory_disk.ts";
import { concatenated } from "../bytes.ts";
import { Broken, few, said, type Session, type Target } from "../target.ts";
import { UPLINKS } from "./uplinks.ts";

const TIME_US = 1_790_000_000_000_000;
const NAME = segmentName(1);
const HEADER_BYTES = 8;
const ENTRY_HEADER_BYTES = 24;

function seeds(random: Random): Uint8Array[] {
  const bodies = [
    encodeArrival({ type: "tick" }),
    encodeArrival({ type: "acknowledgement", alertId: 7, by: "Ada" }),
    encodeArrival({ type: "clock-step", stepUs: -5 }),
    encodeArrival({ type: "configuration", by: "Ada", values: [["linkLossUs", 3_000_000]] }),
    encodeArrival({ type: "edge", edgeId: "e", presence: 1, lateMs: 3 }),
    ...UPLINKS.seeds(random).slice(1, 8).map((uplink) =>
      encodeArrival(
        { type: "batch", batch: { edgeId: "e", session: 5n }, uplink } as Parameters<typeof encodeArrival>[0],
      )
    ),
  ];
  return [1, 3, bodies.length].map((count) =>
    concatenated([
      segmentHeader(),
      ...bodies.slice(-count).map((body, i) => encodeStored({ index: i + 1, timeUs: TIME_US + i, body })),
    ])
  );
}

async function open(): Promise<Session> {
  const decompress = await loadDecompress();
  return {
    run: (input) => {
      const bytes = input.length % 2 === 0 ? mended(input) : input.slice();
      const { entries, damaged, goodBytes } = scanSegment(bytes);
      const disk = new MemoryDisk();
      disk.overwrite(NAME, bytes);
      if (cutTornTail(disk) !== bytes.length - goodBytes) throw new Broken("The tail that is cut is not what is torn");
      const gaps: unknown[] = [];
      const outcomes = new Set<string>();
      let last = 0;
      for (const stored of readJournal(disk, { afterIndex: 0, onGap: (gap) => gaps.push(gap) })) {
        if (stored.index <= last) throw new Broken(`Entry ${stored.index} comes after ${last}`);
        last = stored.index;
        try {
          outcomes.add(decodeArrival(stored, decompress).type);
        } catch (error) {
          const text = said(error);
          if (!text.startsWith("Cannot read journal entry #: ")) throw error;
          outcomes.add(text);
        }
      }
      return `${few(entries.length)} entries, ${few(damaged.length)} damaged, ${few(gaps.length)} gaps: ${
        [...outcomes].sort().at(-1) ?? "nothing"
      }`;
    },
  };
}

/** With the checksum that each entry should have, as far as their lengths lead. */
export function mended(input: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = input.slice();
  const view = new DataView(bytes.buffer);
  for (let at = HEADER_BYTES; at + ENTRY_HEADER_BYTES <= bytes.length;) {
    const end = at + ENTRY_HEADER_BYTES + view.getUint32(at, true);
    if (end > bytes.length) break;
    view.setUint32(at + 4, crc32(bytes.subarray(at + 8, end)), true);
    at = end;
  }
  return bytes;
}

export const SEGMENTS: Target = { name: "segments", format: "bytes", bytesMax: 1 << 18, seeds, open };
