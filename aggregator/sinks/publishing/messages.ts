// What an entry of the journal becomes for others: its records, windows, alerts and losses, in order, each with its place. The same
// journal gives the same messages with the same places, from whichever checkpoint on: that is what a restart relies on.
import { lossView } from "../../batch/losses.ts";
import type { Decompress } from "../../batch/decompress.ts";
import { apply, type Arrival, decodeArrival } from "../../journal/entries.ts";
import type { StoredEntry } from "../../journal/format.ts";
import type { AlertEvent, Output } from "../../outputs.ts";
import { Pipeline, type PipelineSettings } from "../../pipeline/pipeline.ts";
import type { Counted } from "../../pipeline/records/counting.ts";
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

export function isAfter(a: Position, b: Position): boolean {
  return a.index > b.index || (a.index === b.index && a.ordinal > b.ordinal);
}

export interface Message {
  topic: TopicKind;
  key: string;
  /** From general to particular, for those who have names within names. */
  path: readonly string[];
  value: Uint8Array;
  position: Position;
}

type Unplaced = Omit<Message, "position">;

/** Counts, so that what is wanted has the same place whatever else is. */
const UNWANTED: Unplaced = { topic: "telemetry", key: "", path: [], value: new Uint8Array() };

const encoder = new TextEncoder();

/** Runs the journal's entries through a pipeline of its own. */
export class JournalMessages {
  readonly pipeline: Pipeline;
  readonly #decompress: Decompress;
  readonly #topics: readonly TopicKind[];
  readonly #partials: RegionPartials | null;
  #records: Unplaced[] = [];

  constructor(
    settings: PipelineSettings,
    { decompress, topics, region }: {
      decompress: Decompress;
      /** Those that are wanted. */
      topics: readonly TopicKind[];
      /** Whose windows are published in parts as well; null: none are. */
      region: string | null;
    },
  ) {
    this.#decompress = decompress;
    this.#topics = topics;
    const areRecordsWanted = topics.includes("telemetry");
    const onCounted = (counted: Counted) => {
      this.#records.push(areRecordsWanted ? recordOf(counted, region) : UNWANTED);
    };
    const arePartialsWanted = topics.includes(PARTIALS_TOPIC);
    const partials = this.#partials = region !== null && arePartialsWanted ? new RegionPartials(region) : null;
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
    const placed = messages.map((message, ordinal) => ({ ...message, position: { index: stored.index, ordinal } }));
    return placed.filter(({ topic }) => this.#topics.includes(topic));
  }
}

function recordOf(counted: Counted, region: string | null): Unplaced {
  const { fleet, zone, droneId, value } = fleetMessage(counted, region);
  return { topic: "telemetry", key: droneId, path: [fleet, zone, droneId], value };
}

function messageOf(output: Output): Unplaced[] {
  switch (output.type) {
    case "tumbling":
    case "sliding": {
      const { type: kind, window } = output;
      const path = [kind, window.fleet, window.zone];
      const key = JSON.stringify([...path, window.startUs]);
      return [{ topic: "metrics", key, path, value: json({ kind, ...window }) }];
    }
    case "alert":
      return [alertOf(output.alert)];
    case "late":
      return [lossOf(output.late.droneId, { reason: "late", ...output.late })];
    default:
      return [];
  }
}

function lossesOf(arrival: Arrival): Unplaced[] {
  if (arrival.type !== "losses") return [];
  return arrival.report.losses.map((loss) => lossOf(loss.droneId, lossView(loss, arrival)));
}

function alertOf(alert: AlertEvent): Unplaced {
  const key = `${alert.alertId}`;
  return { topic: "alerts", key, path: [alert.kind, key], value: json(alert) };
}

function lossOf(droneId: string, loss: object): Unplaced {
  return { topic: "losses", key: droneId, path: [droneId], value: json(loss) };
}

function json(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}
