// Reads one region's topic, from where somebody was before to its end, and on as it grows; tries again whatever fails. One partition has
// all of it, in order. Kafka's groups have no part in this: where to go on is known by whoever reads.
import { Consumer } from "@platformatic/kafka";
import { clientOptions, type ClusterSettings, EARLIEST, fetchFrom, type FetchPlace } from "../sinks/kafka/client.ts";
import { describe } from "../sinks/publishing/publisher.ts";
import type { TopicMessage } from "./contribution.ts";
import { ReadingPlace } from "./reading_place.ts";

export interface TopicReaderParts {
  settings: ClusterSettings;
  topic: string;
  /** The message to begin with; null: the first that there is. */
  from: bigint | null;
  /** Some more, in order; `behind`: how many are there beyond them. */
  onMessages: (messages: TopicMessage[], behind: number) => void;
  /** False: others are to catch up first. */
  mayGoOn: () => boolean;
  /** What was in the topic, and cannot be read. */
  onLoss: (what: string) => void;
  /** Why nothing can be read; null: it can again. */
  onTrouble: (why: string | null) => void;
  /** Resolves after so many ms. */
  pause: (ms: number) => Promise<void>;
}

const PARTITION = 0;
const RETRY_MS = 250;
const RETRY_MS_MAX = 5000;
const WAIT_MS = 100;

export class TopicReader {
  readonly #parts: TopicReaderParts;
  readonly #place: ReadingPlace;
  #retryMs = RETRY_MS;
  #closed = false;
  readonly #ended: Promise<void>;

  constructor(parts: TopicReaderParts) {
    this.#parts = parts;
    this.#place = new ReadingPlace(parts.from);
    this.#ended = this.#run();
  }

  /** Resolves when nothing is read any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { settings, topic, onTrouble, pause } = this.#parts;
    while (!this.#closed) {
      let consumer: Consumer | null = null;
      try {
        consumer = new Consumer({ ...clientOptions(settings), groupId: topic });
        await this.#readAll(consumer, await this.#open(consumer));
      } catch (error) {
        onTrouble(describe(error));
        await pause(this.#retryMs);
        this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX);
      } finally {
        await consumer?.close(true).catch(() => {});
      }
    }
  }

  async #open(consumer: Consumer): Promise<FetchPlace> {
    const { topic, onLoss } = this.#parts;
    const { topics } = await consumer.metadata({ topics: [topic] });
    const known = topics.get(topic);
    const partition = known?.partitions[PARTITION];
    if (!known || !partition) throw new Error(`Cannot find the topic ${topic}`);
    const offset = async (timestamp?: bigint) =>
      (await consumer.listOffsets({ topics: [topic], ...timestamp !== undefined && { timestamp } })).get(topic)
        ?.[PARTITION] ?? 0n;
    const loss = this.#place.goOn({ topicId: known.id, first: await offset(EARLIEST), end: await offset() });
    if (loss !== null) onLoss(loss);
    const { leader, leaderEpoch } = partition;
    return { topicId: known.id, partition: PARTITION, leader, leaderEpoch };
  }

  async #readAll(consumer: Consumer, from: FetchPlace): Promise<void> {
    const place = this.#place;
    while (!this.#closed) {
      if (!this.#parts.mayGoOn()) {
        await this.#parts.pause(WAIT_MS);
        continue;
      }
      const offset = place.next;
      const fetched = await fetchFrom(consumer, { ...from, offset });
      const messages: TopicMessage[] = [];
      for (const { firstOffset, lastOffsetDelta, records } of fetched?.records ?? []) {
        for (const { offsetDelta, value } of records) {
          // A batch comes whole, with what was read of it before.
          const at = firstOffset + BigInt(offsetDelta);
          // As a copy: what is kept of one message is not to keep all that came with it.
          if (at >= offset && value) messages.push({ offset: at, value: new Uint8Array(value) });
        }
        const after = firstOffset + BigInt(lastOffsetDelta) + 1n;
        if (after > place.next) place.next = after;
      }
      place.end = fetched?.highWatermark ?? place.end;
      this.#retryMs = RETRY_MS;
      this.#parts.onTrouble(null);
      if (!this.#closed) this.#parts.onMessages(messages, place.behind);
    }
  }
}
