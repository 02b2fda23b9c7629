// One pipeline that is given all that several aggregators have journalled, in the order of time: what it says of each window at last.
import { readOnlyDisk } from "../../aggregator/journal/disk.ts";
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import { apply, decodeArrival } from "../../aggregator/journal/entries.ts";
import type { StoredEntry } from "../../aggregator/journal/format.ts";
import { type Gap, readJournal } from "../../aggregator/journal/reader.ts";
import type { Output } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import type { OwnRow } from "../parity/windows.ts";

const decompress = await loadDecompress();
/** Their alerts, and what people did, are nobody's here. */
const OF_WINDOWS = ["batch", "tick", "edge"];

/** @param journals folders, of aggregators that heard other records each */
export function wholeWindows(
  journals: readonly string[],
  { latenessS }: { latenessS: number },
): { rows: OwnRow[]; /** Records that were too late for any. */ late: number } {
  const entries = journals.flatMap((folder) => [...inOrder(folder)]).sort((a, b) => a.atUs - b.atUs);
  const pipeline = new Pipeline({ ...PIPELINE_DEFAULTS, allowedLatenessUs: latenessS * 1e6 });
  const rows = entries.flatMap(({ stored }) => {
    const arrival = decodeArrival(stored, decompress);
    if (!OF_WINDOWS.includes(arrival.type)) return [];
    return apply(pipeline, { arrival, timeUs: stored.timeUs }).outputs.flatMap(rowOf);
  });
  return { rows, late: pipeline.fleet().records.late };
}

/** Each with a time that never goes back: entries stay in their journal's order, whatever times they have. */
function* inOrder(folder: string): Generator<{ stored: StoredEntry; atUs: number }> {
  const onGap = ({ firstIndex, lastIndex }: Gap) => {
    throw new Error(`Cannot read ${folder}: it lacks entries ${firstIndex} to ${lastIndex}`);
  };
  let atUs = 0;
  for (const stored of readJournal(readOnlyDisk(folder), { afterIndex: 0, onGap })) {
    atUs = Math.max(atUs, stored.timeUs);
    yield { stored, atUs };
  }
}

function rowOf(output: Output): OwnRow[] {
  if (output.type === "tumbling") return [{ kind: "tumbling", ...output.window }];
  return output.type === "sliding" ? [{ kind: "sliding", ...output.window }] : [];
}
