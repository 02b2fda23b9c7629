import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { eventually } from "../chaos/eventually.ts";
import { Producer } from "../chaos/producer.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { hasMosquitto, Mosquitto } from "../mqtt/mosquitto.ts";
import { hasNats, NatsServer } from "../nats/nats_server.ts";
import { inTrouble, published, publishingOf } from "./published.ts";

const LIMIT_MS = 60_000;

async function fly(system: ChaosSystem, name: string): Promise<void> {
  const producer = new Producer({ name, drones: 3, url: () => system.telemetryUrl });
  producer.start();
  await eventually(() => producer.sent().length > 50, LIMIT_MS);
  producer.land();
  assertEquals(await eventually(() => producer.unacknowledged === 0, LIMIT_MS), true);
  await producer.close();
}

describe("two destinations of one journal", { ignore: !hasNats || !hasMosquitto }, () => {
  it("wait for each other neither when one is away nor after a restart, and each is named", async () => {
    await using nats = await NatsServer.start();
    await using broker = await Mosquitto.start();
    await using system = await ChaosSystem.start({
      aggregatorEnv: { SLIPSTREAM_NATS: nats.address, SLIPSTREAM_MQTT_PUBLISH: broker.address },
    });
    await fly(system, "both");
    for (const name of ["nats", "mqtt"]) await published(system, name);
    await broker.kill();
    await fly(system, "one");
    assertMatch(await inTrouble(system, "mqtt"), /./);
    await published(system, "nats");
    const { alerts } = await (await fetch(`${system.aggregatorUrl}/v1/alerts?state=open`)).json();
    const told = (alerts as { kind: string; detail: string }[]).map(({ kind, detail }) => `${kind} ${detail}`);
    assertEquals([told.includes("degraded mqtt"), told.includes("degraded nats")], [true, false]);

    await system.stopAggregator();
    await broker.restart();
    await system.startAggregator();
    for (const name of ["nats", "mqtt"]) await published(system, name);
    assertEquals((await publishingOf(system, "mqtt")).missing, 0);
    const { counted, records } = await nats.consume("fleet");
    assertEquals(counted, records.length);
  });
});
