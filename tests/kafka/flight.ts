// Drones that fly beside a broker that has trouble, and what the aggregator says of it.
import { assertEquals } from "@std/assert";
import { eventually } from "../chaos/eventually.ts";
import { Producer } from "../chaos/producer.ts";
import type { ChaosSystem } from "../chaos/system.ts";

const LIMIT_MS = 60_000;
const RECORDS = 50;

/** Some drones fly, and land when all they have sent is acknowledged. @returns how many records that were */
export async function fly(system: ChaosSystem, name: string): Promise<number> {
  const producer = new Producer({ name, drones: 3, url: () => system.telemetryUrl });
  producer.start();
  await eventually(() => producer.sent().length > RECORDS, LIMIT_MS);
  producer.land();
  assertEquals(await eventually(() => producer.unacknowledged === 0, LIMIT_MS), true, "drones do not wait for Kafka");
  const sent = producer.sent().length;
  await producer.close();
  return sent;
}

/** What the aggregator says of Kafka. */
export async function kafkaOf(system: ChaosSystem) {
  return (await system.fleet()).sinks.kafka!;
}

/** Resolves with the trouble once there is some. */
export async function inTrouble(system: ChaosSystem): Promise<string> {
  let trouble: string | null = null;
  await eventually(async () => (trouble = (await kafkaOf(system)).trouble) !== null, LIMIT_MS);
  return trouble ?? "none";
}

/** Resolves when all but what comes just now is published. */
export async function published(system: ChaosSystem): Promise<void> {
  const isDone = async () => {
    const { trouble, behind } = await kafkaOf(system);
    return trouble === null && behind < 5;
  };
  assertEquals(await eventually(isDone, LIMIT_MS), true, JSON.stringify(await kafkaOf(system)));
}
