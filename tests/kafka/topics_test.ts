import {
  AclOperations,
  AclPermissionTypes,
  ConfigResourceTypes,
  ResourcePatternTypes,
  ResourceTypes,
} from "@platformatic/kafka";
import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { eventually } from "../chaos/eventually.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { PkiRig } from "../identity/pki_rig.ts";
import { fly, inTrouble, kafkaOf, published } from "./flight.ts";
import { hasKafka, KafkaServer } from "./kafka_server.ts";

const LIMIT_MS = 60_000;
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
    const trouble = await inTrouble(system);
    assertMatch(trouble, /fleet-metrics: its cleanup\.policy is compact, and must be delete/);
    assertMatch(trouble, /fleet-alerts: its max\.message\.bytes is 1000, and must be 65536 or more/);
    assertMatch(trouble, /fleet-alerts: its retention\.ms is 1000, and must be 3600000 or more/);
    await kafka.setTopic("fleet-metrics", { "cleanup.policy": "delete" });
    await kafka.setTopic("fleet-alerts", { "max.message.bytes": "65536", "retention.ms": "-1" });
    await published(system);
    assertEquals((await kafka.consume("fleet")).counted, early);
    assertEquals(await topicOf(kafka, "fleet-telemetry"), { partitions: 2, retentionMs: 5 * HOUR_MS });
    assertEquals(await topicOf(kafka, "fleet-losses"), { partitions: 2, retentionMs: 168 * HOUR_MS });
    assertEquals((await topicOf(kafka, "fleet-metrics")).partitions, 6, "what is there keeps its partitions");

    await kafka.admin((admin) => admin.deleteTopics({ topics: ["fleet-telemetry"] }));
    const later = await fly(system, "later");
    await published(system);
    assertEquals((await kafkaOf(system)).lost, early);
    assertEquals((await kafka.consume("fleet")).counted, later);

    // Smaller than any window.
    await kafka.setTopic("fleet-metrics", { "max.message.bytes": "200" });
    const last = await fly(system, "last");
    assertEquals(await eventually(async () => (await kafkaOf(system)).leftOut > 3, LIMIT_MS), true);
    await kafka.setTopic("fleet-metrics", { "max.message.bytes": "65536" });
    await published(system);
    const { counted, topics } = await kafka.consume("fleet");
    assertEquals(counted, later + last, "nothing else is left out");
    for (const [topic, { doubled, disorder }] of Object.entries(topics)) {
      assertEquals([doubled, disorder], [0, 0], topic);
    }
    const { sent } = await kafkaOf(system);
    assertEquals(sent.telemetry, early + later + last);
    assertGreater(sent.metrics, 0);
  });

  it("that is missing and may not be made is told about, until somebody makes it", async () => {
    await using pki = await PkiRig.create();
    const pemPath = await pki.with((open) => open.issueToServer(["localhost"], { hours: 24 }));
    const secured = { pemPath, user: "sink", password: "right", mayNothing: true } as const;
    await using kafka = await KafkaServer.start({ secured });
    const allow = (resource: Pick<typeof ANY_TOPIC, "resourceType" | "resourceName" | "resourcePatternType">) =>
      kafka.admin((admin) => admin.createAcls({ creations: [{ ...resource, ...SINK, operation: AclOperations.ALL }] }));
    await using system = await ChaosSystem.start({
      aggregatorEnv: {
        SLIPSTREAM_KAFKA: kafka.securedAddress,
        SLIPSTREAM_KAFKA_CA: pki.file("ca.pem"),
        SLIPSTREAM_KAFKA_LOGIN: "SCRAM-SHA-256:sink:right",
      },
    });
    const sent = await fly(system, "guest");
    assertMatch(await inTrouble(system), /Cannot make the topic fleet-telemetry, which is missing: .*uthoriz/);
    for (const kind of ["telemetry", "metrics", "alerts", "losses"]) {
      await kafka.createTopic(`fleet-${kind}`);
      await allow({ ...ANY_TOPIC, resourceName: `fleet-${kind}` });
    }
    await published(system);
    assertEquals((await kafka.consume("fleet")).counted, sent);
  });
});

const ANY_TOPIC = {
  ...{ resourceType: ResourceTypes.TOPIC, resourceName: "", resourcePatternType: ResourcePatternTypes.LITERAL },
};
const SINK = { principal: "User:sink", host: "*", permissionType: AclPermissionTypes.ALLOW };
