import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { eventually } from "../chaos/eventually.ts";
import { storedIn } from "../chaos/oracle.ts";
import { Producer } from "../chaos/producer.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { Command } from "../e2e/command.ts";
import { type Consumed, runPython } from "../publishing/consumed.ts";
import { inTrouble, published } from "../publishing/published.ts";
import { hasMosquitto, Mosquitto } from "./mosquitto.ts";

const hasPaho = await new Command("python3", ["-c", "import paho.mqtt"]).succeeds();
const LIMIT_MS = 60_000;
const FLIGHT_MS = 1000;
const flight = () => new Promise((resolve) => setTimeout(resolve, FLIGHT_MS));
/** What waits for whoever has subscribed outlives the broker, without an end. */
const KEEPS = ["allow_anonymous true", "autosave_on_changes true", "autosave_interval 1", "max_queued_messages 0"];

/** Resolves once somebody hears all; `found`: what that was, once `end` was published. */
async function hear(broker: Mosquitto): Promise<{ found: Promise<Consumed> }> {
  const ready = Promise.withResolvers<void>();
  const args = [`${broker.port}`, "slipstream"];
  const hearing = runPython(new URL("hear.py", import.meta.url), { args, onOutput: ready.resolve });
  await Promise.race([ready.promise, hearing]);
  return { found: hearing.then((text) => JSON.parse(text.slice("ready\n".length))) };
}

async function end(broker: Mosquitto): Promise<void> {
  const args = ["-p", `${broker.port}`, "-q", "1", "-t", "slipstream/end", "-m", ""];
  assertEquals(await new Command("mosquitto_pub", args).succeeds(), true);
}

async function fly(system: ChaosSystem, name: string, during = flight): Promise<void> {
  const producer = new Producer({ name, drones: 10, url: () => system.telemetryUrl });
  producer.start();
  await during();
  producer.land();
  assertEquals(await eventually(() => producer.unacknowledged === 0, LIMIT_MS), true, "drones do not wait for MQTT");
  await producer.close();
}

describe("the journal in MQTT", { ignore: !hasMosquitto || !hasPaho }, () => {
  it("comes at least once and in order, after kills of the aggregator and of the broker", async () => {
    await using broker = await Mosquitto.start({ settings: KEEPS });
    const { found } = await hear(broker);
    await using system = await ChaosSystem.start({
      aggregatorEnv: {
        SLIPSTREAM_MQTT_PUBLISH: broker.address,
        SLIPSTREAM_MQTT_PUBLISH_TOPICS: "telemetry,metrics,alerts,losses",
      },
    });
    await fly(system, "flown-a", async () => {
      for (let kills = 0; kills < 2; kills++) {
        await flight();
        await system.killAggregator();
        await flight();
        await system.startAggregator();
      }
      await flight();
    });
    await published(system, "mqtt");
    await broker.kill();
    await fly(system, "flown-b");
    assertMatch(await inTrouble(system, "mqtt"), /refused|ended the connection/i);
    const { alerts } = await (await fetch(`${system.aggregatorUrl}/v1/alerts?state=open`)).json();
    assertMatch(JSON.stringify(alerts), /Cannot publish to MQTT: /);
    await broker.restart();
    await published(system, "mqtt");
    await system.stopAggregator();
    await end(broker);
    const { topics, records, names } = await found;
    assertEquals(records, [...storedIn(system.journalPath, "flown")].sort());
    assertGreater(records.length, 500);
    for (const [topic, { disorder }] of Object.entries(topics)) assertEquals(disorder, 0, topic);
    assertGreater(topics.metrics.messages, 0);
    assertMatch(
      names.join(" "),
      /slipstream\/metrics\/tumbling\/\w+\/%2A .*slipstream\/telemetry\/\w+\/\w+\/flown-a-1\b/,
    );
  });
});
