// What must be true of a system, whatever was done to it. Knows what drones were promised and what the disk and the
// sink hold, and nothing of how they came to be.
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import type { Disk } from "../../aggregator/journal/disk.ts";
import type { GapReport } from "../../aggregator/journal/entries.ts";
import { PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { replay } from "../../aggregator/replay/replay.ts";
import { journalled } from "../journal/journalled.ts";
import { Store } from "./store.ts";
import type { System } from "./system.ts";

const decompress = await loadDecompress();

type ReadableDisk = Pick<Disk, "list" | "read">;

/** Records in windows of whole fleets, and late ones, as the sink holds them. */
export function counted(store: Store): { windows: number; late: number } {
  let [windows, late] = [0, 0];
  for (const { body } of store.rows('["tumbling","fleet","*",')) {
    const { records } = JSON.parse(body);
    windows += records.position + records.battery + records.obstacles;
  }
  for (const { body } of store.rows("late")) late += JSON.parse(body).records;
  return { windows, late };
}

/**
 * What the journal gives when it is run again up to an entry, as a sink holds it, and the outputs as bytes; and what was
 * judged live that the journal lacks.
 */
export function rerun(disk: ReadableDisk, lastIndex: number): { store: Store; bytes: string; lacks: GapReport[] } {
  const store = new Store();
  const lines: string[] = [];
  const journalId = new TextDecoder().decode(disk.read("id"));
  const { unjournalled: lacks } = replay({
    ...{ disk, decompress, settings: PIPELINE_DEFAULTS, fromUs: 0, toUs: Infinity },
    onOutput: (output, { index, atUs, ordinal }) => {
      if (index <= lastIndex) lines.push(JSON.stringify({ index, atUs, ordinal, output }));
    },
  });
  for (const [index, { atUs, outputs }] of groups(lines)) store.take(outputs, { journalId, index, atUs });
  store.flush();
  return { store, bytes: lines.join("\n"), lacks };
}

function groups(lines: string[]): Map<number, { atUs: number; outputs: Parameters<Store["take"]>[0] }> {
  const byEntry = new Map<number, { atUs: number; outputs: Parameters<Store["take"]>[0] }>();
  for (const line of lines) {
    const { index, atUs, output } = JSON.parse(line);
    const group = byEntry.get(index);
    if (group) group.outputs.push(output);
    else byEntry.set(index, { atUs, outputs: [output] });
  }
  return byEntry;
}

/** What the journal holds. Of twins nobody can tell which is which, after a restart least of all. */
export function heldBy({ twins }: Pick<System, "twins">, disk: ReadableDisk): Set<string> {
  const held = journalled(disk);
  return twins ? new Set([...held].map((record) => record.replace(/~\d+(?=\/\d+$)/, ""))) : held;
}

/** Records that some drone was promised and that are not in the journal. */
export function broken(system: System, disk: ReadableDisk): string[] {
  const held = heldBy(system, disk);
  return system.drones.flatMap((drone) => drone.acknowledged()).filter((record) => !held.has(record));
}
