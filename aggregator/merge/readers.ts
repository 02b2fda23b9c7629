// All regions' topics, read side by side: none runs far ahead while another still catches up, or what waits for that one would have to be
// kept.
import type { Log } from "../../platform/log.ts";
import type { ClusterSettings } from "../sinks/kafka/client.ts";
import type { Merger, Outcome } from "./merger.ts";
import type { Place } from "./place.ts";
import { TopicReader } from "./topic_reader.ts";

/** How it goes with one region. */
export interface Reading {
  /** Messages that are in its topic and not read; null: that is not known yet. */
  behind: number | null;
  /** Why it cannot be read; null: it can. */
  trouble: string | null;
}

export interface ReadersParts {
  settings: ClusterSettings;
  topics: ReadonlyMap<string, string>;
  merger: Pick<Merger, "take" | "lack" | "regions">;
  place: Place | null;
  /** Nobody reads on: what comes of it cannot be let go of. */
  isHeldUp: () => boolean;
  /** Unix ms. */
  now: () => number;
  pause: (ms: number) => Promise<void>;
  log: Log;
}

const WRONG: Partial<Record<Outcome, string>> = {
  stranger: "of another region",
  unreadable: "that cannot be read, or say what cannot be",
};
/** Of event time. */
const AHEAD_S_MAX = 60;

export class Readers {
  readonly view = new Map<string, Reading>();
  readonly #parts: ReadersParts;
  readonly #catchingUp: Set<string>;
  readonly #told = new Set<string>();
  readonly #readers: TopicReader[];

  constructor(parts: ReadersParts) {
    this.#parts = parts;
    this.#catchingUp = new Set(parts.topics.keys());
    this.#readers = Array.from(parts.topics, ([region, topic]) => this.#open(region, topic));
  }

  /** What was there when it began is not read yet, of regions that can be read. */
  get isCatchingUp(): boolean {
    return this.#catchingUp.size > 0;
  }

  async close(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.close()));
  }

  #open(region: string, topic: string): TopicReader {
    const { settings, merger, place, isHeldUp, pause, log } = this.#parts;
    const reading: Reading = { behind: null, trouble: null };
    this.view.set(region, reading);
    const from = place?.offsets[region];
    return new TopicReader({
      ...{ settings, topic, pause, from: from === undefined ? null : BigInt(from) },
      mayGoOn: () => !isHeldUp() && !this.#isAhead(region),
      onMessages: (messages, behind) => {
        const nowS = this.#parts.now() / 1000;
        for (const message of messages) this.#tell(topic, merger.take(region, message, { nowS }));
        reading.behind = behind;
        if (behind === 0) this.#catchingUp.delete(region);
      },
      onLoss: (what) => {
        merger.lack(region);
        log("warn", `${topic} ${what}: windows lack what was there`);
      },
      onTrouble: (why) => {
        // Nobody waits for one that is not there.
        if (why !== null) this.#catchingUp.delete(region);
        if (why !== null && reading.trouble === null) log("warn", `Cannot read ${topic}: ${why}`);
        if (why === null && reading.trouble !== null) log("info", `${topic} can be read again`);
        reading.trouble = why;
      },
    });
  }

  /** Once for each topic. */
  #tell(topic: string, outcome: Outcome): void {
    const why = WRONG[outcome];
    if (why === undefined || this.#told.has(`${topic} ${outcome}`)) return;
    this.#told.add(`${topic} ${outcome}`);
    this.#parts.log("warn", `${topic} has messages ${why}: they are left out, and counted`);
  }

  #isAhead(region: string): boolean {
    const { regions } = this.#parts.merger;
    const behindS = regions.filter(({ name }) => this.#catchingUp.has(name)).map(({ firedS }) => firedS);
    const ownS = regions.find(({ name }) => name === region)?.firedS ?? 0;
    return ownS > Math.min(Infinity, ...behindS) + AHEAD_S_MAX;
  }
}
