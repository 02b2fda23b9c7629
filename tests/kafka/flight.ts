// Drones that fly beside a broker that has trouble.
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
