// What a journal holds, read without the pipeline: the judge of what was kept.
import { fromBinary } from "@bufbuild/protobuf";
import { decodeBatch } from "../../aggregator/batch/columns.ts";
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import type { Disk } from "../../aggregator/journal/disk.ts";
import { readJournal } from "../../aggregator/journal/reader.ts";
import { JournalEntrySchema } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";

const decompress = await loadDecompress();

type ReadableDisk = Pick<Disk, "list" | "read">;

/**
 * droneId/bootId/seq of every record that a journal holds, however often; of a drone that is not the only one with its id
 * and boot droneId/bootId~source/seq, except for the first.
 */
export function journalled(disk: ReadableDisk): Set<string> {
  const slots = new Map<string, string>();
  const found = new Set<string>();
  for (const { body } of readJournal(disk, { afterIndex: firstIndex(disk) - 1, onGap: () => {} })) {
    const entry = fromBinary(JournalEntrySchema, body).body;
    if (entry.case !== "batch") continue;
    const { edgeId, session, uplink } = entry.value;
    const sealed = fromBinary(EdgeUplinkSchema, uplink).body;
    if (sealed.case !== "batch") continue;
    const dictionary = `${edgeId}/${session}`;
    for (const { slot, droneId, bootId, source } of sealed.value.slots) {
      slots.set(`${dictionary}/${slot}`, `${droneId}/${bootId}${source > 0 ? `~${source}` : ""}`);
    }
    const opened = decompress(sealed.value);
    if ("malformed" in opened) continue;
    const { positions, batteries, obstacles, nearDuplicates } = decodeBatch(opened.raw);
    for (const { count, slot, seq } of [positions, batteries, obstacles, nearDuplicates]) {
      for (let i = 0; i < count; i++) {
        const source = slots.get(`${dictionary}/${slot[i]}`);
        if (source !== undefined) found.add(`${source}/${seq[i]}`);
      }
    }
  }
  return found;
}

function firstIndex(disk: ReadableDisk): number {
  for (const { index } of readJournal(disk, { afterIndex: 0, onGap: () => {} })) return index;
  return 1;
}
