// What the journal holds of a drone: its records as they came, and what was lost of them.
import type { Decompress } from "../batch/decompress.ts";
import type { DecodedBatch } from "../batch/columns.ts";
import { slotsBefore } from "../export/slots.ts";
import type { Disk } from "../journal/disk.ts";
import { decodeArrival } from "../journal/entries.ts";
import { readJournal } from "../journal/reader.ts";
import type { Slots } from "../pipeline/drones/sessions.ts";

/** One thing that the journal says of the drone. */
export interface Journalled {
  what: "record" | "near-duplicate" | "loss";
  /** The entry's number, and when it came, Unix µs. */
  entry: number;
  ingestionTimeUs: number;
  edgeId: string;
  [field: string]: unknown;
}

type Kind = Exclude<keyof DecodedBatch, "records">;

const KINDS: Record<Kind, string | null> = {
  positions: "position",
  batteries: "battery",
  obstacles: "obstacles",
  nearDuplicates: null,
};
const HIT_FIELDS = ["hitPresence", "bearingCdeg", "elevationCdeg", "rangeCm", "rangeRateCms"] as const;

/** In order. What is in front of the first checkpoint's slots nobody can name any more. */
export function* journalledOf(
  droneId: string,
  { disk, decompress }: { disk: Pick<Disk, "list" | "read">; decompress: Decompress },
): Generator<Journalled> {
  const { sessions, afterIndex } = slotsBefore(disk);
  for (const stored of readJournal(disk, { afterIndex, onGap: () => {} })) {
    const arrival = decodeArrival(stored, decompress);
    const place = { entry: stored.index, ingestionTimeUs: stored.timeUs };
    if (arrival.type === "batch") {
      const { edgeId, session, sealed, columns } = arrival.batch;
      const slots = sessions.define({ edgeId, session, nowUs: stored.timeUs }, sealed.slots);
      for (const record of recordsOf(droneId, slots, columns)) yield { ...place, edgeId, ...record };
    } else if (arrival.type === "losses") {
      for (const { $typeName: _, $unknown: __, ...loss } of arrival.report.losses) {
        const range = { firstSeq: loss.range?.firstSeq ?? 0, lastSeq: loss.range?.lastSeq ?? 0 };
        if (loss.droneId !== droneId) continue;
        yield { what: "loss", ...place, edgeId: arrival.edgeId, ...loss, timeUs: Number(loss.timeUs), range };
      }
    }
  }
}

type Found = Omit<Journalled, "entry" | "ingestionTimeUs" | "edgeId">;

function* recordsOf(droneId: string, slots: Slots, columns: DecodedBatch): Generator<Found & Pick<Journalled, "what">> {
  for (const kind of Object.keys(KINDS) as Kind[]) {
    const group: Record<string, unknown> & { count: number; slot: Uint32Array } = { ...columns[kind] };
    const { hitCount } = columns.obstacles;
    for (let i = 0, hit = 0; i < group.count; hit += kind === "obstacles" ? hitCount[i]! : 0, i++) {
      const source = slots.get(group.slot[i]!);
      if ((source?.drone.doubleOf ?? source?.drone.droneId) !== droneId) continue;
      const named = KINDS[kind];
      const fields = fieldsOf(group, i);
      const hits = kind === "obstacles" ? { hits: hitsOf(columns, { from: hit, count: hitCount[i]! }) } : {};
      const { bootId } = source!;
      yield {
        what: named === null ? "near-duplicate" : "record",
        ...named !== null && { kind: named },
        bootId,
        ...fields,
        ...hits,
      };
    }
  }
}

/** The i-th value of each column; slots are the edge's own matter. */
function fieldsOf(group: Record<string, unknown>, i: number): Record<string, number> {
  const hidden: readonly string[] = ["slot", "hitCount", ...HIT_FIELDS];
  return Object.fromEntries(
    Object.entries(group).flatMap(([name, column]) => {
      return ArrayBuffer.isView(column) && !hidden.includes(name) ? [[name, (column as Float64Array)[i]!]] : [];
    }),
  );
}

function hitsOf(
  { obstacles }: DecodedBatch,
  { from, count }: { from: number; count: number },
): Record<string, number>[] {
  return Array.from({ length: count }, (_, i) => {
    return Object.fromEntries(HIT_FIELDS.map((name) => [name, obstacles[name][from + i]!]));
  });
}
