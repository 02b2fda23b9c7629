// The journal once more, through a pipeline of its own: the same journal and settings give the same outputs, byte for
// byte, on any machine.
import type { Decompress } from "../batch/decompress.ts";
import { checkpointName, decodeCheckpoint, listCheckpoints } from "../journal/checkpoints.ts";
import type { Disk } from "../journal/disk.ts";
import { apply, decodeArrival, type GapReport } from "../journal/entries.ts";
import { readIdentity } from "../journal/identity.ts";
import { type Gap, listSegments, readJournal } from "../journal/reader.ts";
import type { Output } from "../outputs.ts";
import { Pipeline, type PipelineSettings } from "../pipeline/pipeline.ts";

export interface ReplayParts {
  disk: Pick<Disk, "list" | "read">;
  decompress: Decompress;
  settings: PipelineSettings;
  /** Names of settings that keep these values, whatever the journal says of them. */
  fixed?: ReadonlySet<string>;
  /** Ingestion times, in Unix µs: outputs of entries from `fromUs` on and before `toUs`. */
  fromUs: number;
  toUs: number;
  /** `index`: the entry's number; `ordinal`: place among the outputs of one entry. */
  onOutput: (output: Output, place: { index: number; atUs: number; ordinal: number }) => void;
}

export interface Replayed {
  /** 0: the journal was complete. Otherwise the checkpoint's entry with which what is left of it begins. */
  baseIndex: number;
  entries: number;
  outputs: number;
  gaps: Gap[];
  /** What was judged live and is not in the journal: behind it the replay may rightly differ. */
  unjournalled: GapReport[];
}

/** @throws {Error} when the journal's beginning is gone, and no checkpoint stands for it */
export function replay(
  { disk, decompress, settings, fixed = new Set(), fromUs, toUs, onOutput }: ReplayParts,
): Replayed {
  const pipeline = new Pipeline(settings, { fixed });
  const replayed: Replayed = {
    baseIndex: restoreBase(disk, pipeline),
    entries: 0,
    outputs: 0,
    gaps: [],
    unjournalled: [],
  };
  pipeline.skipAlertIds(readIdentity(disk)?.alertsAfter ?? 0);
  const onGap = (gap: Gap) => replayed.gaps.push(gap);
  for (const stored of readJournal(disk, { afterIndex: replayed.baseIndex, onGap })) {
    const { timeUs } = stored;
    replayed.entries++;
    const arrival = decodeArrival(stored, decompress);
    if (arrival.type === "gap") replayed.unjournalled.push(arrival.gap);
    const { outputs } = apply(pipeline, { arrival, timeUs });
    // Not the end: the host's clock may have been set back later.
    if (timeUs < fromUs || timeUs >= toUs) continue;
    replayed.outputs += outputs.length;
    for (const [ordinal, output] of outputs.entries()) onOutput(output, { index: stored.index, atUs: timeUs, ordinal });
  }
  return replayed;
}

function restoreBase(disk: Pick<Disk, "list" | "read">, pipeline: Pipeline): number {
  const first = listSegments(disk)[0]?.firstIndex ?? 1;
  if (first === 1) return 0;
  for (const index of listCheckpoints(disk)) {
    if (index < first - 1) continue;
    const checkpoint = decodeCheckpoint(disk.read(checkpointName(index)));
    if (!checkpoint) continue;
    pipeline.restore(checkpoint.state);
    return index;
  }
  throw new Error(
    `Cannot replay: the journal begins with entry ${first}, and no checkpoint stands for what was before`,
  );
}
