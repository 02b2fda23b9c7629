// For how long nobody could be warned of a drone: between two of its positions that came fresh to the aggregator, as its
// journal has them.
import { fromBinary } from "@bufbuild/protobuf";
import { decodeBatch } from "../../aggregator/batch/columns.ts";
import type { Decompress } from "../../aggregator/batch/decompress.ts";
import type { Disk } from "../../aggregator/journal/disk.ts";
import { readJournal } from "../../aggregator/journal/reader.ts";
import { JournalEntrySchema } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";

/** A position that is older than this when it comes says little of where the drone is. */
const FRESH_US = 1e6;

/** When fresh positions came, Unix µs, ascending, by drone. */
export type Heard = Map<string, number[]>;

export function heardIn(disk: Pick<Disk, "list" | "read">, decompress: Decompress): Heard {
  const heard: Heard = new Map();
  const slots = new Map<string, string>();
  for (const { body, timeUs } of readJournal(disk, { afterIndex: 0, onGap: () => {} })) {
    const entry = fromBinary(JournalEntrySchema, body).body;
    if (entry.case !== "batch") continue;
    const { edgeId, session, uplink } = entry.value;
    const sealed = fromBinary(EdgeUplinkSchema, uplink).body;
    if (sealed.case !== "batch") continue;
    for (const { slot, droneId } of sealed.value.slots) slots.set(`${edgeId}/${session}/${slot}`, droneId);
    const opened = decompress(sealed.value);
    if ("malformed" in opened) throw new Error(`Cannot read a batch of ${edgeId}: ${opened.malformed}`);
    const { positions, nearDuplicates } = decodeBatch(opened.raw);
    // One that was suppressed says that the drone is where it was.
    for (const { count, slot, eventTimeUs } of [positions, nearDuplicates]) {
      for (let i = 0; i < count; i++) {
        const droneId = slots.get(`${edgeId}/${session}/${slot[i]}`);
        if (droneId === undefined || timeUs - eventTimeUs[i]! > FRESH_US) continue;
        const times = heard.get(droneId) ?? [];
        heard.set(droneId, times);
        if (times.at(-1) !== timeUs) times.push(timeUs);
      }
    }
  }
  return heard;
}

/** The longest such time of each drone that was over between `fromUs` and `toUs`, in ms, ascending. */
export function gapsMs(heard: Heard, { fromUs, toUs }: { fromUs: number; toUs: number }): number[] {
  const gaps = Array.from(heard.values(), (times) => {
    let worstUs = 0;
    for (const [i, us] of times.entries()) {
      if (us > fromUs && us <= toUs) worstUs = Math.max(worstUs, us - (times[i - 1] ?? us));
    }
    return worstUs / 1000;
  });
  return gaps.sort((a, b) => a - b);
}
