import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import type { KafkaSettings } from "../../aggregator/sinks/kafka/broker.ts";
import type { NatsSettings } from "../../aggregator/sinks/nats/broker.ts";

type Env = Record<string, string>;

const ALL: Env = { SLIPSTREAM_KAFKA: "k:9092", SLIPSTREAM_NATS: "n:4222", SLIPSTREAM_MQTT_PUBLISH: "m:1883" };

describe("where the journal is published", () => {
  it("is nowhere, or wherever it is said", () => {
    const namesOf = (env: Env) => readAggregatorConfig(env).publishedTo.map(({ destination }) => destination.name);
    assertEquals(namesOf({}), []);
    for (const [name, value] of Object.entries(ALL)) assertEquals(namesOf({ [name]: value }).length, 1);
    assertEquals(namesOf(ALL), ["kafka", "nats", "mqtt"]);
  });

  it("tells MQTT no records, unless it is to", () => {
    const topicsOf = (env: Env) => readAggregatorConfig({ ...ALL, ...env }).publishedTo.at(-1)?.topics;
    assertEquals(topicsOf({}), ["metrics", "alerts", "losses"]);
    assertEquals(topicsOf({ SLIPSTREAM_MQTT_PUBLISH_TOPICS: "telemetry, alerts" }), ["telemetry", "alerts"]);
  });

  it("tells MQTT what a region's windows are made of, where there is a region", () => {
    const env = { ...ALL, SLIPSTREAM_MQTT_PUBLISH_TOPICS: "metrics-partial", SLIPSTREAM_REGION: "eu" };
    assertEquals(readAggregatorConfig(env).publishedTo.at(-1)?.topics, ["metrics-partial"]);
  });

  it("keeps nothing for longer than what names a drone may be kept", () => {
    const DAY_MS = 86_400_000;
    const env = { ...ALL, SLIPSTREAM_RETENTION_DAYS: "2", SLIPSTREAM_KAFKA_TELEMETRY_HOURS: "200" };
    const [kafka, nats] = readAggregatorConfig(env).publishedTo.map(({ settings }) => settings);
    assertEquals((kafka as KafkaSettings).retention, { telemetryMs: 2 * DAY_MS, othersMs: 2 * DAY_MS });
    assertEquals((nats as NatsSettings).keptMs, 2 * DAY_MS);
  });

  it("is read with what proves who it is", () => {
    const settingsOf = (env: Env) => readAggregatorConfig(env).publishedTo[0]?.settings as Record<string, unknown>;
    const nats = (login: string) =>
      settingsOf({ SLIPSTREAM_NATS: "n:4222", SLIPSTREAM_NATS_CA: "system", SLIPSTREAM_NATS_LOGIN: login }).login;
    assertEquals({ ...nats("user:sink:a:b") as object }, {
      user: "sink",
      pass: "a:b",
      token: undefined,
      credsPath: undefined,
    });
    assertEquals((nats("token:t") as Env).token, "t");
    assertEquals((nats("creds:/etc/nats.creds") as Env).credsPath, "/etc/nats.creds");
    const mqtt = { SLIPSTREAM_MQTT_PUBLISH: "[::1]:8883", SLIPSTREAM_MQTT_PUBLISH_CA: "ca.pem" };
    assertEquals(settingsOf({ ...mqtt, SLIPSTREAM_MQTT_PUBLISH_LOGIN: "sink:a:b" }), {
      ...{ host: "::1", port: 8883, prefix: "slipstream", caPath: "ca.pem" },
      login: { username: "sink", password: "a:b" },
    });
  });

  for (
    const [env, why] of [
      [{ SLIPSTREAM_NATS: "n" }, "SLIPSTREAM_NATS=n: must be HOST:PORT"],
      [{ SLIPSTREAM_NATS_PREFIX: "a.b" }, "must be 1 to 64 letters, digits, dashes"],
      [{ SLIPSTREAM_NATS_LOGIN: "sink" }, "must be user:NAME:PASSWORD, token:TOKEN or creds:FILE"],
      [{ SLIPSTREAM_NATS_LOGIN: "token:t" }, "needs SLIPSTREAM_NATS_CA"],
      [{ SLIPSTREAM_MQTT_PUBLISH: "mqtt://m:1883" }, "must be HOST:PORT of a broker"],
      [{ SLIPSTREAM_MQTT_PUBLISH_TOPICS: "windows" }, "must be some of telemetry, metrics, alerts, losses"],
      [{ SLIPSTREAM_MQTT_PUBLISH_TOPICS: "metrics-partial" }, "needs SLIPSTREAM_REGION"],
      [{ SLIPSTREAM_MQTT_PUBLISH_LOGIN: "sink:right" }, "needs SLIPSTREAM_MQTT_PUBLISH_CA"],
      ...Object.keys(ALL).map((name): [Env, string] => [{ SLIPSTREAM_JOURNAL: ":memory:" }, `${name}=`]),
    ] as [Env, string][]
  ) {
    it(`is refused where it cannot be right: ${why}`, () => {
      assertThrows(() => readAggregatorConfig({ ...ALL, ...env }), TypeError, why);
    });
  }
});
