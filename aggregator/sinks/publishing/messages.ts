// What an entry of the journal becomes for others: its records, windows, alerts and losses, in order, each with its place. The same
// journal gives the same messages with the same places, from whichever checkpoint on: that is what a restart relies on.
import { lossView } from "../../batch/losses.ts";
import type { Decompress } from "../../batch/decompress.ts";
import { apply, type Arrival, decodeArrival } from "../../journal/entries.ts";
import type { StoredEntry } from "../../journal/format.ts";
import type { Output } from "../../outputs.ts";
import { Pipeline, type PipelineSettings } from "../../pipeline/pipeline.ts";
import { fleetMessage } from "./fleet_records.ts";
import { PARTIALS_TOPIC, RegionPartials } from "./partials.ts";

/** What goes where; the topics' names are these behind a prefix. Partial windows only where a region is set. */
export const TOPICS = ["telemetry", "metrics", "alerts", "losses", PARTIALS_TOPIC] as const;

export type TopicKind = typeof TOPICS[number];

/** The entry of the journal that a message is of, and which of that entry's messages it is. */
export interface Position {
  index: number;
  ordinal: number;
}

export interface Message {
  topic: TopicKind;
  key: string;
  value: Uint8Array;
  position: Position;
}

type Unplaced = Omit<Message, "position">;

const encoder = new TextEncoder();

/** Runs the journal's entries through a pipeline of its own. */
export class JournalMessages {
  readonly pipeline: Pipeline;
  readonly #decompress: Decompress;
  readonly #partials: RegionPartials | null;
  #records: Unplaced[] = [];

  /** @param region whose windows are published in parts as well; null: none are */
  constructor(settings: PipelineSettings, { decompress, region }: { decompress: Decompress; region: string | null }) {
    this.#decompress = decompress;
    const onCounted = (counted: Parameters<typeof fleetMessage>[0]) => {
      const { droneId: key, value } = fleetMessage(counted);
      this.#records.push({ topic: "telemetry", key, value });
    };
    const partials = this.#partials = region === null ? null : new RegionPartials(region);
    this.pipeline = new Pipeline(settings, { onCounted, ...partials && { onTumbling: partials.onTumbling } });
  }

  /** @throws {Error} when the entry is not of a journal's making */
  of(stored: StoredEntry): Message[] {
    this.#records = [];
    const arrival = decodeArrival(stored, this.#decompress);
    this.#partials?.begin(this.pipeline.windowsBefore);
    const { outputs } = apply(this.pipeline, { arrival, timeUs: stored.timeUs });
    const partials = this.#partials?.end(this.pipeline.windowsBefore) ?? [];
    // They come last: the places of others do not depend on whether there are any.
    const messages = [...this.#records, ...outputs.flatMap(messageOf), ...lossesOf(arrival), ...partials];
    return messages.map((message, ordinal) => ({ ...message, position: { index: stored.index, ordinal } }));
  }
}

function messageOf(output: Output): Unplaced[] {
  switch (output.type) {
    case "tumbling":
    case "sliding": {
      const { type: kind, window } = output;
      const key = [kind, window.fleet, window.zone, window.startUs];
      return [{ topic: "metrics", key: JSON.stringify(key), value: json({ kind, ...window }) }];
    }
    case "alert":
      return [{ topic: "alerts", key: `${output.alert.alertId}`, value: json(output.alert) }];
    case "late":
      return [{ topic: "losses", key: output.late.droneId, value: json({ reason: "late", ...output.late }) }];
    default:
      return [];
  }
}

function lossesOf(arrival: Arrival): Unplaced[] {
  if (arrival.type !== "losses") return [];
  return arrival.report.losses.map((loss) => ({
    topic: "losses",
    key: loss.droneId,
    value: json(lossView(loss, arrival)),
  }));
}

function json(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}
