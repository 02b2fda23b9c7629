import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { eventually } from "../chaos/eventually.ts";
import { Producer } from "../chaos/producer.ts";
import { ChaosSystem } from "../chaos/system.ts";

const DRONES = 10;
/** Longer than these clients wait for an answer: 4 s. */
const AWAY_MS = 7000;
const LOOK_MS = 500;
/** Of ten drones that measure ten times a second. */
const RECORDS_PER_LOOK_MIN = 50;
const DRAIN_MS_MAX = 5000;

describe("a fleet whose aggregator is away for longer than its clients wait", () => {
  it("keeps its connections, is never blind to the edge, and has everything acknowledged seconds after", async () => {
    await using system = await ChaosSystem.start();
    const { received: before } = await edgeRecords(system);
    const producer = new Producer({ name: "outage", drones: DRONES, url: () => system.telemetryUrl });
    producer.start();
    try {
      await eventually(() => producer.connected === DRONES);
      await system.killAggregator();
      const looks: number[] = [];
      let last = (await edgeRecords(system)).received;
      for (let ms = 0; ms < AWAY_MS; ms += LOOK_MS) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        const { received, duplicate } = await edgeRecords(system);
        looks.push(received - duplicate - last);
        last = received - duplicate;
      }
      assertGreater(Math.min(...looks), RECORDS_PER_LOOK_MIN, `new records at the edge: ${looks}`);
      const isAcknowledged = producer.mark();
      await system.startAggregator();
      const beganMs = performance.now();
      await eventually(isAcknowledged, 30_000);
      assertLess(performance.now() - beganMs, DRAIN_MS_MAX);
      producer.land();
      await eventually(() => producer.unacknowledged === 0, 30_000);
      assertEquals([producer.reconnects, producer.unacknowledged, producer.shed().length], [0, 0, 0]);
      const { received, duplicate } = await edgeRecords(system);
      assertEquals([received - before, duplicate], [producer.sent().length, 0], "nothing is sent twice");
    } finally {
      await producer.close();
    }
  });
});

async function edgeRecords(system: ChaosSystem): Promise<{ received: number; duplicate: number }> {
  return (await (await fetch(`${system.edgeUrl}/v1/status`)).json()).records;
}
