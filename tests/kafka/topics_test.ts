import { ConfigResourceTypes } from "@platformatic/kafka";
import { assertEquals, assertGreater, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { KafkaBroker, type KafkaSettings } from "../../aggregator/sinks/kafka/broker.ts";
import { TooLarge } from "../../aggregator/sinks/publishing/broker.ts";
import type { TopicKind } from "../../aggregator/sinks/publishing/messages.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { inTrouble, published, publishingOf } from "../publishing/published.ts";
import { fly } from "./flight.ts";
import { hasKafka, KafkaServer } from "./kafka_server.ts";

const HOUR_MS = 3_600_000;

/** Partitions and what is set, of one topic. */
async function topicOf(kafka: KafkaServer, topic: string) {
  return await kafka.admin(async (admin) => {
    const { topics } = await admin.metadata({ topics: [topic] });
    const resources = [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic }];
    const [described] = await admin.describeConfigs({ resources });
    const settings = new Map(described!.configs.map(({ name, value }) => [name, value]));
    return { partitions: topics.get(topic)!.partitionsCount, retentionMs: Number(settings.get("retention.ms")) };
  });
}

describe("a topic in Kafka", { ignore: !hasKafka }, () => {
  it("is made as stated, refused as long as it breaks a promise, made anew when it is deleted", async () => {
    await using kafka = await KafkaServer.start();
    await kafka.createTopic("fleet-metrics", { "cleanup.policy": "compact" });
    await kafka.createTopic("fleet-alerts", { "max.message.bytes": "1000", "retention.ms": "1000" });
    await using system = await ChaosSystem.start({
      aggregatorEnv: {
        SLIPSTREAM_KAFKA: kafka.address,
        SLIPSTREAM_KAFKA_PARTITIONS: "2",
        SLIPSTREAM_KAFKA_TELEMETRY_HOURS: "5",
      },
    });
    const early = await fly(system, "early");
    const trouble = await inTrouble(system, "kafka");
    assertMatch(trouble, /fleet-metrics: its cleanup\.policy is compact, and must be delete/);
    assertMatch(trouble, /fleet-alerts: its max\.message\.bytes is 1000, and must be 65536 or more/);
    assertMatch(trouble, /fleet-alerts: its retention\.ms is 1000, and must be 3600000 or more/);
    await kafka.setTopic("fleet-metrics", { "cleanup.policy": "delete" });
    await kafka.setTopic("fleet-alerts", { "max.message.bytes": "65536", "retention.ms": "-1" });
    await published(system, "kafka");
    assertEquals((await kafka.consume("fleet")).counted, early);
    assertEquals(await topicOf(kafka, "fleet-telemetry"), { partitions: 2, retentionMs: 5 * HOUR_MS });
    assertEquals(await topicOf(kafka, "fleet-losses"), { partitions: 2, retentionMs: 168 * HOUR_MS });
    assertEquals((await topicOf(kafka, "fleet-metrics")).partitions, 6, "what is there keeps its partitions");

    await kafka.admin((admin) => admin.deleteTopics({ topics: ["fleet-telemetry"] }));
    const later = await fly(system, "later");
    await published(system, "kafka");
    assertEquals((await publishingOf(system, "kafka")).lost, early);
    assertEquals((await kafka.consume("fleet")).counted, later);

    await kafka.setTopic("fleet-metrics", { "max.message.bytes": "200" });
    const last = await fly(system, "last");
    assertMatch(await inTrouble(system, "kafka"), /fleet-metrics: its max\.message\.bytes is 200/);
    await kafka.setTopic("fleet-metrics", { "max.message.bytes": "65536" });
    await published(system, "kafka");
    const { counted, topics } = await kafka.consume("fleet");
    assertEquals(counted, later + last);
    for (const [topic, { doubled, disorder }] of Object.entries(topics)) {
      assertEquals([doubled, disorder], [0, 0], topic);
    }
    const { sent } = await publishingOf(system, "kafka");
    assertEquals(sent.telemetry, early + later + last);
    assertGreater(sent.metrics, 0);

    await takesNoMoreThan(kafka, 65_536);
  });
});

/** What is too large is told from everything else that may be wrong, and everything else has arrived. */
async function takesNoMoreThan(kafka: KafkaServer, bytes: number): Promise<void> {
  const connect = () => new KafkaBroker(settingsOf(kafka.address), "journal");
  const message = (topic: TopicKind, bytes: number) => ({
    ...{
      topic,
      key: "k",
      path: [],
      value: crypto.getRandomValues(new Uint8Array(bytes)),
      position: { index: 1, ordinal: 0 },
    },
  });
  const before = await looked(connect());
  const broker = connect();
  await broker.open();
  await assertRejects(() => broker.send([message("losses", 10), message("metrics", bytes)]), TooLarge);
  await broker.close();
  const after = await looked(connect());
  const [losses, metrics] = (["losses", "metrics"] as const).map((topic) => broker.partitionOf({ topic, key: "k" }));
  assertEquals(after.get(losses!)!.end, before.get(losses!)!.end + 1n);
  assertEquals(after.get(metrics!)!.end, before.get(metrics!)!.end);
}

async function looked(broker: KafkaBroker) {
  const last = await broker.open();
  await broker.close();
  return last;
}

const OPEN = { caPath: null, login: null };

function settingsOf(address: string): KafkaSettings {
  const topics = ["telemetry", "metrics", "alerts", "losses"] as const;
  const retention = { telemetryMs: HOUR_MS, othersMs: HOUR_MS };
  return { ...{ brokers: [address], prefix: "fleet", topics, partitions: 1, replicas: 1, retention }, ...OPEN };
}
