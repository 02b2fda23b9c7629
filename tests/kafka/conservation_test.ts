import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { eventually } from "../chaos/eventually.ts";
import { storedIn } from "../chaos/oracle.ts";
import { Producer } from "../chaos/producer.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { published } from "../publishing/published.ts";
import { hasKafka, KafkaServer } from "./kafka_server.ts";

const LIMIT_MS = 60_000;
const FLIGHT_MS = 1500;
const flight = () => new Promise((resolve) => setTimeout(resolve, FLIGHT_MS));

describe("the journal in Kafka", { ignore: !hasKafka }, () => {
  it("has every acknowledged record once, in order, after kills of the aggregator and of the broker", async () => {
    await using kafka = await KafkaServer.start();
    const aggregatorEnv = {
      SLIPSTREAM_KAFKA: kafka.address,
      SLIPSTREAM_KAFKA_PARTITIONS: "3",
      SLIPSTREAM_REGION: "eu",
    };
    await using system = await ChaosSystem.start({ aggregatorEnv });
    const producer = new Producer({ name: "flown", drones: 20, url: () => system.telemetryUrl });
    producer.start();
    await flight();
    for (const kill of ["aggregator", "broker", "aggregator"]) {
      await (kill === "broker" ? kafka.kill() : system.killAggregator());
      await flight();
      await (kill === "broker" ? kafka.restart() : system.startAggregator());
      await flight();
    }
    producer.land();
    assertEquals(await eventually(() => producer.unacknowledged === 0, LIMIT_MS), true);
    await producer.close();
    await published(system, "kafka");
    await system.stopAggregator();
    const { topics, records, counted } = await kafka.consume("fleet");
    assertEquals(records, [...storedIn(system.journalPath, "flown")].sort());
    assertEquals(counted, records.length);
    assertGreater(records.length, 1000);
    for (const [topic, { doubled, disorder }] of Object.entries(topics)) {
      assertEquals({ doubled, disorder }, { doubled: 0, disorder: 0 }, topic);
    }
    assertGreater(topics.metrics.messages, 0);
    assertGreater(topics["metrics-partial"].messages, 0);
  });
});
