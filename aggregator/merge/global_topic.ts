// Where windows of all regions are published: keyed by what they are of, so that the latest revision of each counts, however often it
// comes. With each goes where reading must go on from once it is there: whoever comes later begins with that.
import { Buffer } from "node:buffer";
import { Admin, Consumer, Producer } from "@platformatic/kafka";
import type { KafkaSettings } from "../sinks/kafka/broker.ts";
import { clientOptions, type ClusterSettings, EARLIEST, lastHeaders, producerOptions } from "../sinks/kafka/client.ts";
import type { GlobalOutput } from "./global_window.ts";
import { type Place, readPlace } from "./place.ts";

export type GlobalTopicSettings = ClusterSettings & Pick<KafkaSettings, "partitions" | "replicas">;

const PLACE_HEADER = "place";
const SEND_MESSAGES = 1000;

export class GlobalTopic {
  readonly #settings: GlobalTopicSettings;
  readonly #topic: string;
  readonly #producer: Producer;

  constructor(settings: GlobalTopicSettings) {
    this.#settings = settings;
    this.#topic = `${settings.prefix}-metrics-global`;
    this.#producer = new Producer(producerOptions(settings));
  }

  /** Makes the topic if it is missing. @returns where reading goes on; null: nobody was there before */
  async open(): Promise<Place | null> {
    await this.#make();
    const topic = this.#topic;
    const consumer = new Consumer({ ...clientOptions(this.#settings), groupId: topic });
    try {
      const known = (await consumer.metadata({ topics: [topic] })).topics.get(topic);
      if (!known) throw new Error(`Cannot find the topic ${topic}`);
      const starts = (await consumer.listOffsets({ topics: [topic], timestamp: EARLIEST })).get(topic) ?? [];
      const ends = (await consumer.listOffsets({ topics: [topic] })).get(topic) ?? [];
      const places: Place[] = [];
      for (const [partition, { leader, leaderEpoch }] of known.partitions.entries()) {
        const [start = 0n, end = 0n] = [starts[partition], ends[partition]];
        // What was there may have grown too old for the topic.
        if (start >= end) continue;
        const headers = await lastHeaders(consumer, { topicId: known.id, partition, leader, leaderEpoch, end });
        const place = readPlace(headers?.get(PLACE_HEADER) ?? "");
        if (place) places.push(place);
      }
      return places.reduce<Place | null>((last, place) => last && last.step >= place.step ? last : place, null);
    } finally {
      await consumer.close(true);
    }
  }

  /** @param place where reading goes on once these are there */
  async send(outputs: readonly GlobalOutput[], place: Place): Promise<void> {
    const header = Buffer.from(JSON.stringify(place));
    for (let from = 0; from < outputs.length; from += SEND_MESSAGES) {
      const messages = outputs.slice(from, from + SEND_MESSAGES).map(({ type: kind, window }) => ({
        topic: this.#topic,
        key: Buffer.from(JSON.stringify([kind, window.fleet, window.zone, window.startUs])),
        value: Buffer.from(JSON.stringify({ kind, ...window })),
        headers: new Map([[Buffer.from(PLACE_HEADER), header]]),
      }));
      await this.#producer.send({ messages });
    }
  }

  async close(): Promise<void> {
    await this.#producer.close(true);
  }

  async #make(): Promise<void> {
    const admin = new Admin(clientOptions(this.#settings));
    try {
      const { partitions, replicas } = this.#settings;
      if ((await admin.listTopics()).includes(this.#topic)) return;
      await admin.createTopics({ topics: [this.#topic], partitions, replicas });
    } finally {
      await admin.close();
    }
  }
}
