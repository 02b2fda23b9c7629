// Apache Kafka behind the few things that are needed of it: topics that are as they must be, what a partition holds last, and
// sending. Each message carries the journal's name and its place in it, by which a process that comes later knows where to go on.
import { Buffer } from "node:buffer";
import { Admin, Consumer, findErrorBy, murmur2, Producer } from "@platformatic/kafka";
import { type Broker, type LastMessage, type PartitionName, TooLarge } from "../publishing/broker.ts";
import { type Message, type TopicKind, TOPICS } from "../publishing/messages.ts";
import { readyTopics, type TopicSettings } from "./topics.ts";

/** How to reach the brokers, and the topics. */
export interface KafkaSettings extends TopicSettings {
  /** HOST:PORT of some of them. */
  brokers: string[];
  /** Topics are called so, a dash, and what is in them. */
  prefix: string;
  /** A file with PEM of those who sign the brokers' certificates, or "system"; null: no TLS. */
  caPath: string | null;
  login: { mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512"; username: string; password: string } | null;
}

/** As clients ask for the first offset that there is. */
const EARLIEST = -2n;
/** A replica that does not keep up is given up after 30 s: what it held up is seen then, or never. */
const SETTLE_MS = 35_000;

const JOURNAL_HEADER = "journal";
const POSITION_HEADER = "position";
const CONNECT_MS_MAX = 3000;
const TIMEOUT_MS = 10_000;
const FETCH_BYTES = 1 << 20;
const FETCH_WAIT_MS = 500;
/** Who calls tries again, after it has looked at what came of it. */
const RETRIES = 1;
/** Of an idempotent producer 1 or less is taken for without end: it would never say what is wrong. */
const SEND_RETRIES = 2;

export class KafkaBroker implements Broker {
  settleMs = 0;
  readonly #settings: KafkaSettings;
  readonly #journalId: string;
  readonly #producer: Producer;
  readonly #partitions = new Map<TopicKind, number>();

  constructor(settings: KafkaSettings, journalId: string) {
    this.#settings = settings;
    this.#journalId = journalId;
    const options = { ...clientOptions(settings), retries: SEND_RETRIES };
    this.#producer = new Producer({ ...options, idempotent: true, compression: "zstd" });
  }

  async open(): Promise<Map<PartitionName, LastMessage>> {
    await this.#readyTopics();
    const consumer = new Consumer({ ...clientOptions(this.#settings), groupId: this.#topic("aggregator") });
    try {
      const topics = TOPICS.map((kind) => this.#topic(kind));
      const { topics: known } = await consumer.metadata({ topics });
      const [starts, ends] = [
        await consumer.listOffsets({ topics, timestamp: EARLIEST }),
        await consumer.listOffsets({ topics }),
      ];
      const last = new Map<PartitionName, LastMessage>();
      for (const kind of TOPICS) {
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
    // As Java's clients place it.
    return `${topic}/${(murmur2(key) & 0x7fff_ffff) % partitions}`;
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
            [Buffer.from(JOURNAL_HEADER), Buffer.from(this.#journalId)],
            [Buffer.from(POSITION_HEADER), Buffer.from(`${index}/${ordinal}`)],
          ]),
        };
      }),
    });
    const { offsets = [] } = await sent.catch((error: Error) => {
      const isTooLarge = causesOf(error).every((cause) => TOO_LARGE.some((id) => findErrorBy(cause, "apiId", id)));
      throw isTooLarge ? new TooLarge(error.message, { cause: error }) : error;
    });
    const kindOf = new Map(TOPICS.map((kind) => [this.#topic(kind), kind]));
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
      const names = new Map(TOPICS.map((kind) => [kind, this.#topic(kind)]));
      await readyTopics(admin, { names, settings: this.#settings });
    } finally {
      await admin.close();
    }
  }
}

const TOO_LARGE = ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"];

/** Of all partitions and brokers that a request went to. */
function causesOf(error: Error): Error[] {
  return error instanceof AggregateError ? error.errors.flatMap(causesOf) : [error];
}

const NOTHING: LastMessage = { end: 0n, journalId: null, position: null };

function clientOptions({ brokers, prefix, caPath, login }: KafkaSettings) {
  return {
    clientId: `slipstream-${prefix}`,
    bootstrapBrokers: brokers,
    ...{ connectTimeout: CONNECT_MS_MAX, requestTimeout: TIMEOUT_MS, timeout: TIMEOUT_MS },
    retries: RETRIES,
    retryDelay: 50,
    ...caPath !== null && { tls: caPath === "system" ? {} : { ca: [Deno.readTextFileSync(caPath)] } },
    ...login && { sasl: login },
  };
}

interface LastPlace {
  topicId: string;
  partition: number;
  leader: number;
  leaderEpoch: number;
  end: bigint;
}

async function lastMessage(
  consumer: Consumer,
  { topicId, partition, leader: node, leaderEpoch, end }: LastPlace,
): Promise<LastMessage> {
  const place = { partition, currentLeaderEpoch: leaderEpoch, lastFetchedEpoch: -1, partitionMaxBytes: FETCH_BYTES };
  const topics = [{ topicId, partitions: [{ ...place, fetchOffset: end - 1n }] }];
  const { responses } = await consumer.fetch({ node, topics, minBytes: 1, maxWaitTime: FETCH_WAIT_MS });
  const batch = responses[0]?.partitions[0]?.records?.at(-1);
  const record = batch?.records.at(-1);
  if (!record) return { ...NOTHING, end };
  const headers = new Map(Array.from(record.headers, ([name, value]) => [`${name}`, `${value}`]));
  const [, index, ordinal] = /^(\d+)\/(\d+)$/.exec(headers.get(POSITION_HEADER) ?? "") ?? [];
  const position = index && ordinal ? { index: Number(index), ordinal: Number(ordinal) } : null;
  return { end, journalId: headers.get(JOURNAL_HEADER) ?? null, position };
}
