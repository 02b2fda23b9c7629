// Where drones were, as the journal has it: each position once, with the time at which it was measured.
import { fromBinary } from "@bufbuild/protobuf";
import { JournalEntrySchema } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { decodeBatch, type RecordColumns } from "../batch/columns.ts";
import type { Decompress } from "../batch/decompress.ts";
import type { Disk } from "../journal/disk.ts";
import { readJournal } from "../journal/reader.ts";
import { noPosition, readPosition } from "../pipeline/drones/readings.ts";
import { SeqSet } from "../pipeline/drones/seq_set.ts";
import type { Slots } from "../pipeline/drones/sessions.ts";
import { PIPELINE_DEFAULTS } from "../pipeline/settings.ts";
import type { PositionView } from "../views.ts";
import { slotsBefore } from "./slots.ts";

/** Positions that were measured from `fromUs` on and before `toUs`, Unix µs; of one drone if that is given. */
export interface TracksQuery {
  droneId: string | undefined;
  fromUs: number;
  toUs: number;
  /** Nothing of this entry or one before it: a drone was erased then, and all of that is about to go. */
  afterIndex: number;
}

/** One position. */
export interface Fix extends Omit<PositionView, "eventTimeUs"> {
  droneId: string;
  edgeId: string;
  bootId: number;
  seq: number;
  flags: number;
  timeUs: number;
  /** The drone's clock cannot have been right: `timeUs` is when it arrived. */
  retimed: boolean;
}

/** No clock is believed to be so far ahead, or a record to have been on its way for so long. */
const AHEAD_US_MAX = 2_000_000;
const LATE_US_MAX = PIPELINE_DEFAULTS.allowedLatenessUs;

/** In the order of their arrival. */
export function* tracksOf(
  { droneId, fromUs, toUs, afterIndex: erasedIndex }: TracksQuery,
  { disk, decompress }: { disk: Pick<Disk, "list" | "read">; decompress: Decompress },
): Generator<Fix> {
  const { sessions, afterIndex } = slotsBefore(disk);
  const seen = new Seen();
  for (const { index, timeUs, body } of readJournal(disk, { afterIndex, onGap: () => {} })) {
    const entry = fromBinary(JournalEntrySchema, body).body;
    if (entry.case !== "batch") continue;
    const { edgeId, session, uplink } = entry.value;
    const { body: message } = fromBinary(EdgeUplinkSchema, uplink);
    if (message.case !== "batch") continue;
    // Of whatever time: slots are told once.
    const slots = sessions.define({ edgeId, session, nowUs: timeUs }, message.value.slots);
    if (index <= erasedIndex || timeUs < fromUs - AHEAD_US_MAX || timeUs >= toUs + LATE_US_MAX) continue;
    const opened = decompress(message.value);
    if ("malformed" in opened) throw new Error(`Cannot read journal entry ${index}: ${opened.malformed}`);
    const { positions, batteries, obstacles, nearDuplicates } = decodeBatch(opened.raw);
    const isWanted = (i: number, columns: RecordColumns) => {
      const source = slots.get(columns.slot[i]!);
      return source && (droneId === undefined || source.drone.doubleOf === droneId || source.drone.droneId === droneId);
    };
    for (let i = 0; i < positions.count; i++) {
      if (!isWanted(i, positions)) continue;
      const { droneId, bootId } = speaker(slots, positions.slot[i]!);
      const [seq, sentUs] = [positions.seq[i]!, positions.eventTimeUs[i]!];
      if (!seen.isNew({ droneId, bootId }, { seq, sentUs })) continue;
      const retimed = sentUs > timeUs + AHEAD_US_MAX || sentUs < timeUs - LATE_US_MAX;
      const measuredUs = retimed ? timeUs : sentUs;
      if (measuredUs < fromUs || measuredUs >= toUs) continue;
      const { eventTimeUs: _, ...position } = noPosition();
      const fix = { ...position, eventTimeUs: sentUs };
      readPosition(positions, i, fix);
      const { eventTimeUs: __, ...read } = fix;
      yield { ...read, droneId, edgeId, bootId, seq, flags: positions.flags[i]!, timeUs: measuredUs, retimed };
    }
    // Without the others the numbers of positions have a hole for each of them.
    for (const columns of [batteries, obstacles, nearDuplicates]) {
      for (let i = 0; i < columns.count; i++) {
        if (!isWanted(i, columns)) continue;
        seen.isNew(speaker(slots, columns.slot[i]!), { seq: columns.seq[i]!, sentUs: columns.eventTimeUs[i]! });
      }
    }
  }
}

function speaker(slots: Slots, slot: number): { droneId: string; bootId: number } {
  const { drone, bootId } = slots.get(slot)!;
  return { droneId: drone.doubleOf ?? drone.droneId, bootId };
}

/** Boots of which it is known what was seen; of more of them the one that was heard of first is forgotten. */
const BOOTS_MAX = 65_536;

/** A batch that came twice, and a record that its drone sent twice, are in the journal twice. */
class Seen {
  readonly #boots = new Map<string, SeqSet>();

  isNew(
    { droneId, bootId }: { droneId: string; bootId: number },
    { seq, sentUs }: { seq: number; sentUs: number },
  ): boolean {
    const key = `${bootId}/${droneId}`;
    let seqs = this.#boots.get(key);
    if (!seqs) {
      this.#boots.set(key, seqs = new SeqSet());
      if (this.#boots.size > BOOTS_MAX) this.#boots.delete(this.#boots.keys().next().value!);
    }
    // Another that goes by the same id was somewhere else.
    return seqs.add(seq, sentUs) || seqs.contradicts(seq, sentUs);
  }
}
