// Apache Kafka behind the few things that are needed of it: topics that are as they must be, what a partition holds last, and
// sending. Each message carries the journal's name and its place in it, by which a process that comes later knows where to go on.
import { Buffer } from "node:buffer";
import { Admin, Consumer, findErrorBy, murmur2, Producer } from "@platformatic/kafka";
import { type Broker, type LastMessage, type PartitionName, TooLarge } from "../publishing/broker.ts";
import type { Message, TopicKind } from "../publishing/messages.ts";
import { PARTIALS_TOPIC } from "../publishing/partials.ts";
import {
  clientOptions,
  type ClusterSettings,
  EARLIEST,
  type FetchPlace,
  lastHeaders,
  producerOptions,
} from "./client.ts";
import { readyTopics, type TopicSettings } from "./topics.ts";

/** How to reach the brokers, and the topics. */
export interface KafkaSettings extends ClusterSettings, TopicSettings {
  /** What is published. */
  topics: readonly TopicKind[];
}

/** A replica that does not keep up is given up after 30 s: what it held up is seen then, or never. */
const SETTLE_MS = 35_000;

const PLACED_MAX = 65_536;
const JOURNAL_HEADER = "journal";
const POSITION_HEADER = "position";
/** Of each message: made once. */
const HEADER_KEYS = { journal: Buffer.from(JOURNAL_HEADER), position: Buffer.from(POSITION_HEADER) };

export class KafkaBroker implements Broker {
  settleMs = 0;
  readonly #settings: KafkaSettings;
  readonly #journalId: Buffer;
  readonly #producer: Producer;
  readonly #partitions = new Map<TopicKind, number>();
  /** Where records of a drone go: it is asked for several times for each. */
  readonly #placed = new Map<string, PartitionName>();

  constructor(settings: KafkaSettings, journalId: string) {
    this.#settings = settings;
    this.#journalId = Buffer.from(journalId);
    this.#producer = new Producer(producerOptions(settings));
  }

  async open(): Promise<Map<PartitionName, LastMessage>> {
    await this.#readyTopics();
    const consumer = new Consumer({ ...clientOptions(this.#settings), groupId: this.#topic("aggregator") });
    try {
      const topics = this.#settings.topics.map((kind) => this.#topic(kind));
      const { topics: known } = await consumer.metadata({ topics });
      const [starts, ends] = [
        await consumer.listOffsets({ topics, timestamp: EARLIEST }),
        await consumer.listOffsets({ topics }),
      ];
      const last = new Map<PartitionName, LastMessage>();
      for (const kind of this.#settings.topics) {
        const topic = known.get(this.#topic(kind));
        if (!topic) throw new Error(`Cannot find the topic ${this.#topic(kind)}`);
        this.#partitions.set(kind, topic.partitionsCount);
        for (const [partition, { leader, leaderEpoch, replicas }] of topic.partitions.entries()) {
          if (leader < 0) {
            throw new Error(`Cannot use ${this.#topic(kind)}: no broker leads its partition ${partition}`);
          }
          const [start, end] = [starts, ends].map((offsets) => offsets.get(this.#topic(kind))?.[partition] ?? 0n);
          const at = { topicId: topic.id, partition, leader, leaderEpoch, end: end! };
          // What was there may have grown too old for the topic.
          const isEmpty = start! >= end!;
          last.set(`${kind}/${partition}`, isEmpty ? { ...NOTHING, end: end! } : await lastMessage(consumer, at));
          if (replicas.length > 1) this.settleMs = SETTLE_MS;
        }
      }
      return last;
    } finally {
      await consumer.close(true);
    }
  }

  partitionOf({ topic, key }: Pick<Message, "topic" | "key">): PartitionName {
    const partitions = this.#partitions.get(topic);
    if (!partitions) throw new Error(`Cannot send to ${this.#topic(topic)}: its partitions are not known`);
    // One order for all of them, by which who adds them up knows when a window is over.
    if (topic === PARTIALS_TOPIC) return `${topic}/0`;
    if (topic !== "telemetry") return `${topic}/${placeOf(key, partitions)}`;
    let name = this.#placed.get(key);
    if (name === undefined) {
      if (this.#placed.size >= PLACED_MAX) this.#placed.clear();
      this.#placed.set(key, name = `${topic}/${placeOf(key, partitions)}`);
    }
    return name;
  }

  async send(messages: readonly Message[]): Promise<Map<PartitionName, bigint>> {
    const sent = this.#producer.send({
      messages: messages.map((message) => {
        const { topic, key, value, position: { index, ordinal } } = message;
        return {
          topic: this.#topic(topic),
          partition: Number(this.partitionOf(message).slice(topic.length + 1)),
          key: Buffer.from(key),
          value: Buffer.from(value.buffer, value.byteOffset, value.length),
          headers: new Map([
            [HEADER_KEYS.journal, this.#journalId],
            [HEADER_KEYS.position, Buffer.from(`${index}/${ordinal}`)],
          ]),
        };
      }),
    });
    const { offsets = [] } = await sent.catch((error: Error) => {
      const isTooLarge = causesOf(error).every((cause) => TOO_LARGE.some((id) => findErrorBy(cause, "apiId", id)));
      throw isTooLarge ? new TooLarge(error.message, { cause: error }) : error;
    });
    const kindOf = new Map(this.#settings.topics.map((kind) => [this.#topic(kind), kind]));
    return new Map(offsets.map(({ topic, partition, offset }) => [`${kindOf.get(topic)}/${partition}`, offset]));
  }

  async close(): Promise<void> {
    await this.#producer.close(true);
  }

  #topic(kind: string): string {
    return `${this.#settings.prefix}-${kind}`;
  }

  async #readyTopics(): Promise<void> {
    const admin = new Admin(clientOptions(this.#settings));
    try {
      const names = new Map(this.#settings.topics.map((kind) => [kind, this.#topic(kind)]));
      await readyTopics(admin, { names, settings: this.#settings });
    } finally {
      await admin.close();
    }
  }
}

/** As Java's clients place it. */
function placeOf(key: string, partitions: number): number {
  return (murmur2(key) & 0x7fff_ffff) % partitions;
}

const TOO_LARGE = ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"];

/** Of all partitions and brokers that a request went to. */
function causesOf(error: Error): Error[] {
  return error instanceof AggregateError ? error.errors.flatMap(causesOf) : [error];
}

const NOTHING: LastMessage = { end: 0n, journalId: null, position: null };

async function lastMessage(consumer: Consumer, place: FetchPlace & { end: bigint }): Promise<LastMessage> {
  const { end } = place;
  const headers = await lastHeaders(consumer, place);
  if (!headers) return { ...NOTHING, end };
  const [, index, ordinal] = /^(\d+)\/(\d+)$/.exec(headers.get(POSITION_HEADER) ?? "") ?? [];
  const position = index && ordinal ? { index: Number(index), ordinal: Number(ordinal) } : null;
  return { end, journalId: headers.get(JOURNAL_HEADER) ?? null, position };
}
