// Reads one region's topic, from where somebody was before to its end, and on as it grows; tries again whatever fails. One partition has
// all of it, in order. Kafka's groups have no part in this: where to go on is known by whoever reads.
import { Consumer } from "@platformatic/kafka";
import { clientOptions, type ClusterSettings, fetchFrom, type FetchPlace } from "../sinks/kafka/client.ts";
import { describe } from "../sinks/publishing/publisher.ts";
import type { TopicMessage } from "./contribution.ts";

export interface TopicReaderParts {
  settings: ClusterSettings;
  topic: string;
  /** The message to begin with; null: the first that there is. */
  from: bigint | null;
  /** Some more, in order; `behind`: how many are there beyond them. */
  onMessages: (messages: TopicMessage[], behind: number) => void;
  /** False: others are to catch up first. */
  mayGoOn: () => boolean;
  /** Messages that the topic no longer holds, from offset to offset. */
  onGap: (gap: { first: bigint; last: bigint }) => void;
  /** Why nothing can be read; null: it can again. */
  onTrouble: (why: string | null) => void;
  /** Resolves after so many ms. */
  pause: (ms: number) => Promise<void>;
}

/** As clients ask for the first offset that there is. */
const EARLIEST = -2n;
const PARTITION = 0;
const RETRY_MS = 250;
const RETRY_MS_MAX = 5000;
const WAIT_MS = 100;

export class TopicReader {
  readonly #parts: TopicReaderParts;
  #next: bigint | null;
  #retryMs = RETRY_MS;
  #closed = false;
  readonly #ended: Promise<void>;

  constructor(parts: TopicReaderParts) {
    this.#parts = parts;
    this.#next = parts.from;
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
      const consumer = new Consumer({ ...clientOptions(settings), groupId: topic });
      try {
        await this.#readAll(consumer, await this.#open(consumer));
      } catch (error) {
        onTrouble(describe(error));
        await pause(this.#retryMs);
        this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX);
      } finally {
        await consumer.close(true).catch(() => {});
      }
    }
  }

  async #open(consumer: Consumer): Promise<FetchPlace> {
    const { topic, onGap } = this.#parts;
    const { topics } = await consumer.metadata({ topics: [topic] });
    const known = topics.get(topic);
    const partition = known?.partitions[PARTITION];
    if (!known || !partition) throw new Error(`Cannot find the topic ${topic}`);
    const starts = await consumer.listOffsets({ topics: [topic], timestamp: EARLIEST });
    const first = starts.get(topic)?.[PARTITION] ?? 0n;
    if (this.#next !== null && first > this.#next) onGap({ first: this.#next, last: first - 1n });
    if (this.#next === null || first > this.#next) this.#next = first;
    const { leader, leaderEpoch } = partition;
    return { topicId: known.id, partition: PARTITION, leader, leaderEpoch };
  }

  async #readAll(consumer: Consumer, place: FetchPlace): Promise<void> {
    while (!this.#closed) {
      if (!this.#parts.mayGoOn()) {
        await this.#parts.pause(WAIT_MS);
        continue;
      }
      const offset = this.#next!;
      const fetched = await fetchFrom(consumer, { ...place, offset });
      if (!fetched) throw new Error(`Cannot read ${this.#parts.topic}: the brokers answer nothing`);
      const messages: TopicMessage[] = [];
      for (const { firstOffset, lastOffsetDelta, records } of fetched.records ?? []) {
        for (const { offsetDelta, value } of records) {
          // A batch comes whole, with what was read of it before.
          const at = firstOffset + BigInt(offsetDelta);
          // As a copy: what is kept of one message is not to keep all that came with it.
          if (at >= offset && value) messages.push({ offset: at, value: new Uint8Array(value) });
        }
        const after = firstOffset + BigInt(lastOffsetDelta) + 1n;
        if (after > this.#next!) this.#next = after;
      }
      this.#retryMs = RETRY_MS;
      this.#parts.onTrouble(null);
      if (!this.#closed) this.#parts.onMessages(messages, Number(fetched.highWatermark - this.#next!));
    }
  }
}
