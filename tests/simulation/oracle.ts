// What must be true of a system, whatever was done to it. Knows what drones were promised and what the disk and the
// sink hold, and nothing of how they came to be.
import { fromBinary } from "@bufbuild/protobuf";
import { decodeBatch } from "../../aggregator/columns.ts";
import { loadDecompress } from "../../aggregator/decompress.ts";
import type { Disk } from "../../aggregator/journal/disk.ts";
import { readJournal } from "../../aggregator/journal/reader.ts";
import { PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { replay } from "../../aggregator/replay/replay.ts";
import { JournalEntrySchema } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { Store } from "./store.ts";
import type { System } from "./system.ts";

const decompress = await loadDecompress();

type ReadableDisk = Pick<Disk, "list" | "read">;

/** droneId/bootId/seq of every record that a journal holds, however often. */
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
    for (const { slot, droneId, bootId } of sealed.value.slots) {
      slots.set(`${dictionary}/${slot}`, `${droneId}/${bootId}`);
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

/** Records in windows of whole fleets, and late ones, as the sink holds them. */
export function counted(store: Store): { windows: number; late: number } {
  let [windows, late] = [0, 0];
  for (const { body } of store.rows("tumbling fleet *")) {
    const { records } = JSON.parse(body);
    windows += records.position + records.battery + records.obstacles;
  }
  for (const { body } of store.rows("late")) late += JSON.parse(body).records;
  return { windows, late };
}

/** What the journal gives when it is run again, as a sink holds it, and the outputs as bytes. */
export function rerun(disk: ReadableDisk): { store: Store; bytes: string } {
  const store = new Store();
  const lines: string[] = [];
  const journalId = new TextDecoder().decode(disk.read("id"));
  replay({
    ...{ disk, decompress, settings: PIPELINE_DEFAULTS, fromUs: 0, toUs: Infinity },
    onOutput: (output, { atUs, ordinal }) => {
      lines.push(JSON.stringify({ atUs, ordinal, output }));
    },
  });
  for (const [atUs, outputs] of groups(lines)) store.take(outputs, { journalId, atUs });
  store.flush();
  return { store, bytes: lines.join("\n") };
}

function groups(lines: string[]): Map<number, Parameters<Store["take"]>[0]> {
  const byTime = new Map<number, Parameters<Store["take"]>[0]>();
  for (const line of lines) {
    const { atUs, output } = JSON.parse(line);
    const group = byTime.get(atUs);
    if (group) group.push(output);
    else byTime.set(atUs, [output]);
  }
  return byTime;
}

/** Records that some drone was promised and that are not in the journal. */
export function broken(system: System, disk: ReadableDisk): string[] {
  const held = journalled(disk);
  return system.drones.flatMap((drone) => drone.acknowledged()).filter((record) => !held.has(record));
}
