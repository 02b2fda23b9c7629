import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { eventually } from "../chaos/eventually.ts";
import { storedIn } from "../chaos/oracle.ts";
import { Producer } from "../chaos/producer.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { inTrouble, published } from "../publishing/published.ts";
import { hasNats, NatsServer } from "./nats_server.ts";

const LIMIT_MS = 60_000;
const FLIGHT_MS = 1000;
const flight = () => new Promise((resolve) => setTimeout(resolve, FLIGHT_MS));

/** Resolves once it is said that NATS is away, while drones are acknowledged as ever. */
async function toldOf(system: ChaosSystem): Promise<void> {
  assertMatch(await inTrouble(system, "nats"), /closed connection|connection refused/);
  const { alerts } = await (await fetch(`${system.aggregatorUrl}/v1/alerts?state=open`)).json();
  assertMatch(JSON.stringify(alerts), /Cannot publish to NATS: /);
}

describe("the journal in NATS", { ignore: !hasNats }, () => {
  it("has every acknowledged record once, in order, after kills of the aggregator and of the server", async () => {
    await using nats = await NatsServer.start();
    await using system = await ChaosSystem.start({ aggregatorEnv: { SLIPSTREAM_NATS: nats.address } });
    const producer = new Producer({ name: "flown", drones: 20, url: () => system.telemetryUrl });
    producer.start();
    await flight();
    for (const kill of ["aggregator", "server", "aggregator", "server"]) {
      await (kill === "server" ? nats.kill() : system.killAggregator());
      await flight();
      if (kill === "server") await toldOf(system);
      await (kill === "server" ? nats.restart() : system.startAggregator());
      await flight();
    }
    producer.land();
    assertEquals(await eventually(() => producer.unacknowledged === 0, LIMIT_MS), true);
    await producer.close();
    await published(system, "nats");
    await system.stopAggregator();
    const { topics, records, counted, names } = await nats.consume("fleet");
    assertEquals(records, [...storedIn(system.journalPath, "flown")].sort());
    assertEquals(counted, records.length);
    assertGreater(records.length, 1000);
    for (const [topic, { doubled, disorder }] of Object.entries(topics)) {
      assertEquals({ doubled, disorder }, { doubled: 0, disorder: 0 }, topic);
    }
    assertGreater(topics.metrics.messages, 0);
    assertMatch(names.join(" "), /fleet\.metrics\.tumbling\.\w+\.%2A .*fleet\.telemetry\.\w+\.\w+\.flown-1\b/);
  });
});
